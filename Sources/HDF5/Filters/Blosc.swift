/// The decoder of Blosc chunks, HDF5's filter 32001, as PyTables writes them.
///
/// The format (README_CHUNK_FORMAT.rst of C-Blosc 1.21): a header of 16 bytes; for each block the
/// place where it begins; the blocks, each one stream or, split by the bytes of the elements, as many
/// as an element has bytes; every stream after its stored size.
enum Blosc {
  /// The number under which the filter is registered with The HDF Group.
  static let filter = 32001

  /// The number of bytes from which a block can be split, per byte of an element (blosc.c,
  /// `MIN_BUFFERSIZE`), and the largest such number (`MAX_SPLITS`).
  private static let leastSplit = 128
  private static let mostSplits = 16
  private static let headerBytes = 16

  /// What the header says.
  struct Header: Equatable {
    enum Codec: UInt8 { case bloscLZ, lz4, snappy, zlib, zstd }

    var width: Int
    var bytes: Int
    var blockBytes: Int
    var codec: Codec
    var isCopied: Bool
    var isShuffled: Bool
    var isBitShuffled: Bool
    var isSplit: Bool

    /// - Returns: `nil` if it is damaged or contradicts the size of what is stored.
    init?(_ source: UnsafeRawBufferPointer) {
      guard source.count >= Blosc.headerBytes, source[0] == 2,
        let codec = Codec(rawValue: source[2] >> 5)
      else { return nil }
      self.codec = codec
      let flags = source[2]
      isShuffled = flags & 1 != 0
      isCopied = flags & 2 != 0
      isBitShuffled = flags & 4 != 0
      isSplit = flags & 16 == 0
      width = max(1, Int(source[3]))
      bytes = Blosc.number(source, at: 4)
      blockBytes = Blosc.number(source, at: 8)
      guard Blosc.number(source, at: 12) == source.count, blockBytes > 0 || isCopied else {
        return nil
      }
    }
  }

  /// Decodes a chunk that must fill the target.
  ///
  /// - Parameters:
  ///   - scratch: Memory of at least the size of the target.
  ///   - zlib, zstd: Decompress into memory that they must fill.
  /// - Returns: Whether it does.
  static func decode(
    _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer,
    scratch: UnsafeMutableRawBufferPointer,
    zlib: (UnsafeRawBufferPointer, UnsafeMutableRawBufferPointer) -> Bool,
    zstd: (UnsafeRawBufferPointer, UnsafeMutableRawBufferPointer) -> Bool
  ) -> Bool {
    guard let header = Header(source), header.bytes == target.count else { return false }
    if header.isCopied {
      guard source.count == headerBytes + target.count else { return false }
      target.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[headerBytes...]))
      return true
    }
    func stream(_ bytes: UnsafeRawBufferPointer, _ place: UnsafeMutableRawBufferPointer) -> Bool {
      switch header.codec {
      case .bloscLZ: BloscLZ.decode(bytes, into: place)
      case .lz4: LZ4.decode(bytes, into: place)
      case .zlib: zlib(bytes, place)
      case .zstd: zstd(bytes, place)
      case .snappy: false
      }
    }
    let count = (target.count + header.blockBytes - 1) / header.blockBytes
    guard count <= (source.count - headerBytes) / 4 else { return false }
    for block in 0..<count {
      let start = block * header.blockBytes
      let range = start..<min(target.count, start + header.blockBytes)
      let part = UnsafeMutableRawBufferPointer(rebasing: target[range])
      let first = UnsafeMutableRawBufferPointer(rebasing: scratch[range])
      guard
        decodeBlock(
          source, at: number(source, at: headerBytes + 4 * block), header, stream, into: first)
      else { return false }
      unshuffle(UnsafeRawBufferPointer(first), header, into: part)
    }
    return true
  }

  private static func decodeBlock(
    _ source: UnsafeRawBufferPointer, at start: Int, _ header: Header,
    _ decode: (UnsafeRawBufferPointer, UnsafeMutableRawBufferPointer) -> Bool,
    into target: UnsafeMutableRawBufferPointer
  ) -> Bool {
    let isWhole = target.count == header.blockBytes
    let splits =
      header.isSplit && header.width <= mostSplits
        && header.blockBytes / header.width >= leastSplit && isWhole ? header.width : 1
    // What does not divide evenly would be left over.
    guard target.count % splits == 0 else { return false }
    let size = target.count / splits
    var read = start
    for split in 0..<splits {
      guard read >= headerBytes, read <= source.count - 4 else { return false }
      let stored = number(source, at: read)
      read += 4
      guard stored <= source.count - read else { return false }
      let stream = UnsafeRawBufferPointer(rebasing: source[read..<read + stored])
      let place = UnsafeMutableRawBufferPointer(
        rebasing: target[split * size..<(split + 1) * size])
      if stored == size {
        place.copyMemory(from: stream)
      } else {
        guard decode(stream, place) else { return false }
      }
      read += stored
    }
    return true
  }

  private static func unshuffle(
    _ source: UnsafeRawBufferPointer, _ header: Header, into target: UnsafeMutableRawBufferPointer
  ) {
    if header.isShuffled, header.width > 1 {
      Shuffle.undo(source, width: header.width, into: target)
    } else if header.isBitShuffled, source.count >= header.width,
      source.count / header.width % 8 == 0
    {
      // A number of elements that is no multiple of eight is left as it is.
      let whole = source.count / header.width * header.width
      BitShuffle.undoBlock(
        UnsafeRawBufferPointer(rebasing: source[..<whole]), width: header.width, into: target)
      UnsafeMutableRawBufferPointer(rebasing: target[whole...])
        .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[whole...]))
    } else {
      target.copyMemory(from: source)
    }
  }

  /// Four bytes, the low one first.
  private static func number(_ source: UnsafeRawBufferPointer, at place: Int) -> Int {
    Int(UInt32(littleEndian: source.loadUnaligned(fromByteOffset: place, as: UInt32.self)))
  }
}
