import Foundation
import Reports
import Testing

/// `universality run`, and the studies of this repository.
@Suite struct RunStudyTests {
  /// A folder with a zoo and a study beside it.
  private func folder(_ yaml: String) throws -> URL {
    let folder = BuiltCommand.temporaryFolder()
    let zoo = folder.appendingPathComponent("zoo")
    try FileManager.default.createDirectory(at: zoo, withIntermediateDirectories: true)
    for name in ["cnn-s0.h5", "cnn-s1.h5", "mlp-s0.h5", "mlp-s1.h5", "gru-s0.h5"] {
      try FileManager.default.copyItem(
        atPath: BuiltCommand.digitsZoo + "/" + name, toPath: zoo.appendingPathComponent(name).path)
    }
    let study = folder.appendingPathComponent("study")
    try FileManager.default.createDirectory(at: study, withIntermediateDirectories: true)
    try Data(yaml.utf8).write(to: study.appendingPathComponent("analysis.yaml"))
    return folder
  }

  private static let yaml = """
    question: Who is first?
    dumps: ../zoo
    metric: [cka-debiased, cka]
    permutations: 19
    bootstrap: 10
    runs:
      study:
        results: [families.csv, layer_identification.csv]
        figures: ranking-families
      negative-control:
        shuffle: all
        results: [families.csv]
    """

  private func contents(_ folder: URL) throws -> [String: Data] {
    var files: [String: Data] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: folder.path) {
      files[name] = FileManager.default.contents(atPath: folder.appendingPathComponent(name).path)
    }
    return files
  }

  private func scores(_ file: URL) throws -> [Double] {
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
    let column = try #require(lines[0].split(separator: ",").firstIndex(of: "universality"))
    return lines.dropFirst().map {
      Double($0.split(separator: ",", omittingEmptySubsequences: false)[column]) ?? .nan
    }
  }

  @Test func aStudyLeavesItsResultsAndTheSameBytesTheNextTime() throws {
    let folder = try folder(Self.yaml)
    defer { try? FileManager.default.removeItem(at: folder) }
    let study = folder.appendingPathComponent("study")
    let file = study.appendingPathComponent("analysis.yaml").path
    let first = try BuiltCommand.run("run", file, "--threads", "2")
    #expect(first.exitCode == 0, "\(first.errors)")
    #expect(first.output.hasPrefix("Who is first?\n\nstudy:\n  Across 3 architecture families"))
    #expect(first.errors.contains("run 'negative-control', 2 of 2"))
    let files = try contents(study)
    #expect(
      files.keys.filter { $0.contains(".") }.sorted() == [
        "analysis.yaml", "figures/study/ranking-families.svg",
        "results/negative-control/families.csv", "results/record.json",
        "results/study/families.csv", "results/study/layer_identification.csv",
      ])
    // Shuffled, nothing is left.
    let control = try scores(study.appendingPathComponent("results/negative-control/families.csv"))
    #expect(control.count == 3 && control.allSatisfy { $0 < 0.05 })
    let found = try scores(study.appendingPathComponent("results/study/families.csv"))
    #expect(found.count == 3 && found.allSatisfy { $0 > 0.3 })

    let again = try BuiltCommand.run(
      "run", file, "--threads", "1", "--json", "--quiet", "--memory", "4GB")
    #expect(again.exitCode == 0 && again.errors.isEmpty, "\(again.errors)")
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(again.output.utf8)) as? [String: Any])
    #expect((object["runs"] as? [Any])?.count == 2)
    #expect((object["files"] as? [String])?.count == 5)
    #expect(try contents(study) == files)
  }

  /// What is kept is what `report` with the same options writes.
  @Test func aRunIsTheReportWithTheSameOptions() throws {
    let folder = try folder(
      """
      question: q
      dumps: [../zoo/cnn-s0.h5, ../zoo/mlp-s0.h5]
      metric: cka
      rank-by: cka
      permutations: 0
      bootstrap: 0
      select: '*/dense*'
      runs: {study: {results: [pairs.csv, layers.csv]}}
      """)
    defer { try? FileManager.default.removeItem(at: folder) }
    let study = folder.appendingPathComponent("study")
    let run = try BuiltCommand.run("run", study.appendingPathComponent("analysis.yaml").path)
    #expect(run.exitCode == 0, "\(run.errors)")
    let report = folder.appendingPathComponent("report")
    let zoo = folder.appendingPathComponent("zoo").path
    let direct = try BuiltCommand.run([
      "report", zoo + "/cnn-s0.h5", zoo + "/mlp-s0.h5", "--metric", "cka", "--rank-by", "cka",
      "--permutations", "0", "--bootstrap", "0", "--select", "*/dense*", "-o", report.path,
      "--no-cache",
    ])
    #expect(direct.exitCode == 0, "\(direct.errors)")
    for name in ["pairs.csv", "layers.csv"] {
      let kept = try Data(contentsOf: study.appendingPathComponent("results/study/" + name))
      #expect(try Data(contentsOf: report.appendingPathComponent(name)) == kept)
    }
  }

  @Test func aDryRunPrintsTheCommandsAndWritesNothing() throws {
    let folder = try folder(Self.yaml)
    defer { try? FileManager.default.removeItem(at: folder) }
    let study = folder.appendingPathComponent("study")
    let outcome = try BuiltCommand.run(
      "run", study.appendingPathComponent("analysis.yaml").path, "--dry-run")
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(
      outcome.output.contains(
        "# negative-control\nuniversality report --metric=cka-debiased --metric=cka "
          + "--permutations=19 --bootstrap=10 --shuffle=all -- ../zoo\n"))
    #expect(outcome.output.contains("5 models"))
    #expect(try contents(study).count == 1)
  }

  @Test func whatIsWrongIsSaidWithFileAndHelpBeforeTheWork() throws {
    func expect(
      _ code: Int32, _ words: String..., yaml: String,
      location: SourceLocation = #_sourceLocation
    ) throws {
      let folder = try folder(yaml)
      defer { try? FileManager.default.removeItem(at: folder) }
      let study = folder.appendingPathComponent("study")
      let outcome = try BuiltCommand.run(
        "run", study.appendingPathComponent("analysis.yaml").path)
      #expect(outcome.exitCode == code, "\(outcome.errors)", sourceLocation: location)
      for word in words + ["help: "] {
        #expect(outcome.errors.contains(word), "\(outcome.errors)", sourceLocation: location)
      }
      #expect(try contents(study).count == 1, sourceLocation: location)
    }
    let run = "runs: {study: {results: [families.csv]}}"
    try expect(64, "analysis.yaml:2", "'metrics'", yaml: "question: q\nmetrics: cka\n\(run)")
    try expect(64, "run 'study'", "meann", yaml: "question: q\ndumps: ../zoo\npool: meann\n\(run)")
    try expect(64, "run 'study'", "ckaa", yaml: "question: q\ndumps: ../zoo\nmetric: ckaa\n\(run)")
    try expect(
      64, "run 'study'", "distance", yaml: "question: q\ndumps: ../zoo\nrank-by: shape\n\(run)")
    try expect(4, "analysis.yaml:3", "no YAML", yaml: "question: q\ndumps: [\n")
    try expect(4, "run 'study'", "no-such-zoo", yaml: "question: q\ndumps: ../no-such-zoo\n\(run)")
    let missing = try BuiltCommand.run("run", "no-such.yaml")
    #expect(missing.exitCode == 4 && missing.errors.contains("no-such.yaml: there is no such file"))
  }

  /// An option that `report` has is either one of a study, or about the machine and the moment.
  @Test func everyOptionOfAReportHasItsPlace() throws {
    let help = try BuiltCommand.run("report", "--help").output
    let options = Set(help.matches(of: /(?m)^  (?:-\w, )?--([a-z-]+)/).map { String($0.1) })
    let outside: Set<String> = [
      "output", "memory", "threads", "dry-run", "strict", "json", "quiet", "color", "cache",
      // What a file may open is for whoever runs a study to say, not for the study.
      "no-cache", "version", "help", "unsafe-allow", "shard",
    ]
    let folder = try folder("question: q\nother: x\nruns: {}\n")
    defer { try? FileManager.default.removeItem(at: folder) }
    let message = try BuiltCommand.run(
      "run", folder.appendingPathComponent("study/analysis.yaml").path
    ).errors
    let list = try #require(message.firstMatch(of: /known keys: (.*)/)?.1)
    let known = Set(list.split(separator: ", ").map(String.init))
    #expect(options.count > 20)
    #expect(options.subtracting(outside).subtracting(known).sorted() == [])
    #expect(
      known.subtracting(options).sorted() == ["dumps", "figures", "question", "results", "runs"])
  }
}

