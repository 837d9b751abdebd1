import Foundation
import Testing

/// What newcomers stumble over.
@Suite struct UsabilityTests {
  private func usageErrors(_ words: [String]) throws -> String {
    let outcome = try BuiltCommand.run(words)
    #expect(outcome.exitCode == 64, "\(words): \(outcome.errors)")
    return outcome.errors
  }

  @Test func filesOfTheUserAreNotReplacedByAReport() throws {
    let zoo = try BuiltCommand.zooCopy(["mlp-s0.h5"])
    defer { try? FileManager.default.removeItem(at: zoo) }
    let folder = zoo.appendingPathComponent("results")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let options = [
      "report", zoo.path + "/mlp-s0.h5", "-o", folder.path, "--permutations", "0", "--bootstrap",
      "0",
    ]
    let mine = folder.appendingPathComponent("models.csv")
    try Data("mine\n".utf8).write(to: mine)
    let errors = try usageErrors(options)
    #expect(errors.contains("models.csv") && errors.contains("help: "), "\(errors)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["models.csv"])
    #expect(try String(contentsOf: mine, encoding: .utf8) == "mine\n")
    // A record of something else makes no report of it.
    try Data("{\"files\": 3}".utf8).write(to: folder.appendingPathComponent("run.json"))
    #expect(try usageErrors(options).contains("models.csv"))
    // An empty folder will do, and then the report that is in it.
    for name in ["models.csv", "run.json"] {
      try FileManager.default.removeItem(at: folder.appendingPathComponent(name))
    }
    for _ in 0..<2 {
      let outcome = try BuiltCommand.run(options)
      #expect(outcome.exitCode == 0, "\(outcome.errors)")
    }
  }

  @Test func negativeNumbersAreValuesAndNotOptions() throws {
    let cases = [
      (["report", "x", "--seed", "-1"], "'-1' is invalid for '--seed <n>'"),
      (["compare", "x", "--memory", "-5"], "'-5' is invalid for '--memory <size>'"),
      (["compare", "x", "--threads", "-2"], "--threads must be at least 1"),
      (["report", "x", "--permutations", "-3"], "--permutations must not be negative"),
      (["report", "x", "--bootstrap", "-3"], "--bootstrap must not be negative"),
      (["features", "x", "--top", "-1"], "--top must not be negative"),
      (["features", "x", "--seed", "-1"], "a whole number from 0"),
      (["compare", "x", "--memory", "lots"], "such as 512MB or 8GB"),
    ]
    for (words, message) in cases {
      let errors = try usageErrors(words)
      #expect(errors.contains(message), "\(words): \(errors)")
      #expect(!errors.contains("Missing value"), "\(words): \(errors)")
    }
  }

  @Test func namesWithLineBreaksStayOnTheirLine() throws {
    let folder = BuiltCommand.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    for (index, name) in ["a\nb", "c\u{1B}[31md", "層"].enumerated() {
      try SafetensorsDump.write(
        to: "\(folder.path)/\(index).safetensors", rows: 40,
        about: ["model": name, "family": "family of \(name)"], layers: ["x": 6, "y\nz": 5],
        seed: UInt64(index))
    }
    let report = try BuiltCommand.run(
      "report", folder.path, "-o", folder.path + "/report", "--permutations", "19", "--bootstrap",
      "10")
    #expect(report.exitCode == 0, "\(report.errors)")
    let rows = report.output.split(separator: "\n").filter { $0.contains("[") }
    #expect(rows.contains { $0.contains("a\\u{A}b") }, "\(report.output)")
    #expect(!report.output.contains("\u{1B}") && !report.errors.contains("\u{1B}"))
    // The columns stand below each other: wide letters take two.
    let table = report.output.split(separator: "\n", omittingEmptySubsequences: false)
      .drop { !$0.hasPrefix("rank      model") }
    #expect(table.count >= 4)
    let features = try BuiltCommand.run("features", folder.path, "--top", "50", "--quiet")
    #expect(features.exitCode == 0, "\(features.errors)")
    #expect(features.output.contains("y\\u{A}z"))
    #expect(!features.output.contains("y\nz"))
    let inspect = try BuiltCommand.run("inspect", folder.path, "--verbose")
    #expect(inspect.output.contains("a\\u{A}b") && !inspect.output.contains("\u{1B}"))
  }

  @Test func commandsOfferOnlyOptionsThatDoSomething() throws {
    let useless = [
      "inspect": ["--memory", "--threads", "--precision", "--dry-run"],
      "features": ["--precision"], "fingerprint": ["--precision"],
      "merge": ["--precision", "--dry-run", "--pool"],
    ]
    for (command, options) in useless {
      let help = try BuiltCommand.run(command, "--help").output
      #expect(help.contains("--strict") && help.contains("--json"), "\(command)")
      for option in options {
        #expect(!help.contains(option), "\(command) \(option)")
        let value = option == "--dry-run" ? [] : ["1"]
        _ = try usageErrors([command, "x", "-o", "x.h5", option] + value)
      }
    }
    #expect(try BuiltCommand.run("features", "--help").output.contains("--memory"))
  }

