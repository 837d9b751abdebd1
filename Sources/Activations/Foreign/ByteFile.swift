import Foundation
import HDF5

/// A file whose bytes are read by place, never beyond its end.
final class ByteFile: Sendable {
  let path: String
  let size: Int
  private let descriptor: Int32

  /// - Throws: ``FileFailure`` if the file cannot be opened.
  init(_ path: String) throws {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw FileFailure(
        file: path, reason: "the file cannot be opened: \(String(cString: strerror(errno)))")
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw FileFailure(file: path, reason: "not a regular file")
    }
    size = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// Some bytes, all of them.
  ///
  /// - Throws: ``FileFailure`` if the file does not have them.
  func bytes(at offset: Int, count: Int) throws -> [UInt8] {
    guard offset >= 0, count >= 0, offset <= size, count <= size - offset else {
      throw FileFailure(
        file: path, reason: "it ends at byte \(size), before its data do",
        help: "copy or write the file again")
    }
    var complete = true
    let result = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count, let base = buffer.baseAddress {
        let got = pread(descriptor, base + filled, count - filled, off_t(offset + filled))
        if got < 0 && errno == EINTR { continue }
        if got <= 0 {
          complete = false
          break
        }
        filled += got
      }
    }
    guard complete else {
      throw FileFailure(
        file: path, reason: "it became shorter while it was read", help: "wait for its writer")
    }
    return result
  }
}

extension [UInt8] {
  /// The unsigned number in some bytes, the lowest first.
  func littleEndian(at offset: Int, bytes: Int) -> UInt64? {
    guard offset >= 0, bytes <= 8, offset + bytes <= count else { return nil }
    var value: UInt64 = 0
    for place in (0..<bytes).reversed() { value = value << 8 | UInt64(self[offset + place]) }
    return value
  }
}
