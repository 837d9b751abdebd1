/// Reads the chunks of a map from a file, on several cores, and puts their elements in place.
struct ChunkReader: Sendable {
  /// The sizes of the axes of the dataset.
  private let shape: [Int]
  private let rows: Range<Int>
  private let map: ChunkMap
  private let chunkElements: Int
  private let elementBytes: Int
  private let counts: [Int]
  private let firstRow: Int

  private var chunk: [Int] { map.chunk }
  private var chunkBytes: Int { chunkElements * elementBytes }

  /// Checks a map, which may come from anywhere, before anything is read.
  ///
  /// - Parameters:
  ///   - rows: The rows to be read; not empty, and within the shape.
  ///   - fileSize: The size of the file: no chunk lies beyond its end.
  /// - Throws: ``LibraryFailure`` if the map is none of these rows, chunks share bytes or are larger
  ///   than ``Caps/chunkBytes``, or the rows are too large for what is stored for them.
  init(
    _ map: ChunkMap, shape: [Int], rows: Range<Int>, elementBytes: Int, fileSize: Int
  ) throws(LibraryFailure) {
    let bytes = try Self.checkedBytes(chunk: map.chunk, shape: shape, elementBytes: elementBytes)
    (counts, firstRow) = ChunkMap.grid(shape: shape, chunk: map.chunk, rows: rows)
    guard Caps.product(counts) == map.entries.count, map.fill.count == elementBytes,
      FilterPipeline.canUndo(map.steps)
    else { throw LibraryFailure(reason: "the list of its chunks does not fit its shape") }
    self.shape = shape
    self.rows = rows
    self.map = map
    self.elementBytes = elementBytes
    chunkElements = bytes / elementBytes
    try checkPlaces(fileSize: fileSize)
  }

  /// The bytes of a chunk.
  ///
  /// - Throws: ``LibraryFailure`` if the shape of the chunks does not fit or they are too large.
  static func checkedBytes(
    chunk: [Int], shape: [Int], elementBytes: Int
  ) throws(LibraryFailure) -> Int {
    guard chunk.count == shape.count, !chunk.isEmpty, chunk.allSatisfy({ $0 > 0 }) else {
      throw LibraryFailure(reason: "its chunks have the shape \(chunk), which does not fit")
    }
    guard let bytes = Caps.product(chunk + [elementBytes]), bytes <= Caps.chunkBytes else {
      throw SourceDataset.chunksTooLarge(chunk)
    }
    return bytes
  }

  private func checkPlaces(fileSize: Int) throws(LibraryFailure) {
    let largest = FilterPipeline.largestStored(chunkBytes: chunkBytes)
    let stored = map.entries.filter { $0.bytes != 0 }
    for entry in stored {
      guard entry.bytes > 0, entry.bytes <= largest, entry.offset >= 0,
        entry.offset <= fileSize, entry.bytes <= fileSize - entry.offset
      else {
        throw LibraryFailure(
          reason: "a chunk of it lies outside of the file",
          help: "the file is damaged; write it again")
      }
    }
    guard stored.allSatisfy({ FilterPipeline.isPlausible(mask: $0.mask, of: map.steps) }) else {
      throw LibraryFailure(
        reason: "a chunk of it is said to be written without a filter that is never left out",
        help: "the file is damaged; write it again")
    }
    let inOrder = stored.sorted { $0.offset < $1.offset }
    for (entry, next) in zip(inOrder, inOrder.dropFirst())
    where entry.offset + entry.bytes > next.offset {
      throw LibraryFailure(
        reason: "two of its chunks lie at the same place in the file",
        help: "the file is damaged; write it again")
    }
    let wanted = Caps.product([rows.count] + shape.dropFirst() + [elementBytes]) ?? .max
    let bytes = stored.reduce(0) { $0 + $1.bytes }
    guard wanted <= Caps.declaredBytes || wanted / Caps.expansion <= bytes else {
      throw SourceDataset.tooMuchDeclared(wanted, stored: bytes)
    }
  }

