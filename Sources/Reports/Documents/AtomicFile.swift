import Foundation

/// Writing a report failed.
public struct ReportError: Error, Sendable, CustomStringConvertible {
  public var path: String
  public var reason: String
  public var help: String

  public var description: String { "cannot write \(path): \(reason)\n  help: \(help)" }

  /// The error that the C library has just reported.
  fileprivate static func current(_ path: String) -> ReportError {
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

/// A file that appears under its name when it is complete: written under a temporary name in the
/// same folder, synced, renamed.
enum AtomicFile {
  /// Writes the pieces that `body` emits.
  static func write(to path: String, _ body: ((String) throws -> Void) throws -> Void) throws {
    let (temporary, descriptor) = try openTemporary(beside: path)
    var isOpen = true
    do {
      var buffer: [UInt8] = []
      buffer.reserveCapacity(1 << 17)
      try body { piece in
        buffer.append(contentsOf: piece.utf8)
        if buffer.count >= 1 << 16 {
          try flush(&buffer, to: descriptor, path)
        }
      }
      try flush(&buffer, to: descriptor, path)
      if fsync(descriptor) != 0 { throw ReportError.current(path) }
      isOpen = false
      if close(descriptor) != 0 { throw ReportError.current(path) }
      try rename(temporary, to: path)
    } catch {
      if isOpen { close(descriptor) }
      unlink(temporary)
      throw error
    }
  }

  static func write(_ text: String, to path: String) throws {
    try write(to: path) { emit in try emit(text) }
  }

  /// Removes a file, if there is one.
  static func remove(_ path: String) throws {
    if unlink(path) != 0, errno != ENOENT { throw ReportError.current(path) }
  }

  static func createFolder(_ path: String) throws {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw ReportError(
        path: path, reason: "the folder cannot be made",
        help: "choose a folder that you may write to with -o")
    }
  }

  private static func openTemporary(beside path: String) throws -> (String, Int32) {
    let folder = (path as NSString).deletingLastPathComponent
    let name = (path as NSString).lastPathComponent
    for attempt in 0..<100 {
      let hidden = ".partial-\(getpid())-\(attempt)-\(name)"
      let temporary = folder.isEmpty ? hidden : (folder as NSString).appendingPathComponent(hidden)
      let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o666)
      if descriptor >= 0 { return (temporary, descriptor) }
      if errno != EEXIST { throw ReportError.current(path) }
    }
    throw ReportError.current(path)
  }

  private static func flush(_ buffer: inout [UInt8], to descriptor: Int32, _ path: String) throws {
    var offset = 0
    while offset < buffer.count {
      let written = buffer.withUnsafeBytes { bytes in
        Foundation.write(descriptor, bytes.baseAddress?.advanced(by: offset), bytes.count - offset)
      }
      if written < 0 {
        if errno == EINTR { continue }
        throw ReportError.current(path)
      }
      offset += written
    }
    buffer.removeAll(keepingCapacity: true)
  }

  private static func rename(_ temporary: String, to path: String) throws {
    if Foundation.rename(temporary, path) != 0 { throw ReportError.current(path) }
    let folder = (path as NSString).deletingLastPathComponent
    let descriptor = open(folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY)
    if descriptor >= 0 {
      // Not every file system can sync a folder; the file itself is safe already.
      fsync(descriptor)
      close(descriptor)
    }
  }
}
