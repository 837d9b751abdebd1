import Foundation
import Testing

/// What a script sees when something is wrong.
@Suite struct ExitCodeTests {
  private func expect(
    _ code: Int32, saying words: [String], _ arguments: String...,
    location: SourceLocation = #_sourceLocation
  ) throws {
    let outcome = try BuiltCommand.run(arguments)
    #expect(outcome.exitCode == code, "\(outcome.errors)", sourceLocation: location)
    for word in words {
      #expect(outcome.errors.contains(word), "\(outcome.errors)", sourceLocation: location)
    }
  }

  @Test func aPathThatDoesNotExistIsBadInput() throws {
    try expect(4, saying: ["no-such-folder", "help: "], "report", "no-such-folder")
    try expect(4, saying: ["no-such-folder", "help: "], "no-such-folder")
  }

  /// The folder of the dumps may hold the report of an earlier run.
  @Test func ownResultsAreNotReadAsDumps() throws {
    let zoo = try BuiltCommand.zooCopy(["mlp-s0.h5", "cnn-s0.h5"])
    defer { try? FileManager.default.removeItem(at: zoo) }
    for _ in 0..<2 {
      let outcome = try BuiltCommand.run([
        "report", zoo.path, "-o", zoo.path + "/report", "--permutations", "0", "--bootstrap", "0",
      ])
      #expect(outcome.exitCode == 0, "\(outcome.errors)")
      #expect(outcome.output.contains("2 trained networks"))
    }
  }

  @Test func aLostResultIsAFailureAndALostMessageIsNot() throws {
    let zoo = BuiltCommand.digitsZoo + "/mlp-s0.h5"
    func shell(_ redirection: String) throws -> Int32 {
      try BuiltCommand.run(
        "/bin/sh",
        ["-c", "exec \"$0\" compare \"$1\" \(redirection)", BuiltCommand.executable, zoo]
      ).exitCode
    }
    #expect(try shell(">/dev/full") == 5)
    #expect(try shell("2>/dev/full") == 0)
    #expect(try shell("2>&-") == 0)
  }

  @Test func aMisspelledCommandIsRecognised() throws {
    try expect(4, saying: ["did you mean the command report?"], "repot", "x")
    try expect(4, saying: ["did you mean the command inspect?"], "inpsect", "x")
  }

  @Test func aDistanceCannotRank() throws {
    try expect(64, saying: ["a distance ranks nothing"], "report", "x", "--rank-by", "shape")
    try expect(64, saying: ["not calibrated"], "report", "x", "--rank-by", "cka-rbf")
  }

  @Test func aMissingFolderIsSaidBeforeTheWork() throws {
    try expect(
      4, saying: ["there is no folder", "help: "], "compare", BuiltCommand.digitsZoo, "-o",
      "no-such-folder/pairs.csv")
  }

  @Test func wrongWordsAreUsageErrors() throws {
    try expect(64, saying: ["--frobnicate"], "report", "x", "--frobnicate")
    try expect(
      64, saying: ["'ckaa'", "help: "], "compare", BuiltCommand.digitsZoo, "--metric", "ckaa")
    try expect(64, saying: ["--dims"], "compare", BuiltCommand.digitsZoo, "--dims", "n n")
    try expect(64, saying: [".csv"], "compare", BuiltCommand.digitsZoo, "-o", "x.xlsx")
    try expect(64, saying: ["8GB"], "compare", BuiltCommand.digitsZoo, "--memory", "8")
    try expect(64, saying: ["--threads"], "compare", BuiltCommand.digitsZoo, "--threads", "0")
    try expect(64, saying: [], "report")
  }

  @Test func aDamagedFileIsSkippedAndUnderStrictAnError() throws {
    let zoo = try BuiltCommand.zooCopy(["mlp-s0.h5", "cnn-s0.h5", "gru-s0.h5"])
    defer { try? FileManager.default.removeItem(at: zoo) }
    let damaged = zoo.appendingPathComponent("gru-s0.h5")
    let data = try Data(contentsOf: damaged)
    try data.prefix(data.count / 2).write(to: damaged)
    let report = zoo.appendingPathComponent("report").path
    let common = ["-o", report, "--permutations", "0", "--bootstrap", "0"]
    let lenient = try BuiltCommand.run(["report", zoo.path] + common)
    #expect(lenient.exitCode == 2)
    #expect(lenient.errors.contains("gru-s0.h5"))
    #expect(lenient.errors.contains("truncated"))
    #expect(FileManager.default.fileExists(atPath: report + "/report.html"))
    try FileManager.default.removeItem(atPath: report)
    let strict = try BuiltCommand.run(["report", zoo.path, "--strict"] + common)
    #expect(strict.exitCode == 4)
    #expect(!FileManager.default.fileExists(atPath: report + "/report.html"))
    // Nothing else is left when the only file is damaged.
    let alone = try BuiltCommand.run("compare", damaged.path)
    #expect(alone.exitCode == 4)
    #expect(alone.output.isEmpty)
  }

  @Test func aReportThatCannotBeWrittenFailsBeforeTheWork() throws {
    let folder = BuiltCommand.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("taken")
    try Data().write(to: file)
    try expect(
      4, saying: ["taken", "help: "], "report", BuiltCommand.digitsZoo, "-o", file.path)
  }

  @Test func tooLittleMemoryIsSaidBeforeTheWork() throws {
    try expect(
      5, saying: ["memory", "help: --memory"], "compare", BuiltCommand.digitsZoo,
      "--memory", "1MB")
  }

  @Test func aDryRunWritesNothing() throws {
    let folder = BuiltCommand.temporaryFolder().appendingPathComponent("report")
    let outcome = try BuiltCommand.run(
      "report", BuiltCommand.digitsZoo, "-o", folder.path, "--dry-run")
    #expect(outcome.exitCode == 0)
    #expect(outcome.output.contains("229 layers"))
    #expect(!FileManager.default.fileExists(atPath: folder.path))
  }

  @Test func oneModelGivesMatricesAndSaysWhyThereIsNoRanking() throws {
    let folder = BuiltCommand.temporaryFolder().appendingPathComponent("report")
    let outcome = try BuiltCommand.run(
      "report", BuiltCommand.digitsZoo + "/mlp-s0.h5", "-o", folder.path)
    #expect(outcome.exitCode == 0)
    #expect(outcome.errors.contains("only one trained model"))
    #expect(FileManager.default.fileExists(atPath: folder.path + "/pairs.csv"))
  }
}
