import CDeflate
import CHDF5

/// Undoes the filters of a chunk: deflate, LZF, shuffle and Fletcher's checksum, with bounds.
///
/// The library would do the same slower, and without checking that a chunk has its declared size.
struct FilterPipeline: ~Copyable {
  enum Step: Equatable {
    case deflate
    case lzf
    /// With the bytes of an element.
    case shuffle(Int)
    case fletcher32
  }

  /// In the order in which they were applied when writing.
  let steps: [Step]
  private let decompressor: OpaquePointer

  /// - Returns: `nil` if the dataset has filters, options or an order of them that only the library
  ///   knows how to undo.
  init?(
    of creation: hid_t, filters: [DatasetOutline.Filter]
  ) throws(LibraryFailure) {
    var options: UInt32 = 0
    // Chunks at the edge may be exempt from the filters; h5py never asks for that.
    guard H5Pget_chunk_opts(creation, &options) >= 0, options == 0 else { return nil }
    var steps: [Step] = []
    for (index, filter) in filters.enumerated() {
      var flags: UInt32 = 0
      var configuration: UInt32 = 0
      var count = 8
      var values = [UInt32](repeating: 0, count: count)
      try check(
        H5Pget_filter2(creation, UInt32(index), &flags, &count, &values, 0, nil, &configuration),
        to: "read the filters")
      switch filter.id {
      case 1: steps.append(.deflate)
      case 2: steps.append(.shuffle(count > 0 ? Int(values[0]) : 1))
      case 3: steps.append(.fletcher32)
      case Int(LZF.filter): steps.append(.lzf)
      default: return nil
      }
    }
    // The size between two compressors is not known beforehand.
    guard steps.count(where: { $0 == .deflate || $0 == .lzf }) <= 1, steps.count <= 32 else {
      return nil
    }
    guard let decompressor = libdeflate_alloc_decompressor() else { return nil }
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
