/// HDF5's filter 32008, which brings bits of the same weight together (Masui et al. 2015,
/// "A compression scheme for radio data in high performance computing").
///
/// Elements are taken in blocks. Of a block of n elements of w bytes, the result has w × 8 rows of
/// n / 8 bytes: row 8 j + k holds bit k of byte j of all elements, the first element in the lowest bit.
/// Elements that do not make a multiple of eight come last, as they are.
struct BitShuffle: Equatable, Sendable {
  enum Compression: Int, Sendable {
    case none = 0
    case lz4 = 2
    case zstd = 3
  }

  /// The number under which the filter is registered with The HDF Group.
  static let filter = 32008

  /// The bytes of an element.
  var width: Int
  /// The elements of a block, or 0 for the usual number; what is compressed says it itself.
  var blockElements: Int
  var compression: Compression

  /// From the parameters of the filter: version (two), width, elements of a block, compression.
  ///
  /// - Returns: `nil` if they make no sense.
  init?(parameters: [UInt32]) {
    guard parameters.count >= 3 else { return nil }
    self.init(
      width: Int(parameters[2]), blockElements: parameters.count > 3 ? Int(parameters[3]) : 0,
      compression: parameters.count > 4 ? Int(parameters[4]) : 0)
  }

  init?(width: Int, blockElements: Int, compression: Int) {
    guard (1...65_536).contains(width), blockElements >= 0, blockElements % 8 == 0,
      blockElements <= Caps.chunkBytes, let compression = Compression(rawValue: compression)
    else { return nil }
    self.width = width
    self.blockElements = blockElements
    self.compression = compression
  }

  /// The number of elements of a block where the writer left it open: 8 KiB, at least 128
  /// (bitshuffle_core.c, `bshuf_default_block_size`).
  private var usualBlock: Int { max(128, 8192 / width / 8 * 8) }

  /// Undoes the compression of a chunk, block by block.
  ///
  /// - Parameters:
  ///   - target: Memory of the size of the chunk, which it must fill.
  ///   - decode: Decompresses a block into memory of its size.
  /// - Returns: The elements of a block, or `nil` if the chunk is damaged.
  func decompress(
    _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer,
    _ decode: (UnsafeRawBufferPointer, UnsafeMutableRawBufferPointer) -> Bool
  ) -> Int? {
    guard let header = BlockHeader(source, fills: target.count), target.count % width == 0,
      header.blockBytes > 0, header.blockBytes % (8 * width) == 0
    else { return nil }
    var read = BlockHeader.bytes
    var written = 0
    let inBlocks = target.count / (8 * width) * (8 * width)
    while written < inBlocks {
      let size = min(header.blockBytes, inBlocks - written)
      guard let stored = BlockHeader.block(in: source, &read),
        decode(stored, UnsafeMutableRawBufferPointer(rebasing: target[written..<written + size]))
      else { return nil }
      written += size
    }
    guard source.count - read == target.count - written else { return nil }
    UnsafeMutableRawBufferPointer(rebasing: target[written...])
      .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[read...]))
    return header.blockBytes / width
  }

  /// Puts the bits of all blocks back.
  ///
  /// - Parameter blockElements: The elements of a block, or 0 for the usual number.
  func undo(
    _ source: UnsafeRawBufferPointer, blockElements: Int,
    into target: UnsafeMutableRawBufferPointer
  ) {
    precondition(target.count >= source.count, "\(target.count) bytes for \(source.count)")
    let block = (blockElements == 0 ? usualBlock : blockElements) * width
    let inBlocks = source.count / (8 * width) * (8 * width)
    for start in stride(from: 0, to: inBlocks, by: block) {
      let range = start..<min(start + block, inBlocks)
      Self.undoBlock(
        UnsafeRawBufferPointer(rebasing: source[range]), width: width,
        into: UnsafeMutableRawBufferPointer(rebasing: target[range]))
    }
    UnsafeMutableRawBufferPointer(rebasing: target[inBlocks..<source.count])
      .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[inBlocks...]))
  }

  /// Puts the bits of a block back, whose size must be a multiple of eight elements.
  static func undoBlock(
    _ source: UnsafeRawBufferPointer, width: Int, into target: UnsafeMutableRawBufferPointer
  ) {
    let row = source.count / width / 8
    precondition(
      row * width * 8 == source.count && target.count >= source.count,
      "\(source.count) bytes in elements of \(width)")
    for byte in 0..<width {
      for eight in 0..<row {
        var bits: UInt64 = 0
        for bit in 0..<8 {
          bits |= UInt64(source[(8 * byte + bit) * row + eight]) << UInt64(8 * bit)
        }
        bits = transposed(bits)
        for element in 0..<8 {
          target[(8 * eight + element) * width + byte] = UInt8(
            truncatingIfNeeded: bits >> UInt64(8 * element))
        }
      }
    }
  }

  /// Eight rows of eight bits, mirrored at the diagonal (Warren, Hacker's Delight, 7–3).
  private static func transposed(_ matrix: UInt64) -> UInt64 {
    var x = matrix
    var t = (x ^ (x >> 7)) & 0x00aa_00aa_00aa_00aa
    x ^= t ^ (t << 7)
    t = (x ^ (x >> 14)) & 0x0000_cccc_0000_cccc
    x ^= t ^ (t << 14)
    t = (x ^ (x >> 28)) & 0x0000_0000_f0f0_f0f0
    return x ^ t ^ (t << 28)
  }
}
