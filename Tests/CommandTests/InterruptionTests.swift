import Foundation
import Testing

/// Runs that are killed, runs that meet, and caches that are broken.
@Suite struct InterruptionTests {
  /// What a reader of a folder must never see: a page without its files, or temporary names.
  private func fault(in folder: String) throws -> String? {
    let names = Set(try FileManager.default.subpathsOfDirectory(atPath: folder))
    guard names.contains("report.html") else { return nil }
    let record =
      try JSONSerialization.jsonObject(
        with: Data(contentsOf: URL(fileURLWithPath: folder + "/run.json"))) as? [String: Any]
    let files = try #require(record?["files"] as? [String])
    return files.first { !names.contains($0) }.map { "\($0) is missing beside the page" }
  }

  /// Waits until a run has said something; `false` when it has ended before.
  private func waits(for text: String, from run: BuiltCommand.Running) -> Bool {
    while run.process.isRunning {
      if run.errors.contains(text) { return true }
      usleep(10_000)
    }
    return false
  }

  @Test func aKilledRunKeepsWhatItHasFoundAndNothingIsInTheWay() throws {
    let zoo = try BuiltCommand.zooCopy(["mlp-s0.h5", "cnn-s0.h5", "gru-s0.h5", "vit-s0.h5"])
    defer { try? FileManager.default.removeItem(at: zoo) }
    let report = zoo.appendingPathComponent("report").path
    let long = try BuiltCommand.start(
      "report", zoo.path, "-o", report, "--permutations", "100000", "--bootstrap", "0")
    defer { kill(long.process.processIdentifier, SIGKILL) }
    // All pairs are found, and the permutations have begun.
    try #require(waits(for: "shuffling samples", from: long), "\(long.errors)")

    let second = try BuiltCommand.run("report", zoo.path, "-o", report)
    #expect(second.exitCode == 5)
    #expect(
      second.errors.contains(
        "another run is writing to it (process \(long.process.processIdentifier))"))
    #expect(second.errors.contains("help: "))

    kill(long.process.processIdentifier, SIGKILL)
    #expect(try long.outcome().exitCode == SIGKILL)
    try FileManager.default.createDirectory(
      atPath: report + "/.partial-1-0/figures", withIntermediateDirectories: true)

    let third = try BuiltCommand.run(
      "report", zoo.path, "-o", report, "--permutations", "19", "--bootstrap", "0")
    #expect(third.exitCode == 0, "\(third.errors)")
    // 21 layers, each pair and each with itself, three metrics.
    #expect(third.errors.contains("693 of 693 results are known from earlier runs"))
    let names = try FileManager.default.contentsOfDirectory(atPath: report)
    #expect(names.filter { $0.hasPrefix(".") } == [".cache"])
    #expect(try fault(in: report) == nil)

