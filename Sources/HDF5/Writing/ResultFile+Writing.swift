#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension ResultFile {
  /// Writes the file, whole or not at all: beside the target under a temporary name, then renamed
  /// over it. The same contents give the same bytes.
  ///
  /// - Precondition: Each variable has as many values as its dimensions say, and these exist.
  /// - Throws: ``FileFailure`` if a name cannot be used or the file cannot be written.
  public func write(to path: String) throws {
    let image: [UInt8] = try HDF5Library.serialised { () throws(FileFailure) in
      do throws(LibraryFailure) {
        return try ResultImage(of: self).bytes()
      } catch {
        throw error.at(file: path)
      }
    }
    try Self.replace(path, with: image)
  }

  /// Puts bytes into a new file and renames it over `path`, so that a reader sees the old file or
  /// the new one, also after a crash of the machine.
  private static func replace(_ path: String, with bytes: [UInt8]) throws(FileFailure) {
    func failure(_ what: String) -> FileFailure {
      let code = errno
      let help: String? =
        switch code {
        case ENOENT, ENOTDIR: "make the folder first"
        case ENOSPC, EDQUOT: "make room on the disk, or write to another one"
        case EACCES, EPERM, EROFS: "choose a folder that you may write to"
        default: nil
        }
      return FileFailure(
        file: path, reason: "\(what): \(String(cString: strerror(code)))", help: help)
    }
    guard !path.isEmpty, !path.utf8.contains(0) else {
      throw FileFailure(file: path, reason: "cannot create the file: no such name is possible")
    }
    // Not to be met by another writer of the same target, in this process or another.
    let temporary = "\(path).\(getpid())-\(UInt32.random(in: 0 ... .max)).partial"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw failure("cannot create the file") }
    do throws(FileFailure) {
      do throws(FileFailure) {
        var written = 0
        while written < bytes.count {
          let count = bytes.withUnsafeBytes {
            Self.write(descriptor, UnsafeRawBufferPointer(rebasing: $0[written...]))
          }
          guard count > 0 || errno == EINTR else { throw failure("cannot write the file") }
          written += max(0, count)
        }
        guard fsync(descriptor) == 0 else { throw failure("cannot write the file") }
      } catch {
        close(descriptor)
        throw error
      }
      guard close(descriptor) == 0 else { throw failure("cannot write the file") }
      guard rename(temporary, path) == 0 else { throw failure("cannot replace the file") }
    } catch {
      unlink(temporary)
      throw error
    }
    synchroniseFolder(of: path)
  }

  /// `write(2)`, which the method of that name hides.
  private static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    #if canImport(Glibc)
      Glibc.write(descriptor, bytes.baseAddress, bytes.count)
    #elseif canImport(Musl)
      Musl.write(descriptor, bytes.baseAddress, bytes.count)
    #else
      Darwin.write(descriptor, bytes.baseAddress, bytes.count)
    #endif
  }

  /// Makes the new name durable. Not every file system can; the data are safe all the same.
  private static func synchroniseFolder(of path: String) {
    let folder = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { path[..<$0] } ?? "."
    let descriptor = open(folder.isEmpty ? "/" : String(folder), O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    _ = fsync(descriptor)
    close(descriptor)
  }
}
