import Foundation

/// Writing a report failed.
public struct ReportError: Error, Sendable, CustomStringConvertible {
  public var path: String
  public var reason: String
  public var help: String

  /// What failed and why, without the help.
  public var message: String { "cannot write \(path): \(reason)" }

  public var description: String { "\(message)\n  help: \(help)" }

  /// The error that the C library has just reported.
  static func current(_ path: String) -> ReportError {
    let code = errno
    let help =
      switch code {
      case ENOSPC, EDQUOT: "free some disk space, or choose another folder with -o"
      case EACCES, EPERM, EROFS: "choose a folder that you may write to with -o"
      default: "check the folder, or choose another with -o"
      }
    return ReportError(path: path, reason: String(cString: strerror(code)), help: help)
  }
}
