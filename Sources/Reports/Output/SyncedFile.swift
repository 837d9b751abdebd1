import Foundation

/// A new file whose bytes are on the disk when the call returns.
enum SyncedFile {
  /// Writes the pieces that `body` emits.
  static func write(to path: String, _ body: ((String) throws -> Void) throws -> Void) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw ReportError.current(path) }
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
    } catch {
      close(descriptor)
      throw error
    }
    if close(descriptor) != 0 { throw ReportError.current(path) }
  }

  static func write(_ text: String, to path: String) throws {
    try write(to: path) { emit in try emit(text) }
  }

  /// Makes the names in a folder durable. Not every file system can; the files are safe already.
  static func syncFolder(_ path: String) {
    let descriptor = open(path.isEmpty ? "." : path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
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
}
