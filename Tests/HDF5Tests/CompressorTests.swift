import Testing

@testable import HDF5

/// Filters for which libhdf5 would load plug-ins; the fixture was written by the real compressors.
@Suite struct CompressorTests {
  let reader = LibraryReader()

  static let names =
    ["lz4", "lz4_blocks"]
    + (["none", "lz4"] + (Zstandard.isAvailable ? ["zstd"] : [])).flatMap {
      ["bitshuffle_\($0)", "bitshuffle_\($0)_64"]
    }
    + (["blosclz", "lz4", "lz4hc", "zlib"] + (Zstandard.isAvailable ? ["zstd"] : [])).flatMap {
      codec in (0...2).map { "blosc_\(codec)_\($0)" }
    }
    + (Zstandard.isAvailable ? ["zstd"] : [])

  @Test(arguments: names + ["shuffled_lz4_checked"])
  func whatTheRealCompressorWroteIsRead(name: String) throws {
    let file = try fixture("filters.h5")
    #expect(try reader.numbers(in: "/f4/\(name)", of: file, rows: nil) == ramp(100 * 33))
    #expect(
      try reader.numbers(in: "/f4/\(name)", of: file, rows: 60..<70)
        == Array(ramp(100 * 33)[60 * 33..<70 * 33]))
  }

  @Test(arguments: ["f2", "f8"], ["bitshuffle_lz4", "blosc_blosclz_1", "blosc_lz4_2"])
  func elementsOfOtherSizesAreRead(type: String, name: String) throws {
    #expect(
      try reader.numbers(in: "/\(type)/\(name)", of: fixture("filters.h5"), rows: nil)
        == ramp(100 * 33))
  }

  @Test(arguments: ["blosclz", "lz4"] + (Zstandard.isAvailable ? ["zstd"] : []))
  func chunksOfSeveralBlocksAreRead(name: String) throws {
    #expect(
      try reader.numbers(in: "/large/\(name)", of: fixture("filters.h5"), rows: nil)
        == ramp(251 * 1001))
  }

  @Test(arguments: names.filter { !$0.hasSuffix("0") && !$0.hasSuffix("64") })
  func whatDoesNotBecomeSmallerIsRead(name: String) throws {
    let file = try fixture("filters.h5")
    #expect(
      try reader.numbers(in: "/noisy/\(name)", of: file, rows: nil)
        == reader.numbers(in: "/noise", of: file, rows: nil))
  }

  @Test func textsOfFixedLengthAreDecompressedToo() throws {
    let texts = try reader.strings(in: "/texts", of: fixture("filters.h5"))
    #expect(texts == (0..<400).map { $0 % 2 == 0 ? "a" : "bcd" })
  }

  @Test func snappyIsRefusedByName() throws {
    let failure = try failure {
      _ = try reader.numbers(in: "/f4/blosc_snappy", of: fixture("filters.h5"), rows: nil)
    }
    #expect(failure.reason.contains("Snappy within Blosc"))
    #expect(failure.help?.contains("h5repack") == true)
  }

  /// By hand from the description of the format.
  @Test func lz4RepeatsOverlappingPatterns() {
    // Two literals, then 4 + 3 bytes from two back; an empty last sequence.
    #expect(lz4([0x23, 97, 98, 2, 0, 0], size: 9) == Array("ababababa".utf8))
    // 15 + 1 literals, nothing else.
    #expect(lz4([0xf0, 1] + Array(repeating: 97, count: 16), size: 16)?.count == 16)
  }

  @Test(
    arguments: [
      [], [0x10], [0xf0], [0xf0, 255], [0x10, 97], [0x23, 97, 98, 3, 0, 0],
      [0x23, 97, 98, 0, 0, 0],
      [0x23, 97, 98, 2], [0x2f, 97, 98, 2, 0, 255, 255], [0x23, 97, 98, 2, 0],
    ] as [[UInt8]])
  func lz4RefusesDamagedData(_ bytes: [UInt8]) {
    #expect(lz4(bytes, size: 9) == nil)
  }

  /// Row k of the block holds bit k of all elements.
  @Test func bitsAreBroughtTogetherAgain() {
    let source: [UInt8] = [0b0000_0001, 0, 0, 0, 0, 0, 0, 0b1000_0000]
    let target = AlignedBuffer(count: 8)
    source.withUnsafeBytes { BitShuffle.undoBlock($0, width: 1, into: target.bytes) }
    #expect(Array(target.bytes) == [1, 0, 0, 0, 0, 0, 0, 128])
  }

  /// Damaged data of every compressor: another result or none, and never beyond the buffers, which are
  /// followed by bytes that must stay what they are.
  @Test(
    arguments: [
      .lz4, .zstd, .blosc, .bitShuffle(width: 4, blockElements: 0, compression: 2),
      .bitShuffle(width: 4, blockElements: 0, compression: 3), .lzf, .deflate,
    ] as [FilterStep])
  func noDecoderLeavesItsBuffers(_ step: FilterStep) throws {
    guard FilterPipeline.canUndo([step]) else { return }
    var generator = SystemRandomNumberGenerator()
    let pipeline = try FilterPipeline([step])
    let size = 512
    let room = FilterPipeline.largestStored(chunkBytes: size)
    for _ in 0..<4000 {
      let first = AlignedBuffer(count: room + 64)
      let second = AlignedBuffer(count: room + 64)
      for index in room..<room + 64 { (first.bytes[index], second.bytes[index]) = (0xa5, 0xa5) }
      var front = UnsafeMutableRawBufferPointer(rebasing: first.bytes[..<room])
      var back = UnsafeMutableRawBufferPointer(rebasing: second.bytes[..<room])
      let count = Int.random(in: 1..<300, using: &generator)
      for index in 0..<count { front[index] = UInt8.random(in: 0...255, using: &generator) }
      Self.pretend(step, size: size, stored: count, in: front, &generator)
      do {
        try pipeline.decode(
          storedBytes: count, mask: 0, front: &front, back: &back, chunkBytes: size)
      } catch { #expect(!error.reason.isEmpty) }
      #expect(first.bytes[room...].allSatisfy { $0 == 0xa5 })
      #expect(second.bytes[room...].allSatisfy { $0 == 0xa5 })
    }
  }

  /// A header that lets most damage through to the decoder behind it.
  private static func pretend(
    _ step: FilterStep, size: Int, stored: Int, in bytes: UnsafeMutableRawBufferPointer,
    _ generator: inout SystemRandomNumberGenerator
  ) {
    func put(_ value: Int, at place: Int, bytes count: Int, lowFirst: Bool) {
      for byte in 0..<count where place + byte < stored {
        let shift = 8 * (lowFirst ? byte : count - 1 - byte)
        bytes[place + byte] = UInt8(truncatingIfNeeded: value >> shift)
      }
    }
    switch step {
    case .lz4, .bitShuffle:
      put(size, at: 0, bytes: 8, lowFirst: false)
      put(.random(in: 1...8, using: &generator) * 64, at: 8, bytes: 4, lowFirst: false)
      put(.random(in: 0..<stored, using: &generator), at: 12, bytes: 4, lowFirst: false)
    case .blosc:
      let flags = [0x00, 0x01, 0x04, 0x10, 0x21, 0x34, 0x61, 0x74, 0x91].randomElement() ?? 0
      for (index, byte) in [2, 1, flags, 4].enumerated() where index < stored {
        bytes[index] = UInt8(byte)
      }
      put(size, at: 4, bytes: 4, lowFirst: true)
      put([size, size / 2, 200].randomElement() ?? size, at: 8, bytes: 4, lowFirst: true)
      put(stored, at: 12, bytes: 4, lowFirst: true)
      put(.random(in: 16..<64, using: &generator), at: 16, bytes: 4, lowFirst: true)
    default: break
    }
  }

  @Test func parametersOfAnotherDatasetAreDamage() throws {
    for parameters in [[], [2], [0]] as [[UInt32]] {
      #expect(throws: LibraryFailure.self) {
        try FilterStep(filter: 2, parameters: parameters, elementBytes: 4)
      }
    }
    #expect(try FilterStep(filter: 2, parameters: [4], elementBytes: 4) == .shuffle(4))
    #expect(throws: LibraryFailure.self) {
      try FilterStep(filter: 32008, parameters: [0, 3, 8, 0, 2], elementBytes: 4)
    }
    #expect(try FilterStep(filter: 32008, parameters: [0, 3, 4, 7, 2], elementBytes: 4) == nil)
    #expect(try FilterStep(filter: 32013, parameters: [], elementBytes: 4) == nil)
  }

  @Test func aShuffleIsNotLeftOutBeforeACompressor() {
    let steps: [FilterStep] = [.shuffle(4), .deflate, .fletcher32]
    #expect(FilterPipeline.isPlausible(mask: 0, of: steps))
    // Nothing was applied, as whoever writes chunks himself says.
    #expect(FilterPipeline.isPlausible(mask: 0b011, of: steps))
    #expect(FilterPipeline.isPlausible(mask: 0b010, of: steps))
    #expect(!FilterPipeline.isPlausible(mask: 0b001, of: steps))
    #expect(!FilterPipeline.isPlausible(mask: 0b1000, of: steps))
  }

  private func lz4(_ bytes: [UInt8], size: Int) -> [UInt8]? {
    let buffer = AlignedBuffer(count: size)
    let isSound = bytes.withUnsafeBytes { LZ4.decode($0, into: buffer.bytes) }
    return isSound ? Array(buffer.bytes) : nil
  }
}

extension FilterStep {
  /// With parameters that make sense.
  fileprivate static func bitShuffle(
    width: Int, blockElements: Int, compression: Int
  ) -> FilterStep {
    guard
      let shuffle = BitShuffle(
        width: width, blockElements: blockElements, compression: compression)
    else { preconditionFailure("a bit shuffle of \(width) bytes") }
    return .bitShuffle(shuffle)
  }
}
