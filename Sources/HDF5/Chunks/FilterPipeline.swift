import CDeflate

/// Undoes the filters of chunks: deflate, LZF, shuffle and Fletcher's checksum, with bounds.
///
/// The library would do the same slower, and without checking that a chunk has its declared size.
/// One pipeline serves one thread.
struct FilterPipeline: ~Copyable {
  private let steps: [FilterStep]
  private let decompressor: OpaquePointer

  /// Whether these filters can be undone: the size between two compressors is not known beforehand.
  static func canUndo(_ steps: [FilterStep]) -> Bool {
    steps.count(where: { $0 == .deflate || $0 == .lzf }) <= 1 && steps.count <= 32
  }

  /// - Parameter steps: In the order in which they were applied when writing.
  /// - Throws: ``LibraryFailure`` if they cannot be undone or there is no memory.
  init(_ steps: [FilterStep]) throws(LibraryFailure) {
    guard Self.canUndo(steps), let decompressor = libdeflate_alloc_decompressor() else {
      throw LibraryFailure(reason: "its filters cannot be undone")
    }
    self.steps = steps
    self.decompressor = decompressor
  }

  deinit { libdeflate_free_decompressor(decompressor) }

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
      case .shuffle(let width):
        guard width > 1, width <= size else { continue }
        Shuffle.undo(source, width: width, into: back)
        swap(&front, &back)
      case .deflate:
        let result = libdeflate_zlib_decompress(
          decompressor, source.baseAddress, size, back.baseAddress, expected, nil)
        guard result == LIBDEFLATE_SUCCESS else {
          throw LibraryFailure(
            reason: result == LIBDEFLATE_BAD_DATA
              ? "it does not inflate" : "it does not inflate to \(expected) bytes")
        }
        swap(&front, &back)
        size = expected
      case .lzf:
        let target = UnsafeMutableRawBufferPointer(rebasing: back[..<expected])
        guard LZF.decode(source, into: target) == expected else {
          throw LibraryFailure(reason: "its LZF data do not decode to \(expected) bytes")
        }
        swap(&front, &back)
        size = expected
      }
    }
    guard size == chunkBytes else {
      throw LibraryFailure(reason: "it holds \(size) bytes instead of \(chunkBytes)")
    }
  }
}
