#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension OpenFile {
  /// Opens a regular file that another file names, which must lie below the folder of that one.
  ///
  /// The name is followed step by step, so that no symbolic link and no ".." leads out, whatever
  /// happens to the folders in the meantime.
  ///
  /// - Throws: ``LibraryFailure`` if the name leads elsewhere or there is no such file.
  static func named(_ name: String, besides file: String) throws(LibraryFailure) -> OpenFile {
    let parts = try steps(of: name)
    var descriptor = open(folder(of: file), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    for (index, part) in parts.enumerated() where descriptor >= 0 {
      let isLast = index == parts.count - 1
      let next = openat(
        descriptor, part,
        O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | (isLast ? 0 : O_DIRECTORY))
      let code = errno
      close(descriptor)
      descriptor = next
      errno = code
    }
    guard descriptor >= 0 else {
      throw LibraryFailure(
        reason: "“\(name)” cannot be opened below the folder of the file: "
          + (errno == ELOOP ? "it is a symbolic link" : String(cString: strerror(errno))))
    }
    do throws(LibraryFailure) {
      return try OpenFile(descriptor: descriptor)
    } catch {
      close(descriptor)
      throw error
    }
  }

  /// The path of a file that another one names.
  static func path(of name: String, besides file: String) throws(LibraryFailure) -> String {
    ([folder(of: file)] + (try steps(of: name))).joined(separator: "/")
  }

  private static func folder(of file: String) -> String {
    guard let slash = file.lastIndex(of: "/") else { return "." }
    return slash == file.startIndex ? "/" : String(file[..<slash])
  }

  private static func steps(of name: String) throws(LibraryFailure) -> [String] {
    let parts = name.split(separator: "/").map(String.init).filter { $0 != "." }
    guard !name.hasPrefix("/"), !parts.isEmpty, !parts.contains(".."), !name.utf8.contains(0) else {
      throw LibraryFailure(
        reason: "“\(name)” does not lie below the folder of the file",
        help: "copy it there, or copy its contents into the file with h5repack")
    }
    return parts
  }
}
