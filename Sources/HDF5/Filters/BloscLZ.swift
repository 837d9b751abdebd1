/// The decoder of BloscLZ, the compressor that Blosc comes with.
///
/// The format (blosclz.c of C-Blosc 1.21): a control byte below 32 is followed by that many bytes
/// plus one, verbatim. Otherwise its upper three bits are a length plus two (7: bytes are added, up to
/// and including the first below 255) and its lower five, with the byte that follows, the distance
/// back minus one; a distance of all ones is followed by two bytes that are added to it. Of the first
/// control byte only the lower five bits count.
enum BloscLZ {
  /// The largest distance of the short form, plus one.
  private static let farther = 8191

  /// Decodes a stream that must fill the target.
  ///
  /// - Returns: Whether it does.
  static func decode(
    _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
  ) -> Bool {
    guard let input = source.baseAddress, let output = target.baseAddress else { return false }
    var read = 0
    var written = 0
    while read < source.count {
      let control = Int(source[read]) & (read == 0 ? 31 : 255)
      read += 1
      if control < 32 {
        let length = control + 1
        guard length <= source.count - read, length <= target.count - written else { return false }
        (output + written).copyMemory(from: input + read, byteCount: length)
        read += length
        written += length
      } else {
        guard let (length, distance) = match(control, in: source, &read), distance <= written,
          length <= target.count - written
        else { return false }
        RepeatedBytes.copy(from: distance, to: output + written, count: length)
        written += length
      }
    }
    return written == target.count
  }

  @inline(__always)
  private static func match(
    _ control: Int, in source: UnsafeRawBufferPointer, _ read: inout Int
  ) -> (length: Int, distance: Int)? {
    func next() -> Int? {
      guard read < source.count else { return nil }
      defer { read += 1 }
      return Int(source[read])
    }
    var length = control >> 5 + 2
    if control >> 5 == 7 {
      var byte = 255
      while byte == 255 {
        guard let more = next() else { return nil }
        byte = more
        length += more
      }
    }
    guard let low = next() else { return nil }
    let high = (control & 31) << 8
    guard low == 255, high == 31 << 8 else { return (length, high + low + 1) }
    guard let first = next(), let second = next() else { return nil }
    return (length, first << 8 + second + farther + 1)
  }
}
