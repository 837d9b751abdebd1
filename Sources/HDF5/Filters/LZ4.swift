/// The decoder of LZ4 blocks, and of HDF5's filter 32004, which keeps them.
///
/// The format (lz4_Block_format.md of LZ4 1.9): a token whose upper four bits are the number of
/// literals and whose lower four are the length of a match minus four (15: bytes are added, up to
/// and including the first below 255); the literals; the distance of the match, two bytes, low one
/// first. The last sequence ends after its literals.
enum LZ4 {
  /// The number under which the filter is registered with The HDF Group.
  static let filter = 32004

  /// Decodes a block that must fill the target.
  ///
  /// - Returns: Whether it does.
  static func decode(
    _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
  ) -> Bool {
    guard let input = source.baseAddress, let output = target.baseAddress else { return false }
    var read = 0
    var written = 0
    while read < source.count {
      let token = Int(source[read])
      read += 1
      guard let literals = length(token >> 4, in: source, &read), literals <= source.count - read,
        literals <= target.count - written
      else { return false }
      (output + written).copyMemory(from: input + read, byteCount: literals)
      read += literals
      written += literals
      if read == source.count { return written == target.count }
      guard source.count - read >= 2 else { return false }
      let distance = Int(source[read]) | Int(source[read + 1]) << 8
      read += 2
      guard let match = length(token & 15, in: source, &read), distance > 0, distance <= written,
        match + 4 <= target.count - written
      else { return false }
      RepeatedBytes.copy(from: distance, to: output + written, count: match + 4)
      written += match + 4
    }
    return false
  }

  /// A length of which a token holds the beginning.
  @inline(__always)
  private static func length(
    _ start: Int, in source: UnsafeRawBufferPointer, _ read: inout Int
  ) -> Int? {
    guard start == 15 else { return start }
    var length = 15
    while read < source.count {
      let byte = Int(source[read])
      read += 1
      length += byte
      if byte < 255 { return length }
    }
    return nil
  }

  /// Decodes what filter 32004 stores (H5Zlz4.c of its authors): the size of the whole in eight
  /// bytes and that of a block in four, high byte first; then each block, after its stored size. A
  /// block that did not become smaller is kept as it is.
  ///
  /// - Returns: Whether the blocks fill the target.
  static func decodeChunk(
    _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
  ) -> Bool {
    guard let header = BlockHeader(source, fills: target.count), header.blockBytes > 0 else {
      return false
    }
    var read = BlockHeader.bytes
    var written = 0
    while written < target.count {
      let size = min(header.blockBytes, target.count - written)
      guard let stored = BlockHeader.block(in: source, &read) else { return false }
      let place = UnsafeMutableRawBufferPointer(rebasing: target[written..<written + size])
      if stored.count == size {
        place.copyMemory(from: stored)
      } else {
        guard decode(stored, into: place) else { return false }
      }
      written += size
    }
    return read == source.count
  }
}

/// The beginning of a chunk that was compressed block by block.
struct BlockHeader {
  static let bytes = 12
  /// The size of a block before it was compressed.
  let blockBytes: Int

  /// - Returns: `nil` if the chunk is not one of `size` bytes.
  init?(_ source: UnsafeRawBufferPointer, fills size: Int) {
    guard source.count >= Self.bytes, Self.number(source, at: 0, bytes: 8) == UInt64(size) else {
      return nil
    }
    blockBytes = Int(Self.number(source, at: 8, bytes: 4))
  }

  /// A block with its stored size before it.
  static func block(
    in source: UnsafeRawBufferPointer, _ read: inout Int
  ) -> UnsafeRawBufferPointer? {
    guard source.count - read >= 4 else { return nil }
    let size = Int(number(source, at: read, bytes: 4))
    guard size <= source.count - read - 4 else { return nil }
    defer { read += 4 + size }
    return UnsafeRawBufferPointer(rebasing: source[read + 4..<read + 4 + size])
  }

  /// An unsigned number, its high byte first.
  private static func number(_ source: UnsafeRawBufferPointer, at place: Int, bytes: Int) -> UInt64
  {
    source[place..<place + bytes].reduce(0) { $0 << 8 | UInt64($1) }
  }
}
