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
    let running = try start(program, arguments, environment: environment)
    return try running.outcome()
  }

  /// A program that was started and not waited for.
  struct Running: Sendable {
    let process: Process
    let folder: URL

    /// What it has written to standard error so far.
    var errors: String {
      (try? String(contentsOf: folder.appendingPathComponent("err"), encoding: .utf8)) ?? ""
    }

    /// Waits for its end.
    func outcome() throws -> Outcome {
      defer { try? FileManager.default.removeItem(at: folder) }
      process.waitUntilExit()
      return Outcome(
        exitCode: process.terminationStatus,
        output: try String(contentsOf: folder.appendingPathComponent("out"), encoding: .utf8),
        errors: errors)
    }
  }

  static func start(_ arguments: String...) throws -> Running { try start(arguments) }

  static func start(_ arguments: [String]) throws -> Running { try start(executable, arguments) }

  private static func start(
    _ program: String, _ arguments: [String], environment: [String: String] = [:]
  ) throws -> Running {
    let folder = temporaryFolder()
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
    return Running(process: process, folder: folder)
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