  /// What is not above chance, without intervals, stands in the order of the zoo.
  @Test func ranksThatMeanNothingSaySo() throws {
    let folder = BuiltCommand.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    for index in 0..<3 {
      try SafetensorsDump.write(
        to: "\(folder.path)/\(index).safetensors", rows: 60,
        about: ["model": "m\(index)", "family": "f\(index)"], layers: ["x": 6],
        seed: UInt64(100 + index))
    }
    let report = try BuiltCommand.run(
      "report", folder.path, "-o", folder.path + "/report", "--permutations", "199", "--bootstrap",
      "0")
    let unranked = report.output.split(separator: "\n").filter { $0.contains(" 0.000 ") }
    #expect(unranked.count >= 2, "\(report.output)")
    for row in unranked { #expect(row.contains("–3)"), "\(report.output)") }
  }

  @Test func aFileThatIsNoLayoutIsSaidSoInWords() throws {
    let folder = BuiltCommand.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("layout.yaml")
    for (text, words) in [
      ("a: 1\n", "there is no 'version'"), ("a: [1\n", "not valid YAML"),
      ("version: [1]\n", "another kind"),
    ] {
      try Data(text.utf8).write(to: file)
      let errors = try usageErrors(["inspect", BuiltCommand.digitsZoo, "--layout", file.path])
      #expect(errors.contains(words), "\(errors)")
      #expect(!errors.contains("DecodingError") && !errors.contains("CodingKeys"), "\(errors)")
    }
  }

  @Test func usageErrorsPointToTheHelpOfTheirCommand() throws {
    for (words, command) in [
      (["compare", BuiltCommand.digitsZoo, "--metric", "ckaa"], "compare"),
      (["compare", "x", "-o", "x.xlsx"], "compare"),
      (["report", "x", "--rank-by", "shape"], "report"),
      (["x", "--rank-by", "shape"], "report"),
      (["features", "x", "--rotations", "1"], "features"),
      (["inspect", BuiltCommand.digitsZoo, "--dims", "n n"], "inspect"),
    ] {
      let errors = try usageErrors(words)
      #expect(errors.contains("Usage: universality \(command) "), "\(errors)")
      #expect(errors.contains("'universality \(command) --help'"), "\(errors)")
    }
  }

  @Test func aFullDiskIsNoBadInput() throws {
    let folder = BuiltCommand.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    // Files may have no more than one block, and the signal that says so is ignored.
    let outcome = try BuiltCommand.run(
      "/bin/sh",
      [
        "-c", "trap '' XFSZ; ulimit -f 1; exec \"$0\" inspect \"$1\" --write-layout \"$2\" --quiet",
        BuiltCommand.executable, BuiltCommand.digitsZoo, folder.path + "/layout.yaml",
      ])
    #expect(outcome.exitCode == 5, "\(outcome.errors)")
    #expect(outcome.errors.contains("help: "))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    let missing = try BuiltCommand.run(
      "inspect", BuiltCommand.digitsZoo, "--write-layout", folder.path + "/no/layout.yaml")
    #expect(missing.exitCode == 4)
    #expect(missing.errors.contains("--write-layout"))
  }

  @Test func inspectSaysThatUnequalRowsNeedIds() throws {
    let folder = BuiltCommand.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    for (name, rows) in [("a", 30), ("b", 40)] {
      try SafetensorsDump.write(
        to: "\(folder.path)/\(name).safetensors", rows: rows, about: ["model": name],
        layers: ["x": 6], seed: 1)
    }
    let outcome = try BuiltCommand.run("inspect", folder.path)
    #expect(
      outcome.output.contains("40 in b.safetensors, 30 in a.safetensors"), "\(outcome.output)")
    #expect(outcome.output.contains("sample ids"))
  }

  @Test func aFolderOfSomethingElseIsNoCache() throws {
    let zoo = try BuiltCommand.zooCopy(["mlp-s0.h5"])
    defer { try? FileManager.default.removeItem(at: zoo) }
    for command in ["compare", "report"] {
      let errors = try usageErrors([
        command, zoo.path, "--cache", zoo.path, "-o",
        zoo.path + (command == "report" ? "/report" : "/x.csv"),
      ])
      #expect(errors.contains("mlp-s0.h5") && errors.contains("help: "), "\(errors)")
    }
    #expect(!FileManager.default.fileExists(atPath: zoo.path + "/pairs.sqlite"))
    for _ in 0..<2 {
      let outcome = try BuiltCommand.run("compare", zoo.path, "--cache", zoo.path + "/new")
      #expect(outcome.exitCode == 0, "\(outcome.errors)")
    }
  }

  @Test func thePageDoesNotDependOnHowItWasMade() throws {
    let zoo = try BuiltCommand.zooCopy(["mlp-s0.h5", "cnn-s0.h5"])
    defer { try? FileManager.default.removeItem(at: zoo) }
    let options = ["report", zoo.path + "/*.h5", "--permutations", "19", "--bootstrap", "10"]
    var pages: [Data?] = []
    for more in [[], [], ["--no-cache"], ["--threads", "1", "--memory=4GB", "--json"]] {
      let name = more.contains("--no-cache") ? "two" : more.isEmpty ? "one" : "three"
      let outcome = try BuiltCommand.run(options + ["-o", zoo.path + "/" + name] + more)
      #expect(outcome.exitCode == 0, "\(outcome.errors)")
      pages.append(FileManager.default.contents(atPath: zoo.path + "/" + name + "/report.html"))
    }
    for page in pages { #expect(page != nil && page == pages[0]) }
    let text = String(decoding: pages[0] ?? Data(), as: UTF8.self)
    #expect(text.contains("--permutations 19 --bootstrap 10</pre>"))
  }

  @Test func theMemoryBudgetIsSaidInOneSentence() throws {
    for command in ["report", "compare"] {
      let outcome = try BuiltCommand.run(
        command, BuiltCommand.digitsZoo, "--memory", "2MB", "--dry-run")
      #expect(outcome.exitCode == 5, "\(outcome.errors)")
      #expect(outcome.errors.contains("the memory budget of 2 MB is too small"))
      #expect(outcome.errors.contains("help: --memory "), "\(outcome.errors)")
    }
  }
}
