import Foundation
import Testing

/// Batches: `--shard` and `merge`.
@Suite struct ShardCommandTests {
  private static let files = ["mlp-s0.h5", "cnn-s0.h5", "gru-s0.h5"]

  /// A symmetric metric by products, one by factors, and one that is not symmetric.
  private static let metrics = [
    "--metric", "cka-debiased", "--metric", "svcca", "--metric", "ridge-predictivity",
  ]

  private func compare(
    _ zoo: URL, _ shard: String, in batch: String = "shards", _ more: [String] = metrics,
    environment: [String: String] = [:]
  ) throws -> BuiltCommand.Outcome {
    try BuiltCommand.run(
      ["compare", zoo.path + "/*.h5", "--shard", shard, "-o", zoo.path + "/" + batch] + more,
      environment: environment)
  }

  private func merge(_ zoo: URL, _ words: String...) throws -> BuiltCommand.Outcome {
    try BuiltCommand.run(["merge"] + words.map { $0.hasPrefix("-") ? $0 : zoo.path + "/" + $0 })
  }

  /// Rows with the same names and reasons, and values that agree.
  private func expectSame(
    _ table: String, _ expected: String, within tolerance: Double = 1e-13,
    location: SourceLocation = #_sourceLocation
  ) throws {
    let (rows, others) = (table.split(separator: "\n"), expected.split(separator: "\n"))
    #expect(rows.count == others.count, sourceLocation: location)
    for (row, other) in zip(rows, others) where row != other {
      let (cells, expectations) = (
        row.split(separator: ",", omittingEmptySubsequences: false),
        other.split(separator: ",", omittingEmptySubsequences: false)
      )
      #expect(cells.count == expectations.count, sourceLocation: location)
      for (cell, expectation) in zip(cells, expectations) where cell != expectation {
        func number(_ cell: Substring) -> Double? {
          Double(cell.trimmingCharacters(in: CharacterSet(charactersIn: "[]")))
        }
        let (x, y) = (try #require(number(cell)), try #require(number(expectation)))
        #expect(abs(x - y) <= tolerance, "\(row)\n\(other)", sourceLocation: location)
      }
    }
  }

  @Test(arguments: [1, 2, 3, 7])
  func mergedShardsAreTheUndividedRun(count: Int) throws {
    let zoo = try BuiltCommand.zooCopy(Self.files)
    defer { try? FileManager.default.removeItem(at: zoo) }
    let undivided = try BuiltCommand.run(["compare", zoo.path + "/*.h5"] + Self.metrics)
    #expect(undivided.exitCode == 0)
    for index in (1...count).reversed() {
      let outcome = try compare(zoo, "\(index)/\(count)")
      #expect(outcome.exitCode == 0, "\(outcome.errors)")
      #expect(outcome.output.hasPrefix("shard \(index)/\(count): "))
    }
    let merged = try merge(zoo, "shards")
    #expect(merged.exitCode == 0, "\(merged.errors)")
    try expectSame(merged.output, undivided.output)
    if count == 1 { #expect(merged.output == undivided.output) }
    // Into files, from the folders one by one.
    let folders = try FileManager.default.contentsOfDirectory(atPath: zoo.path + "/shards").sorted()
    #expect(folders.count == count)
    for name in ["m.json", "m.nc"] {
      let (ours, theirs) = (zoo.path + "/" + name, zoo.path + "/undivided-" + name)
      let outcome = try BuiltCommand.run(
        ["merge", "-o", ours] + folders.map { zoo.path + "/shards/" + $0 })
      #expect(outcome.exitCode == 0, "\(outcome.errors)")
      let whole = try BuiltCommand.run(
        ["compare", zoo.path + "/*.h5", "-o", theirs] + Self.metrics)
      #expect(whole.exitCode == 0, "\(whole.errors)")
      if name.hasSuffix("json") {
        try expectSame(
          String(contentsOfFile: ours, encoding: .utf8),
          String(contentsOfFile: theirs, encoding: .utf8))
      } else if count == 1 {
        #expect(
          FileManager.default.contents(atPath: ours)
            == FileManager.default.contents(atPath: theirs))
      }
    }
  }

  /// Two layers have three pairs, each with itself among them.
  @Test func thereMayBeMoreShardsThanPairs() throws {
    let zoo = try BuiltCommand.zooCopy(["mlp-s0.h5"])
    defer { try? FileManager.default.removeItem(at: zoo) }
    let select = ["--select", "*/dense1", "--select", "*/dense4", "--metric", "cka"]
    for index in 1...5 {
      let outcome = try compare(zoo, "\(index)/5", select)
      #expect(outcome.exitCode == 0, "\(outcome.errors)")
      #expect(outcome.output.contains(index <= 3 ? ": 1 of 3 pairs" : ": 0 of 3 pairs"))
    }
    let merged = try merge(zoo, "shards")
    let undivided = try BuiltCommand.run(["compare", zoo.path + "/*.h5"] + select)
    try expectSame(merged.output, undivided.output)
  }

  @Test func aReportOfShardsIsTheReportOfOneRun() throws {
    let zoo = try BuiltCommand.zooCopy(Self.files + ["mlp-s0-untrained.h5"])
    defer { try? FileManager.default.removeItem(at: zoo) }
    let options = [
      zoo.path + "/*.h5", "--permutations", "19", "--bootstrap", "10", "--rank-by", "svcca",
    ]
    let undivided = try BuiltCommand.run(["report", "-o", zoo.path + "/one"] + options)
    #expect(undivided.exitCode == 0, "\(undivided.errors)")
    for index in 1...3 {
      let outcome = try BuiltCommand.run(
        options + ["--shard", "\(index)/3", "-o", zoo.path + "/shards"])
      #expect(outcome.exitCode == 0, "\(outcome.errors)")
    }
    let merged = try merge(zoo, "shards", "-o", "two")
    #expect(merged.exitCode == 0, "\(merged.errors)")
    #expect(merged.errors.contains("known from earlier runs"), "\(merged.errors)")
    #expect(!merged.errors.contains("comparing ("), "\(merged.errors)")
    let (one, two) = (zoo.path + "/one", zoo.path + "/two")
    let names = try FileManager.default.subpathsOfDirectory(atPath: one)
      .filter { !$0.hasPrefix(".cache") }
    #expect(
      Set(names)
        == Set(
          try FileManager.default.subpathsOfDirectory(atPath: two)
            .filter { !$0.hasPrefix(".cache") }))
    for name in names where name.hasSuffix(".csv") {
      try expectSame(
        String(contentsOfFile: two + "/" + name, encoding: .utf8),
        String(contentsOfFile: one + "/" + name, encoding: .utf8), within: 1e-9)
    }
    try expectSame(
      String(contentsOfFile: two + "/pairs.csv", encoding: .utf8),
      String(contentsOfFile: one + "/pairs.csv", encoding: .utf8))
    // The matrices alone need no dumps; the rest says that it does.
    for name in Self.files { try FileManager.default.removeItem(atPath: zoo.path + "/" + name) }
    #expect(try merge(zoo, "shards", "-o", "pairs.csv").exitCode == 0)
    let without = try merge(zoo, "shards", "-o", "three")
    #expect(without.exitCode == 4)
    #expect(without.errors.contains("help: "))
  }

