import Foundation
import HDF5
import Testing

@testable import Reports

struct ReportTests {
  /// Writes a report into a fresh folder and hands over the bytes of its files by name.
  private func files(_ content: ReportContent) throws -> [String: Data] {
    let folder = NSTemporaryDirectory() + "report-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var files: [String: Data] = [:]
    for path in try Report(content).write(to: folder) {
      #expect(path.hasPrefix(folder + "/"))
      files[String(path.dropFirst(folder.count + 1))] = try Data(
        contentsOf: URL(fileURLWithPath: path))
    }
    let left = try FileManager.default.subpathsOfDirectory(atPath: folder)
    #expect(!left.contains { $0.contains("partial") })
    return files
  }

  @Test func aReportHasAllItsFiles() throws {
    let files = try files(SyntheticZoo(seeds: 2).content)
    for name in [
      "report.html", "results.nc", "pairs.csv", "calibration.csv", "layers.csv", "models.csv",
      "families.csv", "family_statistics.csv", "features.csv", "run.json", "layout.yaml",
      "figures/ranking-families.svg",
      "figures/models.csv",
    ] {
      #expect(files[name]?.isEmpty == false, "\(name)")
    }
    let drawings = files.keys.filter { $0.hasSuffix(".svg") }
    for name in drawings { #expect(files[name.dropLast(3) + "csv"] != nil) }
  }

  @Test func theSameContentGivesTheSameBytes() throws {
    let first = try files(SyntheticZoo(seeds: 2).content)
    var later = SyntheticZoo(seeds: 2).content
    later.run.started = "2030-01-01T00:00:00Z"
    later.run.stages = [.init(name: "read", seconds: 99)]
    later.run.peakMemory = 1
    later.run.command[4] = "elsewhere"
    let second = try files(later)
    #expect(first.keys.sorted() == second.keys.sorted())
    for name in first.keys where name != "run.json" {
      #expect(first[name] == second[name], "\(name)")
    }
  }

  @Test func theRunRecordFollowsItsSchema() throws {
    let text = try RunJSON(content: SmallZoo.content()).text()
    let object = try #require(
      JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    #expect(object["schema"] as? Int == 1)
    #expect(object["version"] as? String == "1.2.3")
    #expect(object["command"] as? [String] == ["universality", "zoo", "-o", "out"])
    #expect(object["seed"] as? Int == 7)
    #expect(object["peak_memory_bytes"] as? Int == 4096)
    #expect((object["libraries"] as? [String: String]) == ["HDF5": "1.10.8"])
    let inputs = object["inputs"] as? [[String: Any]]
    #expect(inputs?.first?["sha256"] as? String == "ab12")
    let metrics = object["metrics"] as? [[String: Any]]
    #expect(metrics?.first?["conventions"] as? String == "columns centred")
    let layers = object["representations"] as? [[String: Any]]
    #expect(layers?.count == 3)
    for key in ["n", "d", "rank", "directions", "model", "layer"] {
      #expect(layers?.first?[key] != nil, "\(key)")
    }
    for key in ["notes", "skipped", "stages", "alignment", "limits", "models", "options"] {
      #expect(object[key] != nil, "\(key)")
    }
  }

  @Test func theArraysHaveTheirDimensions() {
    let file = ResultsNetCDF(SmallZoo.content()).file
    let lengths = Dictionary(uniqueKeysWithValues: file.dimensions.map { ($0.name, $0.length) })
    #expect(
      lengths == ["metric": 1, "a": 3, "b": 3, "model_index": 2, "family_index": 2, "reason": 1])
    let variables = Dictionary(uniqueKeysWithValues: file.variables.map { ($0.name, $0) })
    #expect(variables["similarity"]?.dimensions == ["metric", "a", "b"])
    #expect(variables["a"]?.values == .text(["cnn, small/conv\"1\"", "cnn, small/fc", "mlp/h"]))
    for name in ["model", "layer", "family", "depth", "trained", "role", "universality"] {
      #expect(variables[name]?.dimensions == ["a"], "\(name)")
    }
    guard case .real(let scores)? = variables["universality"]?.values else {
      Issue.record("universality holds no numbers")
      return
    }
    #expect(scores[0].isNaN && scores[1].isNaN && scores[2] == 0.375)
    #expect(variables["missing_because"]?.dimensions == ["metric", "a", "b"])
    #expect(file.attributes["seed"] == .string("7"))
  }

  @Test func aZooOfOneLayerOrWithoutMetricsIsReported() throws {
    var zoo = SyntheticZoo(families: ["mlp"], seeds: 1, layers: 1)
    zoo.hasUntrained = false
    zoo.hasInput = false
    var content = zoo.content
    content.findings = nil
    #expect(try files(content).count > 8)
    content.matrices = []
    #expect(try files(content)["figures/models.svg"] == nil)
    content.activations.representations = []
    content.diagnostics = []
    #expect(try files(content)["report.html"]?.isEmpty == false)
  }

  @Test func aComparisonIsWrittenInEachFormat() throws {
    let folder = NSTemporaryDirectory() + "compare-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for format in ComparisonFile.Format.allCases {
      let path = folder + "/x." + format.rawValue
      try ComparisonFile(SmallZoo.content()).write(to: path, as: format)
      let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
      switch format {
      case .csv: #expect(bytes.starts(with: Data("metric,model_a".utf8)))
      case .json:
        let object = try #require(
          JSONSerialization.jsonObject(with: bytes) as? [String: Any])
        let metrics = try #require(object["metrics"] as? [[String: Any]])
        let rows = try #require(metrics[0]["similarity"] as? [[Any]])
        #expect(rows[0][1] as? Double == 0.1)
        #expect(rows[1][2] is NSNull)
        #expect((metrics[0]["missing"] as? [[String: Any]])?.count == 1)
      case .nc, .h5: #expect(bytes.starts(with: [0x89, 0x48, 0x44, 0x46]))
      }
    }
  }

  @Test func aFileWithoutARankingHasNoPlaceForOne() {
    func ranks(_ content: ReportContent) -> [String] {
      ComparisonFile(content).resultFile.variables.map(\.name)
        .filter { $0.contains("rank") || $0.contains("universality") || $0.contains("ci_") }
    }
    var content = SmallZoo.content()
    #expect(ranks(content).contains("universality") && ranks(content).contains("model_rank"))
    content.findings = nil
    #expect(ranks(content).isEmpty)
    #expect(
      ComparisonFile(content).resultFile.variables.map(\.name).contains("similarity"))
  }

  @Test func thePageShowsWhatDecidesAboutTheResultsAlone() {
    var run = SmallZoo.content().run
    run.command = [
      "universality", "report", "my dumps", "-o", "out", "--seed", "7", "--cache=/tmp/c", "--quiet",
      "--threads", "4", "--select", "*/conv*", "--memory", "8GB", "--no-cache", "--output", "x",
    ]
    #expect(
      run.commandText == "universality report 'my dumps' --seed 7 --select '*/conv*'")
    run.analysis = ["universality", "a.h5", "--shard", "1/2", "-o", "shards"]
    #expect(run.commandText == "universality a.h5")
  }

  @Test func aFolderThatCannotBeMadeIsAnErrorWithHelp() throws {
    let path = NSTemporaryDirectory() + "file-\(UUID().uuidString)"
    try Data().write(to: URL(fileURLWithPath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    let error = #expect(throws: ReportError.self) {
      try Report(SmallZoo.content()).write(to: path)
    }
    #expect(error?.description.contains("help: ") == true)
  }
}