  /// Reads the rows.
  ///
  /// - Parameters:
  ///   - target: Where the results go, in C order.
  ///   - width: The number of results that one element gives.
  ///   - convert: Turns a number of elements, as they lie in the file, into results.
  /// - Throws: ``LibraryFailure`` that names the first damaged chunk.
  func read<Result>(
    _ file: OpenFile, cores: CorePool, into target: UnsafeMutableBufferPointer<Result>,
    width: Int = 1,
    convert: @Sendable (UnsafeRawPointer, Int, UnsafeMutablePointer<Result>) -> Void
  ) throws(LibraryFailure) {
    let target = SharedBuffer(target)
    try cores.forEach(count: map.entries.count) { next, failures in
      do throws(LibraryFailure) {
        let filters = try FilterPipeline(map.steps)
        let largest = FilterPipeline.largestStored(chunkBytes: chunkBytes)
        let first = AlignedBuffer(count: largest)
        let second = AlignedBuffer(count: largest)
        var front = first.bytes
        var back = second.bytes
        while let index = next() {
          let origin = origin(of: index)
          do throws(LibraryFailure) {
            try decode(map.entries[index], of: file, filters, &front, &back)
            if map.checksPadding, map.entries[index].bytes > 0 {
              try checkPadding(UnsafeRawBufferPointer(front), chunkAt: origin)
            }
          } catch {
            failures.add(Self.damaged(at: origin, error), at: index)
            continue
          }
          put(UnsafeRawBufferPointer(front), chunkAt: origin, in: target.elements, width, convert)
        }
      } catch {
        failures.add(error, at: 0)
      }
    }
  }

  private func decode(
    _ entry: ChunkMap.Entry, of file: OpenFile, _ filters: borrowing FilterPipeline,
    _ front: inout UnsafeMutableRawBufferPointer, _ back: inout UnsafeMutableRawBufferPointer
  ) throws(LibraryFailure) {
    guard entry.bytes > 0 else {
      for start in stride(from: 0, to: chunkBytes, by: elementBytes) {
        for byte in 0..<elementBytes { front[start + byte] = map.fill[byte] }
      }
      return
    }
    try file.read(
      into: UnsafeMutableRawBufferPointer(rebasing: front[..<entry.bytes]), at: entry.offset)
    try filters.decode(
      storedBytes: entry.bytes, mask: entry.mask, front: &front, back: &back,
      chunkBytes: chunkBytes)
  }

  /// Checks that what a chunk at the edge holds beyond the shape was never written.
  ///
  /// The library leaves zeros or the fill value there. Numbers mean that the shape was larger.
  private func checkPadding(
    _ bytes: UnsafeRawBufferPointer, chunkAt origin: [Int]
  ) throws(LibraryFailure) {
    let inside = chunk.indices.map { min(chunk[$0], shape[$0] - origin[$0]) }
    guard inside != chunk, let run = chunk.last, let end = inside.last else { return }
    let last = chunk.count - 1
    var index = [Int](repeating: 0, count: chunk.count)
    for start in stride(from: 0, to: chunkElements, by: run) {
      let isOutside = (0..<last).contains { index[$0] >= inside[$0] }
      let padding = (start + (isOutside ? 0 : end)) * elementBytes..<(start + run) * elementBytes
      let isUnwritten =
        padding.allSatisfy { bytes[$0] == 0 }
        || padding.allSatisfy { bytes[$0] == map.fill[$0 % elementBytes] }
      guard isUnwritten else {
        throw LibraryFailure(
          reason: "it holds numbers beyond the shape \(shape)",
          help: "the shape is damaged, or the program that wrote the file left rubbish there; "
            + "h5repack in.h5 out.h5 keeps what lies within the shape")
      }
      if last > 0 { Self.advanceRun(&index, in: chunk) }
    }
  }

  /// Moves to the next run along the last axis.
  private static func advanceRun(_ place: inout [Int], in counts: [Int]) {
    for axis in place.indices.dropLast().reversed() {
      place[axis] += 1
      if place[axis] < counts[axis] { return }
      place[axis] = 0
    }
  }

  /// The index of the first element of a chunk of the map.
  private func origin(of index: Int) -> [Int] {
    var rest = index
    var origin = [Int](repeating: 0, count: counts.count)
    for axis in counts.indices.reversed() {
      origin[axis] = (rest % counts[axis] + (axis == 0 ? firstRow : 0)) * chunk[axis]
      rest /= counts[axis]
    }
    return origin
  }

  /// Moves to the next place of a grid in C order.
  static func advance(_ place: inout [Int], in counts: [Int]) {
    for axis in place.indices.reversed() {
      place[axis] += 1
      if place[axis] < counts[axis] { return }
      place[axis] = 0
    }
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

  /// A failure of the chunk that begins at an index.
  static func damaged(at origin: [Int], _ error: LibraryFailure) -> LibraryFailure {
    let place =
      switch origin.count {
      case 1: "row \(origin[0])"
      case 2: "row \(origin[0]), column \(origin[1])"
      default: "index (\(origin.map(String.init).joined(separator: ", ")))"
      }
    return LibraryFailure(
      reason: "the chunk at \(place) is damaged: \(error.reason)", detail: error.detail,
      help: error.help ?? "copy or write the file again")
  }
}
