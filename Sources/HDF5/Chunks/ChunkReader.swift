import CHDF5

/// Reads the chunks of a dataset that a range of rows touches, and puts their elements in place.
struct ChunkReader: ~Copyable {
  /// The sizes of the axes of the dataset and of a chunk.
  private let shape: [Int]
  private let chunk: [Int]
  private let rows: Range<Int>
  private let chunkElements: Int
  private let filters: FilterPipeline
  private let elementBytes: Int

  /// - Throws: ``LibraryFailure`` if the chunks are larger than ``Caps/chunkBytes``.
  init(
    chunk: [Int], filters: consuming FilterPipeline, elementBytes: Int,
    selection: SourceDataset.Selection
  ) throws(LibraryFailure) {
    guard chunk.count == selection.shape.count, !chunk.isEmpty, chunk.allSatisfy({ $0 > 0 }) else {
      throw LibraryFailure(reason: "its chunks have the shape \(chunk), which does not fit")
    }
    var bytes = elementBytes
    for size in chunk {
      let (product, overflows) = bytes.multipliedReportingOverflow(by: size)
      guard !overflows, product <= Caps.chunkBytes else {
        throw SourceDataset.chunksTooLarge(chunk)
      }
      bytes = product
    }
    shape = selection.shape
    self.chunk = chunk
    rows = selection.rows
    chunkElements = bytes / elementBytes
    self.filters = filters
    self.elementBytes = elementBytes
  }

  /// Reads the rows of the selection.
  ///
  /// - Parameters:
  ///   - target: Where the results go, in C order.
  ///   - width: The number of results that one element gives.
  ///   - convert: Turns a number of elements, as they lie in the file, into results.
  func read<Result>(
    _ dataset: borrowing SourceDataset, into target: UnsafeMutableBufferPointer<Result>,
    width: Int = 1, convert: (UnsafeRawPointer, Int, UnsafeMutablePointer<Result>) -> Void
  ) throws(LibraryFailure) {
    let chunkBytes = chunkElements * elementBytes
    let largest = FilterPipeline.largestStored(chunkBytes: chunkBytes)
    let first = AlignedBuffer(count: largest)
    let second = AlignedBuffer(count: largest)
    var front = first.bytes
    var back = second.bytes

    // The chunk's place in the grid, counted like an odometer from the first row's chunk.
    var place = [Int](repeating: 0, count: shape.count)
    place[0] = rows.lowerBound / chunk[0]
    repeat {
      let origin = zip(place, chunk).map { $0 * $1 }
      let offset = origin.map { hsize_t($0) }
      var mask: UInt32 = 0
      do throws(LibraryFailure) {
        let stored = try storedBytes(of: dataset, at: offset)
        if stored > 0 {
          guard stored <= largest else {
            throw LibraryFailure(reason: "it declares \(stored) bytes for \(chunkBytes)")
          }
          try check(
            H5Dread_chunk(dataset.handle.id, 0, offset, &mask, front.baseAddress), to: "read it")
          try filters.decode(
            storedBytes: Int(stored), mask: mask, front: &front, back: &back,
            chunkBytes: chunkBytes)
        } else {
          try fill(front, from: dataset)
        }
      } catch {
        throw LibraryFailure(
          reason: "the chunk at \(described(origin)) is damaged: \(error.reason)",
          detail: error.detail, help: error.help ?? "copy or write the file again")
      }
      put(UnsafeRawBufferPointer(front), chunkAt: origin, in: target, width, convert)
    } while advance(&place)
  }

  /// The size of a chunk in the file; 0 if it was never written.
  private func storedBytes(
    of dataset: borrowing SourceDataset, at offset: [hsize_t]
  ) throws(LibraryFailure) -> hsize_t {
    var stored: hsize_t = 0
    do throws(LibraryFailure) {
      try check(
        H5Dget_chunk_storage_size(dataset.handle.id, offset, &stored), to: "find it in the file")
    } catch {
      // libhdf5 1.10 calls that an error; later versions answer 0.
      guard error.detail?.contains("chunk storage is not allocated") == true else { throw error }
      return 0
    }
    return stored
  }

