/// The checksum of HDF5's filter 3.
///
/// Fletcher's sum over 16-bit words, high byte first, a last odd byte counting as the high one; the
/// result is stored after the data, low byte first (H5checksum.c, H5Zfletcher32.c of HDF5 1.10).
enum Fletcher32 {
  /// The bytes that the filter appends to the data.
  static let size = 4

  static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    var first: UInt32 = 0
    var second: UInt32 = 0
    let words = bytes.count / 2
    var word = 0
    while word < words {
      // The largest number of words after which neither 32-bit sum can have overflowed.
      let end = min(words, word + 360)
      while word < end {
        first &+= UInt32(bytes[2 * word]) << 8 | UInt32(bytes[2 * word + 1])
        second &+= first
        word += 1
      }
      first = (first & 0xffff) + (first >> 16)
      second = (second & 0xffff) + (second >> 16)
    }
    if bytes.count % 2 == 1, let last = bytes.last {
      first += UInt32(last) << 8
      second += first
      first = (first & 0xffff) + (first >> 16)
      second = (second & 0xffff) + (second >> 16)
    }
    first = (first & 0xffff) + (first >> 16)
    second = (second & 0xffff) + (second >> 16)
    return second << 16 | first
  }

  /// Whether data followed by their checksum agree. Like the library, it also takes the sum with
  /// the bytes of each half exchanged, which HDF5 before 1.6.3 wrote.
  static func verify(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard bytes.count >= size else { return false }
    let stored = UInt32(
      littleEndian: bytes.loadUnaligned(fromByteOffset: bytes.count - size, as: UInt32.self))
    let sum = checksum(UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count - size)]))
    let exchanged = (sum & 0x00ff_00ff) << 8 | (sum >> 8) & 0x00ff_00ff
    return sum == stored || exchanged == stored
  }
}
