import Foundation

/// A hidden folder in which files are written before they appear under their names.
///
/// It lies beside them, so that a file appears by being renamed. It holds a lock of the kernel as
/// long as its process lives: what a killed run has left has none, and the next run removes it.
final class Staging {
  /// The folder in which the files are to appear.
  let target: String
  private let path: String
  private let lock: FileLock

  private static let prefix = ".partial-"

  /// Makes a new one in `target`, and removes those of runs that are gone.
  init(in folder: String) throws {
    target = folder.isEmpty ? "." : folder
    Self.removeAbandoned(in: target)
    for attempt in 0..<1000 {
      let path = "\(target)/\(Self.prefix)\(getpid())-\(attempt)"
      if mkdir(path, 0o777) != 0 {
        guard errno == EEXIST else { throw ReportError.current(target) }
        continue
      }
      guard let lock = FileLock(path, flags: O_RDONLY | O_DIRECTORY) else { continue }
      // A run that saw the folder before it was locked may have taken it for abandoned.
      if lock.state != .taken, lock.isLock(of: path) {
        (self.path, self.lock) = (path, lock)
        return
      }
      lock.release()
    }
    throw ReportError(
      path: target, reason: "no room for temporary files: too many of them are there",
      help: "delete the hidden folders .partial-… in it")
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
    lock.release()
  }

  /// Where to write the file that is to appear as `name`; folders in the name are made.
  func file(_ name: String) throws -> String {
    let file = path + "/" + name
    try Self.createFolder((file as NSString).deletingLastPathComponent)
    return file
  }

  /// Lets a file appear under its name, in place of what was there.
  func publish(_ name: String) throws {
    let destination = target + "/" + name
    try Self.createFolder((destination as NSString).deletingLastPathComponent)
    if rename(path + "/" + name, destination) != 0 { throw ReportError.current(destination) }
  }

  /// Whether a name is one of those that runs give to what they have not finished.
  static func isTemporary(_ name: String) -> Bool {
    // No regular expression: compiling one for each name of a folder takes longer than small runs.
    guard name.hasPrefix(prefix) else { return false }
    let numbers = name.dropFirst(prefix.count).split(
      separator: "-", omittingEmptySubsequences: false)
    return numbers.count == 2
      && numbers.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) } }
  }

  /// Makes a folder and those it lies in.
  static func createFolder(_ path: String) throws {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw ReportError(
        path: path, reason: "the folder cannot be made",
        help: "choose a folder that you may write to with -o")
    }
  }

  private static func removeAbandoned(in target: String) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: target)) ?? []
    for name in names where isTemporary(name) {
      let path = target + "/" + name
      guard let lock = FileLock(path, flags: O_RDONLY | O_DIRECTORY) else { continue }
      defer { lock.release() }
      if lock.state == .held, lock.isLock(of: path) {
        try? FileManager.default.removeItem(atPath: path)
      }
    }
  }
}
