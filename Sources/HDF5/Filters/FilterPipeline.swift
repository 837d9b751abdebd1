import CDeflate

/// Undoes the filters of chunks, with bounds: compressors, shuffles and Fletcher's checksum.
///
/// The library would do the same slower, without checking that a chunk has its declared size, and for
/// most of them by loading code. One pipeline serves one thread.
struct FilterPipeline: ~Copyable {
  private let steps: [FilterStep]
  private let decompressor: OpaquePointer
  private let zstandard: Zstandard?

  /// Whether these filters can be undone: the size between two compressors is not known beforehand.
  static func canUndo(_ steps: [FilterStep]) -> Bool {
    steps.count(where: \.changesSize) <= 1 && steps.count <= 32
      && (Zstandard.isAvailable || !steps.contains(where: \.needsZstandard))
  }

  /// - Parameter steps: In the order in which they were applied when writing.
  /// - Throws: ``LibraryFailure`` if they cannot be undone or there is no memory.
  init(_ steps: [FilterStep]) throws(LibraryFailure) {
    guard Self.canUndo(steps), let decompressor = libdeflate_alloc_decompressor() else {
      throw LibraryFailure(reason: "its filters cannot be undone")
    }
    self.steps = steps
    self.decompressor = decompressor
    zstandard = steps.contains(where: \.mayNeedZstandard) ? Zstandard() : nil
  }

  deinit { libdeflate_free_decompressor(decompressor) }

  /// Whether a chunk can have been written so: a shuffle before a compressor is never left out, and
  /// what there is not cannot be left out.
  static func isPlausible(mask: UInt32, of steps: [FilterStep]) -> Bool {
    guard steps.count >= 32 || mask >> UInt32(steps.count) == 0 else { return false }
    let wasSkipped = steps.indices.map { mask & (1 << UInt32($0)) != 0 }
    let compressor = steps.firstIndex(where: \.changesSize) ?? steps.count
    guard compressor < steps.count, !wasSkipped[compressor] else { return true }
    return !steps[..<compressor].indices.contains { steps[$0].isShuffle && wasSkipped[$0] }
  }

  /// The largest stored size of a chunk that is not damaged: compressors may enlarge a little.
  static func largestStored(chunkBytes: Int) -> Int { chunkBytes + chunkBytes / 8 + 1024 }

  /// Undoes the filters.
  ///
  /// - Parameters:
  ///   - stored: The chunk as it lies in the file.
  ///   - mask: One bit per filter that was skipped for this chunk.
  ///   - front: Memory that holds the result at the end; at least `largestStored` bytes.
  ///   - back: A second such memory. The two may be exchanged.
  ///   - chunkBytes: The size of the decoded chunk.
  /// - Throws: ``LibraryFailure`` that says what is wrong with the chunk.
  func decode(
    storedBytes: Int, mask: UInt32, front: inout UnsafeMutableRawBufferPointer,
    back: inout UnsafeMutableRawBufferPointer, chunkBytes: Int
  ) throws(LibraryFailure) {
    var size = storedBytes
    for index in steps.indices.reversed() where mask & (1 << UInt32(index)) == 0 {
      // Only checksums change the size before this step was applied.
      let checksums = steps[..<index].enumerated().count { earlier, step in
        step == .fletcher32 && mask & (1 << UInt32(earlier)) == 0
      }
      let expected = chunkBytes + Fletcher32.size * checksums
      let source = UnsafeRawBufferPointer(rebasing: front[..<size])
      switch steps[index] {
      case .fletcher32:
        guard Fletcher32.verify(source) else { throw LibraryFailure(reason: "checksum mismatch") }
        size -= Fletcher32.size
        continue
      case .shuffle(let width):
        guard width > 1, width <= size else { continue }
        Shuffle.undo(source, width: width, into: back)
      case .bitShuffle(let shuffle) where shuffle.compression == .none:
        guard size % shuffle.width == 0 else {
          throw LibraryFailure(reason: "it does not hold whole elements")
        }
        shuffle.undo(source, blockElements: shuffle.blockElements, into: back)
      default:
        let target = UnsafeMutableRawBufferPointer(rebasing: back[..<expected])
        let scratch = UnsafeMutableRawBufferPointer(rebasing: front[..<expected])
        try decompress(steps[index], source, into: target, scratch: scratch)
        size = expected
        // The scratch memory of this one held the result.
        if case .bitShuffle = steps[index] { continue }
      }
      swap(&front, &back)
    }
    guard size == chunkBytes else {
      throw LibraryFailure(reason: "it holds \(size) bytes instead of \(chunkBytes)")
    }
  }
}

extension FilterPipeline {
  /// Undoes a step that compresses.
  ///
  /// - Parameter scratch: The memory in which the source lies. A bit shuffle leaves its result there.
  private func decompress(
    _ step: FilterStep, _ source: UnsafeRawBufferPointer,
    into target: UnsafeMutableRawBufferPointer, scratch: UnsafeMutableRawBufferPointer
  ) throws(LibraryFailure) {
    let isSound: Bool
    switch step {
    case .deflate: return try inflate(source, into: target)
    case .lzf: isSound = LZF.decode(source, into: target) == target.count
    case .lz4: isSound = LZ4.decodeChunk(source, into: target)
    case .zstd: isSound = decodeZstandard(source, into: target)
    case .blosc:
      guard Blosc.Header(source)?.codec != .snappy else {
        throw LibraryFailure(
          reason: "it is compressed by Snappy within Blosc, which this program cannot undo",
          help: SourceDataset.conversion)
      }
      let room = AlignedBuffer(count: target.count)
      isSound = Blosc.decode(
        source, into: target, scratch: room.bytes,
        zlib: { inflates($0, into: $1) == LIBDEFLATE_SUCCESS },
        zstd: { decodeZstandard($0, into: $1) })
    case .bitShuffle(let shuffle):
      let block = shuffle.decompress(source, into: target) {
        shuffle.compression == .lz4
          ? LZ4.decode($0, into: $1) : decodeZstandard($0, into: $1)
      }
      if let block {
        shuffle.undo(UnsafeRawBufferPointer(target), blockElements: block, into: scratch)
      }
      isSound = block != nil
    case .shuffle, .fletcher32: preconditionFailure("\(step) is no compressor")
    }
    guard isSound else {
      throw LibraryFailure(
        reason: "its \(step.inWords) data do not decode to \(target.count) bytes")
    }
  }

  private func inflates(
    _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
  ) -> libdeflate_result {
    libdeflate_zlib_decompress(
      decompressor, source.baseAddress, source.count, target.baseAddress, target.count, nil)
  }

  private func inflate(
    _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
  ) throws(LibraryFailure) {
    let result = inflates(source, into: target)
    guard result == LIBDEFLATE_SUCCESS else {
      throw LibraryFailure(
        reason: result == LIBDEFLATE_BAD_DATA
          ? "it does not inflate" : "it does not inflate to \(target.count) bytes")
    }
  }

  private func decodeZstandard(
    _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
  ) -> Bool {
    zstandard?.decode(source, into: target) ?? false
  }
}
