import Testing

@testable import HDF5

@Suite struct FilterTests {
  /// By hand from the definition; the fixtures hold sums that the library wrote.
  @Test func fletcherSumsWordsWithTheHighByteFirst() {
    #expect(Fletcher32.checksum(bytes: []) == 0)
    #expect(Fletcher32.checksum(bytes: [0x01, 0x02]) == 0x0102_0102)
    #expect(Fletcher32.checksum(bytes: [0x80]) == 0x8000_8000)
  }

  @Test func fletcherTakesTheOldByteOrder() {
    let data: [UInt8] = [1, 2, 3, 4, 5]
    let sum = Fletcher32.checksum(bytes: data)
    let stored = (0..<4).map { UInt8(truncatingIfNeeded: sum >> (8 * $0)) }
    #expect((data + stored).withUnsafeBytes { Fletcher32.verify($0) })
    let exchanged = [stored[1], stored[0], stored[3], stored[2]]
    #expect((data + exchanged).withUnsafeBytes { Fletcher32.verify($0) })
    #expect(!(data + stored.reversed()).withUnsafeBytes { Fletcher32.verify($0) })
    #expect(!([1, 2, 3] as [UInt8]).withUnsafeBytes { Fletcher32.verify($0) })
  }

  @Test func lzfRepeatsOverlappingPatterns() {
    // "ab" verbatim, then seven bytes from two back.
    #expect(decode([1, 97, 98, 5 << 5, 1], size: 9) == Array("ababababa".utf8))
    // The long form: 7 + 1 + 2 bytes from one back.
    #expect(decode([0, 97, 7 << 5, 1, 0], size: 11) == Array(repeating: 97, count: 11))
  }

  @Test(
    arguments: [
      [31], [2, 1], [0x20], [0xe0, 5], [0, 97, 0x20, 1], [0, 97, 0x3f, 0xff],
      [0, 97, 0xe0, 255, 0],
    ] as [[UInt8]])
  func lzfRefusesDamagedData(_ bytes: [UInt8]) {
    #expect(decode(bytes, size: 16) == nil)
  }

  @Test func lzfNeverLeavesItsBuffers() {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<20_000 {
      let bytes = (0..<Int.random(in: 0..<40, using: &generator)).map { _ in
        UInt8.random(in: 0...255, using: &generator)
      }
      _ = decode(bytes, size: Int.random(in: 0..<64, using: &generator))
    }
  }

  @Test(arguments: [1, 2, 3, 4, 5, 8, 16])
  func unshuffleIsTheInverseOfShuffle(width: Int) {
    let data = (0..<(width * 13 + width - 1)).map { UInt8($0 % 251) }
    var shuffled: [UInt8] = []
    for byte in 0..<width { for i in 0..<13 { shuffled.append(data[i * width + byte]) } }
    shuffled += data[(width * 13)...]
    let buffer = AlignedBuffer(count: data.count)
    shuffled.withUnsafeBytes { Shuffle.undo($0, width: width, into: buffer.bytes) }
    #expect(Array(buffer.bytes) == data)
  }

  @Test func halfPrecisionWithoutTheInstructionIsTheSame() {
    let patterns = (0...UInt16.max).map { $0 }
    var converted = [Double](repeating: 0, count: patterns.count)
    HalfPrecision.convert(patterns, count: patterns.count, into: &converted)
    #expect(sameBits(converted, patterns.map(HalfPrecision.double)))
  }

  private func decode(_ bytes: [UInt8], size: Int) -> [UInt8]? {
    let buffer = AlignedBuffer(count: size)
    let written = bytes.withUnsafeBytes { LZF.decode($0, into: buffer.bytes) }
    return written.map { Array(buffer.bytes[..<$0]) }
  }
}

extension Fletcher32 {
  fileprivate static func checksum(bytes: [UInt8]) -> UInt32 {
    bytes.withUnsafeBytes { checksum($0) }
  }
}