    let anew = try BuiltCommand.run("compare", zoo.path + "/*.h5")
    let pairs = try String(contentsOfFile: report + "/pairs.csv", encoding: .utf8)
    #expect(anew.output == pairs)
  }

  /// Reports on two zoos in turn into one folder, killed after a while that grows.
  @Test func whereverARunIsKilledTheFolderIsWhole() throws {
    let zoo = try BuiltCommand.zooCopy(["mlp-s0.h5", "cnn-s0.h5", "gru-s0.h5"])
    defer { try? FileManager.default.removeItem(at: zoo) }
    let report = zoo.appendingPathComponent("report").path
    let inputs = [zoo.path + "/*.h5", zoo.path + "/[cm]*.h5"]
    func arguments(_ round: Int) -> [String] {
      ["report", inputs[round % 2], "-o", report, "--permutations", "19", "--bootstrap", "10"]
    }
    var finished = 0
    for round in 0..<200 where finished < 3 {
      let run = try BuiltCommand.start(arguments(round))
      for _ in 0..<round * 4 where run.process.isRunning { usleep(10_000) }
      kill(run.process.processIdentifier, SIGKILL)
      let outcome = try run.outcome()
      finished += outcome.exitCode == 0 ? 1 : 0
      guard FileManager.default.fileExists(atPath: report) else { continue }
      #expect(try fault(in: report) == nil, "killed in round \(round)")
    }
    #expect(finished == 3)
    let last = try BuiltCommand.run(arguments(0))
    #expect(last.exitCode == 0, "\(last.errors)")
    #expect(last.output.contains("3 trained networks"))
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: report).filter { $0.hasPrefix(".") }
        == [".cache"])
  }

  @Test func onlyTheLayersOfANewModelAreUnknown() throws {
    let zoo = try BuiltCommand.zooCopy(["mlp-s0.h5", "cnn-s0.h5"])
    defer { try? FileManager.default.removeItem(at: zoo) }
    let cache = zoo.appendingPathComponent("cache").path
    let common = ["--cache", cache, "--metric", "cka", "--metric", "linear-predictivity"]
    let first = try BuiltCommand.run(["compare", zoo.path] + common)
    #expect(first.exitCode == 0)
    #expect(!first.errors.contains("known from earlier runs"))
    // Under another name: the contents count.
    try FileManager.default.moveItem(atPath: zoo.path + "/mlp-s0.h5", toPath: zoo.path + "/x.h5")
    try FileManager.default.copyItem(
      atPath: BuiltCommand.digitsZoo + "/gru-s0.h5", toPath: zoo.path + "/gru-s0.h5")
    let second = try BuiltCommand.run(["compare", zoo.path] + common)
    // 11 layers were known: 66 pairs and 121 in both orders, of 16 layers with 136 and 256.
    #expect(second.errors.contains("187 of 392 results are known"), "\(second.errors)")
    let third = try BuiltCommand.run(["compare", zoo.path] + common)
    #expect(third.errors.contains("392 of 392 results are known"))
    #expect(third.output == second.output)
    let without = try BuiltCommand.run(
      ["compare", zoo.path] + common.dropFirst(2) + ["--no-cache"])
    #expect(!without.errors.contains("known from earlier runs"))
    #expect(
      without.output.split(separator: "\n").count == second.output.split(separator: "\n").count)
  }

  @Test func aBrokenCacheCostsAWarningAndTimeOnly() throws {
    let zoo = try BuiltCommand.zooCopy(["mlp-s0.h5"])
    defer { try? FileManager.default.removeItem(at: zoo) }
    let cache = zoo.appendingPathComponent("cache").path
    let database = cache + "/pairs.sqlite"
    func compare() throws -> BuiltCommand.Outcome {
      try BuiltCommand.run("compare", zoo.path, "--cache", cache)
    }
    let expected = try compare()
    #expect(expected.exitCode == 0)
    let whole = try Data(contentsOf: URL(fileURLWithPath: database))

    var pages = whole
    pages.replaceSubrange(
      4096..<whole.count, with: Data(repeating: 0xA5, count: whole.count - 4096))
    for damaged in [Data("no database\n".utf8), pages, whole.prefix(whole.count / 2)] {
      try damaged.write(to: URL(fileURLWithPath: database))
      let outcome = try compare()
      #expect(outcome.exitCode == 0)
      #expect(outcome.output == expected.output)
      #expect(outcome.errors.contains("is damaged; it is now"), "\(outcome.errors)")
      #expect(try compare().output == expected.output)
    }
    #expect(try compare().errors.contains("known from earlier runs"))

    try FileManager.default.removeItem(atPath: cache)
    try Data().write(to: URL(fileURLWithPath: cache))
    let without = try compare()
    #expect(without.exitCode == 0)
    #expect(without.output == expected.output)
    #expect(without.errors.contains("results are not kept"))
  }

  @Test func severalRunsOnOneCacheAgree() throws {
    let zoo = try BuiltCommand.zooCopy(["mlp-s0.h5", "cnn-s0.h5"])
    defer { try? FileManager.default.removeItem(at: zoo) }
    let cache = zoo.appendingPathComponent("cache").path
    let runs = try (0..<4).map { _ in
      try BuiltCommand.start("compare", zoo.path, "--cache", cache)
    }
    let outcomes = try runs.map { try $0.outcome() }
    for outcome in outcomes {
      #expect(outcome.exitCode == 0, "\(outcome.errors)")
      #expect(outcome.output == outcomes[0].output)
      #expect(!outcome.errors.contains("not kept"), "\(outcome.errors)")
    }
  }

  @Test func contradictoryOptionsAreUsageErrors() throws {
    let outcome = try BuiltCommand.run("compare", "x", "--no-cache", "--cache", "y")
    #expect(outcome.exitCode == 64)
    #expect(outcome.errors.contains("exclude each other"))
  }
}
