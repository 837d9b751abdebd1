import Foundation
import Synchronization

/// Runs the built command as a user would, and other programs that look at its results.
enum BuiltCommand {
  struct Outcome: Sendable {
    var exitCode: Int32
    var output: String
    var errors: String
  }

  /// The repository, for the sample zoo.
  static let repository = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  static let digitsZoo = repository.appendingPathComponent("datasets/digits-zoo").path

  /// The command lies beside the test bundle.
  static let executable = URL(fileURLWithPath: CommandLine.arguments[0])
    .deletingLastPathComponent().appendingPathComponent("universality").path

  static func run(
    _ arguments: String..., environment: [String: String] = [:]
  ) throws -> Outcome {
    try run(executable, Array(arguments), environment: environment)
  }

  static func run(_ arguments: [String], environment: [String: String] = [:]) throws -> Outcome {
    try run(executable, arguments, environment: environment)
  }

  static func run(
    _ program: String, _ arguments: [String], environment: [String: String] = [:]
  ) throws -> Outcome {
    let folder = temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    // Files instead of pipes: nothing can fill up and block.
    let (out, err) = (folder.appendingPathComponent("out"), folder.appendingPathComponent("err"))
    for file in [out, err] { try Data().write(to: file) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment
      .filter { !["NO_COLOR", "TERM"].contains($0.key) }
      .merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: out)
    process.standardError = try FileHandle(forWritingTo: err)
    try process.run()
    process.waitUntilExit()
    return Outcome(
      exitCode: process.terminationStatus,
      output: String(decoding: try Data(contentsOf: out), as: UTF8.self),
      errors: String(decoding: try Data(contentsOf: err), as: UTF8.self))
  }

  static func temporaryFolder() -> URL {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("universality-tests-\(UUID().uuidString)")
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
  }

  /// One report on the whole sample zoo, made once for all tests that look at it.
  static let report: Result<(folder: URL, outcome: Outcome), any Error> = Result {
    let folder = temporaryFolder().appendingPathComponent("report")
    let outcome = try run(
      "report", digitsZoo, "-o", folder.path, "--permutations", "39", "--bootstrap", "10")
    return (folder, outcome)
  }

  /// A copy of some files of the sample zoo, to be damaged.
  static func zooCopy(_ names: [String]) throws -> URL {
    let folder = temporaryFolder()
    for name in names {
      try FileManager.default.copyItem(
        atPath: digitsZoo + "/" + name, toPath: folder.appendingPathComponent(name).path)
    }
    return folder
  }
}