  /// Whatever a killed shard has found is kept; nothing takes it for finished.
  @Test func aKilledShardGoesOnWhereItWas() throws {
    let zoo = try BuiltCommand.zooCopy(Self.files)
    defer { try? FileManager.default.removeItem(at: zoo) }
    let undivided = try BuiltCommand.run(["compare", zoo.path + "/*.h5"] + Self.metrics)
    #expect(try compare(zoo, "2/2").exitCode == 0)
    var known = 0
    for round in 0..<500 {
      let run = try BuiltCommand.start(
        ["compare", zoo.path + "/*.h5", "--shard", "1/2", "-o", zoo.path + "/shards"]
          + Self.metrics)
      for _ in 0..<round * 4 where run.process.isRunning { usleep(10_000) }
      kill(run.process.processIdentifier, SIGKILL)
      let outcome = try run.outcome()
      known += outcome.errors.contains("known from earlier runs") ? 1 : 0
      if outcome.exitCode == 0 { break }
      #expect(outcome.exitCode == SIGKILL)
      // Killed on its way out, it has finished all the same.
      let seal = zoo.path + "/shards/shard-1-of-2/shard.json"
      if FileManager.default.fileExists(atPath: seal) { break }
      let merged = try merge(zoo, "shards")
      #expect(merged.exitCode == 4)
      #expect(merged.errors.contains("shard 1 of 2 is missing"), "\(merged.errors)")
      #expect(merged.errors.contains("--shard 1/2"))
    }
    let again = try compare(zoo, "1/2")
    #expect(again.exitCode == 0, "\(again.errors)")
    #expect(again.errors.contains("known from earlier runs") && !again.errors.contains("comparing"))
    try expectSame(try merge(zoo, "shards").output, undivided.output)
  }

