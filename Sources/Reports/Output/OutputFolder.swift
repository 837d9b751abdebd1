import Foundation
import Synchronization

/// The folder of a report, which one run at a time writes to.
///
/// Making one makes the folder if need be, keeps other runs out until ``release()`` or the end of the
/// process, and removes what runs that were killed have left. Files of others in the folder are not
/// touched.
public final class OutputFolder: Sendable {
  /// The path as it was given.
  public let path: String
  private let lock: Mutex<FileLock?>
  private let lockFile: String

  /// - Throws: ``ReportError`` when another run is writing to the folder (it names the process), or
  ///   when it cannot be made or written to.
  public init(_ path: String) throws {
    self.path = path
    lockFile = path + "/.universality.lock"
    try Staging.createFolder(path)
    let lock = try Self.lock(lockFile, of: path)
    self.lock = Mutex(lock)
    if lock.state == .held { removeAbandoned() }
  }

  deinit { release() }

  /// Lets other runs write to the folder.
  public func release() {
    lock.withLock { lock in
      // While it is held: a run that opened the file before then sees that its name is gone.
      if let lock, lock.state == .held, lock.isLock(of: lockFile) { unlink(lockFile) }
      lock?.release()
      lock = nil
    }
  }

  private static func lock(_ file: String, of folder: String) throws -> FileLock {
    while true {
      guard let lock = FileLock(file, flags: O_RDWR | O_CREAT) else {
        throw ReportError.current(folder)
      }
      if lock.state == .taken {
        defer { lock.release() }
        throw busy(folder, holder: lock.descriptor)
      }
      guard lock.isLock(of: file) else {
        lock.release()
        continue
      }
      let process = Array("\(getpid())\n".utf8)
      ftruncate(lock.descriptor, 0)
      // For the message of another run alone.
      _ = pwrite(lock.descriptor, process, process.count, 0)
      return lock
    }
  }

  private static func busy(_ folder: String, holder descriptor: Int32) -> ReportError {
    var text = [UInt8](repeating: 0, count: 32)
    let count = pread(descriptor, &text, text.count, 0)
    let digits = text.prefix(max(0, count)).prefix { (48...57).contains($0) }
    let process = digits.isEmpty ? "" : " (process \(String(decoding: digits, as: UTF8.self)))"
    return ReportError(
      path: folder, reason: "another run is writing to it\(process)",
      help: "wait until it ends, or choose another folder with -o")
  }

  /// Nobody else is here, so that every temporary name is of a run that was killed.
  private func removeAbandoned() {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    for name in names where Staging.isTemporary(name) {
      try? FileManager.default.removeItem(atPath: path + "/" + name)
    }
  }
}
