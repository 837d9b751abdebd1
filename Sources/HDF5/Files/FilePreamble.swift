/// What can be said about a file before libhdf5 sees it.
struct FilePreamble {
  /// The size in bytes.
  let size: Int
  /// The version of the superblock: from 2 on, metadata have checksums.
  let version: Int
  /// Where the HDF5 superblock begins.
  let signatureOffset: Int
  /// The end of the file according to its superblock, if that was understood.
  let declaredEnd: Int?

  /// The first bytes of a superblock (HDF5 File Format Specification, II.A).
  private static let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]

  /// - Throws: ``LibraryFailure`` if the file is empty, no HDF5 file, or has a damaged beginning.
  init(of file: OpenFile) throws(LibraryFailure) {
    let size = file.size
    guard size > 0 else { throw LibraryFailure(reason: "the file is empty (0 bytes)") }
    // The specification allows the superblock at 0, 512, 1024, 2048 and so on.
    var offset = 0
    while file.bytes(at: offset, count: 8) != Self.signature {
      offset = offset == 0 ? 512 : 2 * offset
      guard offset < size else {
        throw Self.notHDF5(startingWith: file.bytes(at: 0, count: 512))
      }
    }
    let superblock = file.bytes(at: offset, count: 64)
    try Self.checkBeginning(of: superblock)
    self.size = size
    signatureOffset = offset
    version = Int(superblock[8])
    declaredEnd = Self.endOfFile(superblock: superblock)
    // Writers cut a file where their header says that it ends, whenever they flush it.
    if let declaredEnd, size - offset > declaredEnd {
      throw LibraryFailure(
        reason: "the file goes on for \(size - offset - declaredEnd) bytes after the end that its "
          + "header declares: it was changed after it was written, or its writer was killed",
        help: "write it again; h5repack in.h5 out.h5 copies what the header describes")
    }
  }

  /// Tells a newer format from a signature that is followed by something else. Versions 0 to 3 are
  /// defined; the next few would have the sizes of addresses and lengths where 2 and 3 have them.
  private static func checkBeginning(of superblock: [UInt8]) throws(LibraryFailure) {
    guard superblock.count >= 16 else {
      throw LibraryFailure(
        reason: "truncated: the file ends within its header", help: "copy or write the file again")
    }
    let version = superblock[8]
    let widths = version < 2 ? superblock[13...14] : superblock[9...10]
    let isPlausible = widths.allSatisfy { [2, 4, 8, 16, 32].contains($0) }
    guard version <= 8, isPlausible else {
      throw LibraryFailure(
        reason: "damaged: it begins with the signature of HDF5, but what follows is no HDF5 header",
        help: "copy or write the file again")
    }
    guard version <= 3 else {
      throw LibraryFailure(
        reason: "written in a newer format than this version of the HDF5 library reads",
        help: KnownTrouble.conversion)
    }
    // File consistency flags: open for writing, or for writing while others read.
    guard version < 3 || superblock[11] & 0b101 == 0 else {
      throw LibraryFailure(
        reason: KnownTrouble.openForWriting.reason, help: KnownTrouble.openForWriting.help)
    }
  }

  /// The "end of file address", absolute, of a superblock of version 0 to 3.
  private static func endOfFile(superblock: [UInt8]) -> Int? {
    guard superblock.count >= 14 else { return nil }
    let version = superblock[8]
    guard version <= 3 else { return nil }
    let width = Int(version < 2 ? superblock[13] : superblock[9])
    guard [2, 4, 8].contains(width) else { return nil }
    // Two addresses (base; free space or extension) come before it.
    let start = (version == 0 ? 24 : version == 1 ? 28 : 12) + 2 * width
    guard start + width <= superblock.count else { return nil }
    let value = superblock[start..<(start + width)].reversed().reduce(0 as UInt64) {
      $0 << 8 | UInt64($1)
    }
    return Int(exactly: value)
  }

  /// Says what a file without a signature seems to be.
  private static func notHDF5(startingWith bytes: [UInt8]) -> LibraryFailure {
    let kinds: [(magic: [UInt8], name: String, help: String?)] = [
      (
        Array("version https://git-lfs".utf8), "it is a Git LFS pointer",
        "fetch it with: git lfs pull"
      ),
      ([0x93] + Array("NUMPY".utf8), "it is a NumPy .npy file", nil),
      (
        Array("PK\u{3}\u{4}".utf8), "it is a zip archive, such as NumPy's .npz or PyTorch's .pt",
        nil
      ),
      ([0x1f, 0x8b], "it is compressed with gzip", "unpack it with: gunzip"),
      ([0x28, 0xb5, 0x2f, 0xfd], "it is compressed with zstd", "unpack it with: unzstd"),
      (
        Array("CDF".utf8), "it is a classic netCDF file",
        "convert it with: nccopy -k nc4 in.nc out.nc"
      ),
      (Array("\u{e}\u{3}\u{13}\u{1}".utf8), "it is an HDF4 file", "convert it with: h4toh5"),
      (Array("MATLAB 5".utf8), "it is a MATLAB file of before v7.3", "save it with: save -v7.3"),
    ]
    for kind in kinds where bytes.starts(with: kind.magic) {
      return LibraryFailure(reason: "not an HDF5 file: \(kind.name)", help: kind.help)
    }
    let start = bytes.prefix(40)
    let isText = start.allSatisfy { (32..<127).contains($0) || (9...13).contains($0) }
    if isText {
      let text = String(decoding: start, as: UTF8.self).map { $0.isWhitespace ? " " : $0 }
      return LibraryFailure(reason: "not an HDF5 file: it begins with the text “\(String(text))”")
    }
    let digits = Array("0123456789abcdef")
    let shown = bytes.prefix(8).map { "\(digits[Int($0 >> 4)])\(digits[Int($0 & 15)])" }
    return LibraryFailure(
      reason: "not an HDF5 file: it begins with the bytes \(shown.joined(separator: " "))")
  }
}