  @Test func shardsThatDoNotBelongTogetherAreRefused() throws {
    let zoo = try BuiltCommand.zooCopy(Self.files)
    defer { try? FileManager.default.removeItem(at: zoo) }
    let cka = ["--metric", "cka"]
    func refusal(_ words: String...) throws -> String {
      let outcome = try BuiltCommand.run(["merge"] + words.map { zoo.path + "/" + $0 })
      #expect(outcome.exitCode == 4, "\(outcome.errors)")
      #expect(outcome.errors.contains("help: "), "\(outcome.errors)")
      return outcome.errors
    }
    for index in 1...3 { #expect(try compare(zoo, "\(index)/3", cka).exitCode == 0) }
    #expect(try refusal("nothing").contains("does not exist"))
    #expect(try refusal("").contains("holds no shards"))
    #expect(
      try refusal("shards/shard-1-of-3", "shards/shard-3-of-3")
        .contains("shard 2 of 3 is missing"))
    #expect(try refusal("shards/shard-2-of-3").contains("shards 1, 3 of 3 are missing"))
    try FileManager.default.copyItem(
      atPath: zoo.path + "/shards", toPath: zoo.path + "/copy")
    #expect(try refusal("shards", "copy").contains("shard 1/3 is there twice"))
    #expect(try compare(zoo, "1/2", in: "halves", cka).exitCode == 0)
    #expect(try refusal("shards", "halves").contains("two batches"))

    // Other options, other metrics, and another file under the same name.
    func foreign(_ batch: String, _ more: [String]) throws -> String {
      #expect(try compare(zoo, "2/3", in: batch, more).exitCode == 0)
      return try refusal(
        "shards/shard-1-of-3", batch + "/shard-2-of-3", "shards/shard-3-of-3")
    }
    #expect(try foreign("max", cka + ["--pool", "max"]).contains("other options"))
    #expect(try foreign("svcca", ["--metric", "svcca"]).contains("has the metrics svcca, not cka"))
    #expect(
      try foreign("single", cka + ["--precision", "single"])
        .contains("has --precision single, not double"))
    try FileManager.default.removeItem(atPath: zoo.path + "/cnn-s0.h5")
    try FileManager.default.copyItem(
      atPath: BuiltCommand.digitsZoo + "/cnn-s1.h5", toPath: zoo.path + "/cnn-s0.h5")
    #expect(try foreign("other", cka).contains("shard-2-of-3"))

    // Results that are damaged, and a record that was changed.
    let results = zoo.path + "/shards/shard-3-of-3/pairs.sqlite"
    try Data("no database".utf8).write(to: URL(fileURLWithPath: results))
    #expect(try refusal("shards").contains("shard 3/3 cannot be used"))
    try FileManager.default.removeItem(atPath: results)
    #expect(try refusal("shards").contains("the file is missing"))
    try Data("{}".utf8).write(
      to: URL(fileURLWithPath: zoo.path + "/shards/shard-3-of-3/shard.json"))
    #expect(try refusal("shards").contains("is no record of a shard"))
  }

  @Test func aReportIsNotMadeOfOtherDumpsThanThoseOfTheShards() throws {
    let zoo = try BuiltCommand.zooCopy(Self.files)
    defer { try? FileManager.default.removeItem(at: zoo) }
    for index in 1...2 {
      let outcome = try BuiltCommand.run(
        "report", zoo.path + "/*.h5", "--shard", "\(index)/2", "-o", zoo.path + "/shards",
        "--permutations", "0", "--bootstrap", "0")
      #expect(outcome.exitCode == 0, "\(outcome.errors)")
    }
    try FileManager.default.removeItem(atPath: zoo.path + "/cnn-s0.h5")
    try FileManager.default.copyItem(
      atPath: BuiltCommand.digitsZoo + "/cnn-s1.h5", toPath: zoo.path + "/cnn-s0.h5")
    let merged = try merge(zoo, "shards", "-o", "report")
    #expect(merged.exitCode == 4)
    #expect(merged.errors.contains("cnn-s0/conv1"), "\(merged.errors)")
  }

  @Test func slurmSaysWhichShardItIs() throws {
    let zoo = try BuiltCommand.zooCopy(["mlp-s0.h5"])
    defer { try? FileManager.default.removeItem(at: zoo) }
    let array = [
      "SLURM_ARRAY_TASK_ID": "2", "SLURM_ARRAY_TASK_MIN": "1", "SLURM_ARRAY_TASK_MAX": "4",
      "SLURM_ARRAY_TASK_COUNT": "4",
    ]
    let outcome = try compare(zoo, "auto", ["--metric", "cka"], environment: array)
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(
      FileManager.default.fileExists(atPath: zoo.path + "/shards/shard-2-of-4/shard.json"))
    let none = try compare(zoo, "auto")
    #expect(none.exitCode == 64)
    #expect(none.errors.contains("--shard auto"))
  }

  @Test func whatDoesNotGoWithAShardIsAUsageError() throws {
    for words in [
      ["--shard", "0/3"], ["--shard", "4/3"], ["--shard", "3"], ["--shard", "1/2", "--no-cache"],
      ["--shard", "1/2", "--cache", "x"], ["--shard", "1/2", "--approximate"],
    ] {
      let outcome = try BuiltCommand.run(["compare", "x"] + words)
      #expect(outcome.exitCode == 64, "\(words)")
      #expect(outcome.errors.contains("--shard"), "\(outcome.errors)")
    }
  }

  @Test func aDryRunSaysWhatTheShardWouldBe() throws {
    let zoo = try BuiltCommand.zooCopy(["mlp-s0.h5"])
    defer { try? FileManager.default.removeItem(at: zoo) }
    let outcome = try compare(zoo, "2/2", ["--dry-run"])
    #expect(outcome.exitCode == 0)
    #expect(outcome.output.contains("shard 2/2: ") && outcome.output.contains(" of memory"))
    let json = try compare(zoo, "2/2", ["--dry-run", "--json"]).output
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    #expect(object["shard"] as? Int == 2 && object["shards"] as? Int == 2)
    #expect(object["all_pairs"] as? Int == 15)
    #expect(!FileManager.default.fileExists(atPath: zoo.path + "/shards"))
  }
}