/// The studies in `Analyses`.
@Suite struct RepositoryStudyTests {
  static let folders: [URL] = {
    let analyses = BuiltCommand.repository.appendingPathComponent("Analyses")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: analyses.path)) ?? []
    return names.sorted().map { analyses.appendingPathComponent($0) }.filter {
      FileManager.default.fileExists(atPath: $0.appendingPathComponent("analysis.yaml").path)
    }
  }()

  @Test func thereAreAtLeastSix() { #expect(Self.folders.count >= 6) }

  @Test(arguments: folders)
  func aStudyIsCompleteAndItsAccountNamesItsFiles(_ folder: URL) throws {
    let study = try StudyFile(path: folder.appendingPathComponent("analysis.yaml").path)
    let names = study.runs.map(\.name)
    #expect(names.contains("study"))
    #expect(names.contains("positive-control") && names.contains("negative-control"))
    let text = try String(contentsOf: folder.appendingPathComponent("README.md"), encoding: .utf8)
    #expect(text.contains(study.question))
    for heading in ["## Prediction", "## Method", "## Answer", "## Controls", "## Limits"] {
      let isThere = text.contains(heading)
      #expect(isThere, "\(heading)")
    }
    var kept: Set<String> = ["results/record.json"]
    for run in study.runs {
      kept.formUnion(run.results.map { "results/\(run.name)/\($0)" })
      kept.formUnion(run.figures.map { "figures/\(run.name)/\($0).svg" })
    }
    for name in kept {
      let isNamed = text.contains(name)
      #expect(isNamed, "\(name)")
    }
    var found: Set<String> = []
    for part in ["results", "figures"] {
      let path = folder.appendingPathComponent(part).path
      let names = (try? FileManager.default.subpathsOfDirectory(atPath: path)) ?? []
      found.formUnion(names.filter { $0.contains(".") }.map { part + "/" + $0 })
    }
    #expect(found == kept)
    // What can be read at a glance stays small.
    let bytes = try found.reduce(0) { sum, name in
      sum + (try Data(contentsOf: folder.appendingPathComponent(name)).count)
    }
    #expect(bytes < 1_000_000)
  }

  /// The list of all studies has a row for each.
  @Test func theListNamesEveryStudy() throws {
    let list = try String(
      contentsOf: BuiltCommand.repository.appendingPathComponent("Analyses/README.md"),
      encoding: .utf8)
    for folder in Self.folders {
      let isNamed = list.contains("(\(folder.lastPathComponent)/README.md)")
      #expect(isNamed, "\(folder)")
    }
  }
}