  /// Moves to the next chunk of the selected rows; `false` after the last.
  private func advance(_ place: inout [Int]) -> Bool {
    for axis in place.indices.reversed() {
      place[axis] += 1
      let end = axis == 0 ? rows.upperBound : shape[axis]
      if place[axis] * chunk[axis] < end { return true }
      place[axis] = 0
    }
    return false
  }

  /// Converts the elements of one decoded chunk that lie in the dataset and in the selected rows.
  private func put<Result>(
    _ source: UnsafeRawBufferPointer, chunkAt origin: [Int],
    in target: UnsafeMutableBufferPointer<Result>, _ width: Int,
    _ convert: (UnsafeRawPointer, Int, UnsafeMutablePointer<Result>) -> Void
  ) {
    let rank = shape.count
    // What part of each axis of the chunk is wanted.
    let lower = [max(rows.lowerBound, origin[0]) - origin[0]] + [Int](repeating: 0, count: rank - 1)
    var upper = (0..<rank).map { min(chunk[$0], shape[$0] - origin[$0]) }
    upper[0] = min(upper[0], rows.upperBound - origin[0])
    // Trailing axes that the chunk covers whole make one run with the axis before them.
    var runAxis = rank - 1
    while runAxis > 0, chunk[runAxis] == shape[runAxis] { runAxis -= 1 }
    let chunkStride = strides(chunk)
    let targetStride = strides(shape)
    let run = (upper[runAxis] - lower[runAxis]) * chunkStride[runAxis]

    var index = lower
    while true {
      var from = 0
      var to = 0
      for axis in 0...runAxis {
        from += index[axis] * chunkStride[axis]
        let row = axis == 0 ? rows.lowerBound : 0
        to += (origin[axis] + index[axis] - row) * targetStride[axis]
      }
      precondition(
        from + run <= chunkElements && (to + run) * width <= target.count, "chunk out of bounds")
      if let start = target.baseAddress, let elements = source.baseAddress {
        convert(elements + from * elementBytes, run, start + to * width)
      }
      var axis = runAxis - 1
      while axis >= 0 {
        index[axis] += 1
        if index[axis] < upper[axis] { break }
        index[axis] = lower[axis]
        axis -= 1
      }
      if axis < 0 { return }
    }
  }

  /// The elements between neighbours along each axis, in C order.
  private func strides(_ sizes: [Int]) -> [Int] {
    var strides = [Int](repeating: 1, count: sizes.count)
    for axis in sizes.indices.dropLast().reversed() {
      strides[axis] = strides[axis + 1] * sizes[axis + 1]
    }
    return strides
  }

  /// Fills a chunk that was never written with what the file declares for that.
  private func fill(
    _ chunk: UnsafeMutableRawBufferPointer, from dataset: borrowing SourceDataset
  ) throws(LibraryFailure) {
    var status = H5D_FILL_VALUE_UNDEFINED
    try check(
      H5Pfill_value_defined(dataset.creation.id, &status), to: "read the fill value")
    let element = AlignedBuffer(count: elementBytes)
    if status != H5D_FILL_VALUE_UNDEFINED {
      try check(
        H5Pget_fill_value(dataset.creation.id, dataset.type.id, element.start),
        to: "read the fill value")
    }
    for start in stride(from: 0, to: chunkElements * elementBytes, by: elementBytes) {
      for byte in 0..<elementBytes { chunk[start + byte] = element.bytes[byte] }
    }
  }

  private func described(_ origin: [Int]) -> String {
    switch origin.count {
    case 1: "row \(origin[0])"
    case 2: "row \(origin[0]), column \(origin[1])"
    default: "index (\(origin.map(String.init).joined(separator: ", ")))"
    }
  }
}
