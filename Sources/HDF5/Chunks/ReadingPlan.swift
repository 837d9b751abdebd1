/// Where the elements of some rows of a dataset lie in its file, and how to read them there.
///
/// It is all that is needed to read numbers without libhdf5. It may come from a process that a file
/// has taken over: what it says is checked by those who follow it.
struct ReadingPlan: Equatable, Sendable {
  /// Where the elements lie.
  enum Place: Equatable, Sendable {
    /// One after the other, the whole dataset from this offset on.
    case contiguous(offset: Int)
    case chunked(ChunkMap)
    /// Where only the library finds them, or in a form that only it can undo.
    case library
  }

  var elementType: ElementType
  var isBigEndian: Bool
  /// The bytes of one element in the file.
  var elementBytes: Int
  /// The sizes of the axes; empty for a scalar.
  var shape: [Int]
  var place: Place
}

/// The chunks that some rows of a dataset touch.
struct ChunkMap: Equatable, Sendable {
  /// A chunk as it lies in the file.
  struct Entry: Equatable, Sendable {
    var offset: Int
    /// The stored size; 0 for a chunk that was never written.
    var bytes: Int
    /// One bit for each filter that was skipped.
    var mask: UInt32
  }

  /// The sizes of the axes of a chunk.
  var chunk: [Int]
  /// The filters in the order in which they were applied when writing.
  var steps: [FilterStep]
  /// One element, for chunks that were never written.
  var fill: [UInt8]
  /// Whether what chunks hold beyond the shape must be unwritten: in files whose shapes have no
  /// checksum.
  var checksPadding = false
  /// The chunks from the one with the first of the rows on, in C order.
  var entries: [Entry]

  /// The number of chunks along each axis that a range of rows touches, and the first of them along
  /// the first axis. The range must not be empty.
  static func grid(shape: [Int], chunk: [Int], rows: Range<Int>) -> (counts: [Int], first: Int) {
    var counts = zip(shape, chunk).map { ($0 + $1 - 1) / $1 }
    let first = rows.lowerBound / chunk[0]
    counts[0] = (rows.upperBound - 1) / chunk[0] + 1 - first
    return (counts, first)
  }
}
