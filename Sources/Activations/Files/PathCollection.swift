import Foundation

/// A file that a path of the user led to.
struct FoundFile: Sendable, Equatable {
  var path: String
  var bytes: Int
  /// The name of the model, for several files read as one.
  var commonStem: String?

  /// The name without folders.
  var name: String { String(path.split(separator: "/").last ?? "") }

  /// The name without folders and extension.
  var stem: String {
    if let commonStem { return commonStem }
    // dnnbrain writes `<model>.act.h5`.
    if name.hasSuffix(".act.h5") { return String(name.dropLast(7)) }
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return name }
    return String(name[..<dot])
  }
}

/// The HDF5 files behind the paths of the user, in natural order, each file once.
struct PathCollection: Sendable {
  private(set) var files: [FoundFile] = []
  private(set) var skipped: [SkippedInput] = []
  private(set) var notes = NoteBook()

  private struct Identity: Hashable {
    var device: UInt64
    var inode: UInt64
  }
  private var seen: [Identity: String] = [:]

  /// The extensions that promise HDF5: such a file that is none is a fault even in a folder.
  private static let extensions: Set<String> = [
    "h5", "hdf5", "he5", "hdf", "nc", "mat", "h5ad", "nwb", "npy", "npz", "safetensors",
  ]

  /// Collects files, folders (recursively; hidden entries are left out and symbolic links not
  /// followed), globs and `@list.txt`.
  ///
  /// - Throws: ``ReadingError/badPath(path:reason:help:)`` for a path that does not exist.
  init(_ paths: [String]) throws {
    var all: [String] = []
    for path in paths {
      if path.hasPrefix("@"), path.count > 1 {
        all += try PathCollection.list(String(path.dropFirst()))
      } else {
        all.append(path)
      }
    }
    for path in all { try add(path) }
    files.sort { NaturalOrder.precedes($0.path, $1.path) }
    skipped.sort { NaturalOrder.precedes($0.file, $1.file) }
  }

  private mutating func add(_ path: String) throws {
    var status = stat()
    if stat(path, &status) == 0 {
      try add(path, status, isNamedByUser: true)
      return
    }
    guard Glob.isPattern(path) else {
      throw ReadingError.badPath(
        path: path, reason: String(cString: strerror(errno)).lowercased(),
        help: "check the spelling; relative paths start at the current folder")
    }
    let matches = PathCollection.expand(path)
    guard !matches.isEmpty else {
      throw ReadingError.badPath(
        path: path, reason: "no file fits this pattern",
        help: "check it with `ls`; `**` is not supported, a folder is searched recursively")
    }
    for match in matches where stat(match, &status) == 0 {
      try add(match, status, isNamedByUser: false)
    }
  }

  private mutating func add(_ path: String, _ status: stat, isNamedByUser: Bool) throws {
    switch status.st_mode & S_IFMT {
    case S_IFDIR: addFolder(path)
    case S_IFREG:
      addFile(path, status, isNamedByUser: isNamedByUser)
    default:
      guard isNamedByUser else { return }
      throw ReadingError.badPath(
        path: path, reason: "neither a file nor a folder",
        help: "name HDF5 files or folders that hold some")
    }
  }

  private mutating func addFolder(_ folder: String) {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
      skipped.append(
        SkippedInput(
          file: folder, reason: "the folder cannot be listed", help: "check its permissions"))
      return
    }
    for name in names.sorted(by: NaturalOrder.precedes) where !name.hasPrefix(".") {
      let path = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
      var status = stat()
      guard lstat(path, &status) == 0 else { continue }
      switch status.st_mode & S_IFMT {
      case S_IFDIR: addFolder(path)
      case S_IFREG: addFile(path, status, isNamedByUser: false)
      case S_IFLNK: notes.add("Symbolic links in folders were not followed", path)
      default: break
      }
    }
  }

  private mutating func addFile(_ path: String, _ status: stat, isNamedByUser: Bool) {
    let identity = Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    if let first = seen[identity] {
      if first != path { notes.add("Reached twice and read once", "\(path) is \(first)") }
      return
    }
    seen[identity] = path
    let file = FoundFile(path: path, bytes: Int(status.st_size))
    let ending = file.name.split(separator: ".").last.map { $0.lowercased() } ?? ""
    switch FileSignature(ofFile: path, bytes: file.bytes) {
    case .hdf5: files.append(file)
    case .arrays where isNamedByUser || ["npy", "npz", "safetensors"].contains(ending):
      files.append(file)
    case .arrays: break
    case .other(let reason, let help):
      guard isNamedByUser || PathCollection.extensions.contains(ending) else { return }
      skipped.append(SkippedInput(file: path, reason: reason, help: help))
    }
  }

  /// The paths in a list file: one a line; blank lines and lines that start with `#` are left out.
  /// A path that does not exist from the current folder is looked for beside the list.
  private static func list(_ file: String) throws -> [String] {
    guard let data = FileManager.default.contents(atPath: file) else {
      throw ReadingError.badPath(
        path: file, reason: "the list of paths cannot be read",
        help: "`@FILE` names a text file with one path a line")
    }
    let folder = file.lastIndex(of: "/").map { String(file[...$0]) } ?? ""
    return String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline)
      .map { $0.trimmingCharacters(in: .whitespaces) }
      .filter { !$0.isEmpty && !$0.hasPrefix("#") }
      .map { path in
        let beside = folder + path
        let isHere = FileManager.default.fileExists(atPath: path) || path.hasPrefix("/")
        return !isHere && FileManager.default.fileExists(atPath: beside) ? beside : path
      }
  }

  /// The existing paths that fit a shell pattern.
  private static func expand(_ pattern: String) -> [String] {
    var result = glob_t()
    defer { globfree(&result) }
    guard glob(pattern, 0, nil, &result) == 0 else { return [] }
    return (0..<Int(result.gl_pathc)).compactMap { index in
      result.gl_pathv[index].map { String(cString: $0) }
    }
  }
}
