import CHDF5

/// HDF5's filter 2: all first bytes of the elements, then all second ones, and so on.
enum Shuffle {
  /// Puts the bytes back into elements of `width` bytes. Bytes after the last whole element were
  /// not moved.
  static func undo(
    _ source: UnsafeRawBufferPointer, width: Int, into target: UnsafeMutableRawBufferPointer
  ) {
    precondition(target.count >= source.count, "\(target.count) bytes for \(source.count)")
    guard let input = source.baseAddress?.assumingMemoryBound(to: UInt8.self),
      let output = target.baseAddress
    else { return }
    let count = source.count / width
    switch width {
    case 2:
      let words = output.assumingMemoryBound(to: UInt16.self)
      for i in uh5_unshuffle_2(input, output, count)..<count {
        words[i] = UInt16(littleEndian: UInt16(input[i]) | UInt16(input[count + i]) << 8)
      }
    case 4:
      let words = output.assumingMemoryBound(to: UInt32.self)
      for i in uh5_unshuffle_4(input, output, count)..<count {
        let low = UInt32(input[i]) | UInt32(input[count + i]) << 8
        let high = UInt32(input[2 * count + i]) | UInt32(input[3 * count + i]) << 8
        words[i] = UInt32(littleEndian: low | high << 16)
      }
    case 8:
      let words = output.assumingMemoryBound(to: UInt64.self)
      for i in 0..<count {
        var word: UInt64 = 0
        for byte in 0..<8 { word |= UInt64(input[byte * count + i]) << UInt64(8 * byte) }
        words[i] = UInt64(littleEndian: word)
      }
    default:
      let bytes = output.assumingMemoryBound(to: UInt8.self)
      for byte in 0..<width {
        for i in 0..<count { bytes[i * width + byte] = input[byte * count + i] }
      }
    }
    let rest = (count * width)..<source.count
    for i in rest { target[i] = source[i] }
  }
}
