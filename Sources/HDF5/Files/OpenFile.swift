#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What tells one state of a file from another.
struct FileIdentity: Equatable, Sendable {
  var device: UInt64
  var inode: UInt64
  var size: Int
  /// When the contents last changed, in seconds and nanoseconds.
  var seconds: Int
  var nanoseconds: Int
}

/// A regular file that stays open, so that everything that is read of it comes from one file.
final class OpenFile: Sendable {
  let path: String
  let descriptor: Int32
  let identity: FileIdentity

  var size: Int { identity.size }

  /// - Throws: ``LibraryFailure`` if there is no such file or it is not a regular one.
  init(_ path: String) throws(LibraryFailure) {
    guard !path.utf8.contains(0) else {
      throw LibraryFailure(reason: "the file does not exist")
    }
    // Not blocking: opening a pipe would wait for a writer.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      let code = errno
      throw LibraryFailure(
        reason: code == ENOENT || code == ENOTDIR
          ? "the file does not exist" : "cannot open the file: \(String(cString: strerror(code)))")
    }
    do throws(LibraryFailure) {
      identity = try Self.identity(of: descriptor)
    } catch {
      close(descriptor)
      throw error
    }
    self.path = path
    self.descriptor = descriptor
  }

  /// Takes over a descriptor that another process opened.
  init(descriptor: Int32) throws(LibraryFailure) {
    identity = try Self.identity(of: descriptor)
    path = ""
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// - Throws: ``LibraryFailure`` if the file was written to since it was opened.
  func checkUnchanged() throws(LibraryFailure) {
    guard try Self.identity(of: descriptor) == identity else { throw Self.hasChanged }
  }

  /// That a file is not what it was when this program first looked at it.
  static let hasChanged = LibraryFailure(
    reason: "the file changed while it was read", help: "wait until its writer has closed it")

  /// Fills a buffer with the bytes at an offset.
  ///
  /// - Throws: ``LibraryFailure`` if the file does not reach that far or cannot be read.
  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(LibraryFailure) {
    let (end, overflows) = offset.addingReportingOverflow(buffer.count)
    guard offset >= 0, !overflows, end <= size else {
      throw LibraryFailure(
        reason: "its data end at byte \(overflows ? .max : end), the file at byte \(size)")
    }
    var done = 0
    while done < buffer.count, let base = buffer.baseAddress {
      let count = pread(descriptor, base + done, buffer.count - done, off_t(offset + done))
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else {
        throw LibraryFailure(reason: "cannot read the file: \(String(cString: strerror(errno)))")
      }
      // Shorter than it was a moment ago.
      guard count > 0 else { throw Self.hasChanged }
      done += count
    }
  }

  /// Up to `count` bytes at an offset; fewer where the file ends.
  func bytes(at offset: Int, count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, written in
      written = max(0, pread(descriptor, buffer.baseAddress, count, off_t(offset)))
    }
  }

  private static func identity(of descriptor: Int32) throws(LibraryFailure) -> FileIdentity {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw LibraryFailure(reason: "cannot open the file: \(String(cString: strerror(errno)))")
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw LibraryFailure(reason: "not a file but a folder")
    default: throw LibraryFailure(reason: "not a regular file")
    }
    #if canImport(Darwin)
      let time = status.st_mtimespec
    #else
      let time = status.st_mtim
    #endif
    return FileIdentity(
      device: UInt64(truncatingIfNeeded: status.st_dev), inode: UInt64(status.st_ino),
      size: Int(status.st_size), seconds: time.tv_sec, nanoseconds: time.tv_nsec)
  }
}
