import CHDF5

/// A file opened by the library, over a descriptor.
struct SourceFile: ~Copyable {
  let handle: Handle
  let file: OpenFile
  /// Where the raw data lie that the library was last asked for.
  let raw: RawReads
  /// Whether the metadata of the file have checksums, as those of its later formats.
  let hasChecksums: Bool

  /// - Throws: ``LibraryFailure`` if the file cannot be opened, with what it is instead.
  init(_ file: OpenFile) throws(LibraryFailure) {
    let preamble = try FilePreamble(of: file)
    let access = try Handle(
      H5Pcreate(uh5_file_access()), closing: H5Pclose, to: "prepare opening the file")
    let raw = RawReads()
    var source = uh5_descriptor_source(
      descriptor: file.descriptor, size: haddr_t(file.size), raw: raw.state)
    try DescriptorDriver.set(on: access.id, &source)
    do throws(LibraryFailure) {
      // The name is for the library's messages only.
      handle = try Handle(
        H5Fopen("/", uh5_read_only(), access.id), closing: H5Fclose, to: "open the file")
    } catch {
      var failure = error
      if failure.detail?.contains("truncated file") == true {
        let header = preamble.declaredEnd.map { ", its header says \($0)" } ?? " before its data do"
        failure.reason = "truncated: the file ends at byte \(preamble.size)\(header)"
        failure.help = "copy or write the file again"
      }
      throw failure
    }
    self.file = file
    self.raw = raw
    hasChecksums = preamble.version >= 2
  }

  /// Opens an object by its path, over hard links only: those cannot lead out of the file.
  func open(_ path: String) throws(LibraryFailure) -> Handle {
    var object = try Handle(
      H5Gopen2(handle.id, "/", 0), closing: H5Gclose, to: "open the root group")
    // By bytes: a "/" may be followed by a combining character.
    for bytes in path.utf8.split(separator: UInt8(ascii: "/")) {
      let name = String(decoding: bytes, as: UTF8.self)
      guard H5Iget_type(object.id) == H5I_GROUP, !bytes.contains(0),
        H5Lexists(object.id, name, 0) > 0
      else {
        H5Eclear2(hid_t(H5E_DEFAULT))
        throw LibraryFailure(reason: "the file has no such object")
      }
      var link = H5L_info_t()
      try check(uh5_link_info(object.id, name, &link), to: "look up “\(name)”")
      guard link.type == H5L_TYPE_HARD else {
        throw LibraryFailure(
          reason: "“\(name)” is a link to another place, which is not followed",
          help: "name the object that it points to")
      }
      object = try open(at: uh5_link_address(&link))
    }
    return object
  }

  /// Takes note of the bytes of a dataset.
  ///
  /// - Throws: ``LibraryFailure`` if they belong to something else too.
  func claim(
    _ bytes: [Range<Int>], for path: String, _ claims: inout ByteClaims
  ) throws(LibraryFailure) {
    do throws(ByteClaims.Conflict) {
      claims.note(structure: raw.takeMetadata())
      try claims.claim(bytes, for: path)
    } catch {
      throw error.failure
    }
  }

  /// Opens the object at an address of the file, as a hard link gives it.
  func open(at address: haddr_t) throws(LibraryFailure) -> Handle {
    try Handle(
      H5Oopen_by_addr(handle.id, address), closing: H5Oclose, to: "open the object")
  }
}
