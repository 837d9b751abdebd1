import Activations
import ArgumentParser
import Foundation
import HDF5
import LinearAlgebra
import Reports
import Universality

/// The exit codes, a contract with scripts.
enum Exit {
  static let done: Int32 = 0
  static let internalError: Int32 = 1
  static let someSkipped: Int32 = 2
  static let ambiguous: Int32 = 3
  static let unusable: Int32 = 4
  static let outOfResources: Int32 = 5
  static let usage: Int32 = 64
}

/// An error that ends the run: what, where, why, what to do, and the exit code.
struct Failure: Error {
  var message: String
  var help: String?
  var exitCode: Int32

  init(_ message: String, help: String? = nil, exitCode: Int32) {
    self.message = message
    self.help = help
    self.exitCode = exitCode
  }

  init(_ error: any Error) {
    switch error {
    case let failure as Failure: self = failure
    case let error as ReadingError:
      self.init(
        error.description, help: Self.misspelledCommand(error) ?? error.help,
        exitCode: error.exitCode)
    case let error as FileFailure:
      self.init(error.description.visible(), help: error.help, exitCode: Exit.unusable)
    case let error as SpillError:
      self.init(
        error.description,
        help: "make room, name another folder in TMPDIR, or give more memory with --memory",
        exitCode: Exit.outOfResources)
    case let error as ShardError:
      self.init(error.description, help: error.help, exitCode: Exit.unusable)
    case let error as RankingImpossible:
      self.init(error.description, exitCode: Exit.unusable)
    case let error as StudyError:
      self.init(
        error.message.visible(), help: error.help.visible(),
        exitCode: error.kind == .unfitting ? Exit.usage : Exit.unusable)
    case let error as ResultsMissing:
      self.init(error.description, help: error.help, exitCode: Exit.unusable)
    case let error as ReportError:
      self.init(error.message, help: error.help, exitCode: Exit.outOfResources)
    default:
      self.init(
        "\(error)", help: "this is an error of the program; please report it with the command line",
        exitCode: Exit.internalError)
    }
  }
}

extension Failure {
  /// A path that does not exist may be a misspelled command, because paths may come first.
  private static func misspelledCommand(_ error: ReadingError) -> String? {
    guard case .badPath(let path, _, _) = error, path.count >= 4 else { return nil }
    let commands = UniversalityTool.configuration.subcommands.compactMap {
      $0.configuration.commandName
    }
    return commands.first { $0.isSimilar(to: path) }.map { "did you mean the command \($0)?" }
  }
}

extension String {
  /// Whether one edit, or two neighbouring letters exchanged, turns one word into the other.
  fileprivate func isSimilar(to other: String) -> Bool {
    let (a, b) = (Array(self), Array(other))
    guard abs(a.count - b.count) <= 1 else { return false }
    let prefix = zip(a, b).prefix { $0 == $1 }.count
    let suffix = zip(a.dropFirst(prefix).reversed(), b.dropFirst(prefix).reversed())
      .prefix { $0 == $1 }.count
    let rest = (a.count - prefix - suffix, b.count - prefix - suffix)
    return max(rest.0, rest.1) <= 1 || (rest == (2, 2) && a[prefix] == b[prefix + 1])
  }
}

/// Runs the body of a command, prints what went wrong, and ends with the right exit code.
func withExitCode(_ terminal: Terminal, _ body: () throws -> Int32) throws {
  let code: Int32
  do {
    code = try body()
  } catch let error as ValidationError {
    throw error
  } catch {
    let failure = Failure(error)
    terminal.error(failure.message, help: failure.help)
    code = failure.exitCode
  }
  if code != Exit.done { throw ExitCode(code) }
}

/// Whatever fails while results are written is a matter of disk and folders, not of the input.
func asWritingFailure<Result>(_ body: () throws -> Result) throws -> Result {
  do {
    return try body()
  } catch let error as FileFailure {
    throw Failure(
      error.description, help: "check that the folder can be written to and the disk has space",
      exitCode: Exit.outOfResources)
  }
}

/// Prints a result; a result that is lost is a failure.
func printResult(_ text: String) throws { try writeToStandardOutput(Data((text + "\n").utf8)) }

func writeToStandardOutput(_ data: Data) throws {
  do {
    try FileHandle.standardOutput.write(contentsOf: data)
  } catch {
    throw Failure(
      "the result cannot be written to standard output", help: "is the disk full?",
      exitCode: Exit.outOfResources)
  }
}
