/// Reads the numbers of some rows as a plan says, without libhdf5 where that is possible.
///
/// The plan may come from a process that a file has taken over: sizes, places and types are checked
/// here again.
struct PlannedNumbers {
  private let plan: ReadingPlan
  private let rows: Range<Int>
  private let file: OpenFile
  private let cores: CorePool
  private let rowElements: Int

  /// The bytes that are read at once: a part of what the caches hold.
  private static let pieceBytes = 1 << 18
  /// … and that the library is asked for at once.
  private static let libraryBytes = 16 << 20
  /// The rows of varying length that it is asked for at once.
  private static let listsAtOnce = 1024

  /// - Parameter rows: The rows to be read, or `nil` for all.
  /// - Throws: ``LibraryFailure`` if the plan makes no sense or the rows lie outside of it.
  init(
    _ plan: ReadingPlan, rows: Range<Int>?, of file: OpenFile, cores: CorePool
  ) throws(LibraryFailure) {
    let hasNumbers =
      plan.elementType.isNumeric || plan.elementType.isBitPattern
      || plan.elementType == .variableLength
    guard hasNumbers, (1...16).contains(plan.elementBytes),
      plan.shape.count <= Caps.axes, plan.shape.allSatisfy({ $0 >= 0 }),
      Caps.product(plan.shape.filter { $0 > 0 } + [8]) != nil
    else { throw LibraryFailure(reason: "its description makes no sense") }
    let count = plan.shape.first ?? 1
    let rows = rows ?? 0..<count
    guard rows.lowerBound >= 0, rows.upperBound <= count else {
      throw SourceDataset.rowsOutside(rows, of: count)
    }
    rowElements = plan.shape.dropFirst().reduce(1, *)
    self.plan = plan
    self.rows = rows
    self.file = file
    self.cores = cores
  }

  /// The numbers.
  ///
  /// - Parameter library: Delivers rows that only the library can read: as they lie in the file, or
  ///   converted by the library where there is no ``NumberDecoder`` for them.
  func numbers(
    library: (Range<Int>) throws(LibraryFailure) -> [UInt8]
  ) throws(LibraryFailure) -> Numbers {
    if case .variableLength = plan.elementType { return .double(try lists(library)) }
    return plan.elementType.fitsSinglePrecision
      ? .single(try values(library)) : .double(try values(library))
  }

  /// Rows of varying length: for each element its number of entries, then the entries.
  private func lists(
    _ library: (Range<Int>) throws(LibraryFailure) -> [UInt8]
  ) throws(LibraryFailure) -> [Double] {
    var numbers: [Double] = []
    let block = max(1, Self.listsAtOnce / max(1, rowElements))
    for start in stride(from: rows.lowerBound, to: rows.upperBound, by: block) {
      let part = start..<min(rows.upperBound, start + block)
      let bytes = try library(part)
      let count = bytes.count / MemoryLayout<Double>.stride
      guard bytes.count == count * MemoryLayout<Double>.stride else {
        throw LibraryFailure(reason: "\(bytes.count) bytes came for \(part.count) rows")
      }
      let first = numbers.count
      bytes.withUnsafeBytes { bytes in
        for index in 0..<count {
          numbers.append(bytes.loadUnaligned(fromByteOffset: 8 * index, as: Double.self))
        }
      }
      // The lists must be as many as there are elements, and fill what came exactly.
      var place = first
      for _ in 0..<part.count * rowElements {
        guard place < numbers.count, let length = Int(exactly: numbers[place]), length >= 0,
          length <= numbers.count - place - 1
        else { throw LibraryFailure(reason: "its rows of varying length make no sense") }
        place += 1 + length
      }
      guard place == numbers.count else {
        throw LibraryFailure(reason: "its rows of varying length make no sense")
      }
    }
    return numbers
  }

  private func values<Value: DecodedNumber>(
    _ library: (Range<Int>) throws(LibraryFailure) -> [UInt8]
  ) throws(LibraryFailure) -> [Value] {
    let count = rows.count * rowElements
    guard count > 0 else { return [] }
    var outcome: Result<Void, LibraryFailure> = .success(())
    let numbers = [Value](unsafeUninitializedCapacity: count) { target, initialized in
      let target = UnsafeMutableBufferPointer(rebasing: target[..<count])
      LargeMemory.prepare(UnsafeMutableRawBufferPointer(target))
      do throws(LibraryFailure) {
        try read(into: target, library)
        initialized = count
      } catch {
        outcome = .failure(error)
      }
    }
    try outcome.get()
    return numbers
  }

  private func read<Value: DecodedNumber>(
    into target: UnsafeMutableBufferPointer<Value>,
    _ library: (Range<Int>) throws(LibraryFailure) -> [UInt8]
  ) throws(LibraryFailure) {
    let decoder = NumberDecoder(
      plan.elementType, isBigEndian: plan.isBigEndian, size: plan.elementBytes)
    switch plan.place {
    case .contiguous(let offset):
      guard let decoder else { return try readBlocks(into: target, decoder: nil, library) }
      try readContiguous(from: offset, decoder, into: target)
    case .chunked(let map):
      guard let decoder else { return try readBlocks(into: target, decoder: nil, library) }
      let chunks = try ChunkReader(
        map, shape: plan.shape, rows: rows, elementBytes: plan.elementBytes, fileSize: file.size)
      try chunks.read(file, cores: cores, into: target) {
        decoder.decode($0, count: $1, into: $2)
      }
    case .library: try readBlocks(into: target, decoder: decoder, library)
    }
  }

  /// Elements that lie one after the other: straight into place if they are as they shall be.
  private func readContiguous<Value: DecodedNumber>(
    from offset: Int, _ decoder: NumberDecoder, into target: UnsafeMutableBufferPointer<Value>
  ) throws(LibraryFailure) {
    let width = plan.elementBytes
    let (start, overflows) = offset.addingReportingOverflow(rows.lowerBound * rowElements * width)
    guard offset >= 0, !overflows else {
      throw LibraryFailure(reason: "its data lie outside of the file")
    }
    let isPlain = decoder.keepsBytes(as: Value.self)
    let piece = (isPlain ? 16 : 1) * Self.pieceBytes / width
    let shared = SharedBuffer(target)
    try cores.forEach(count: (target.count + piece - 1) / piece) { next, failures in
      let scratch = AlignedBuffer(count: isPlain ? 0 : piece * width)
      while let index = next() {
        let elements = index * piece..<min(shared.elements.count, (index + 1) * piece)
        let part = UnsafeMutableBufferPointer(rebasing: shared.elements[elements])
        do throws(LibraryFailure) {
          let place = start + elements.lowerBound * width
          if isPlain {
            try file.read(into: UnsafeMutableRawBufferPointer(part), at: place)
          } else if let base = part.baseAddress {
            try file.read(
              into: UnsafeMutableRawBufferPointer(rebasing: scratch.bytes[..<(part.count * width)]),
              at: place)
            decoder.decode(UnsafeRawPointer(scratch.start), count: part.count, into: base)
          }
        } catch {
          failures.add(error, at: index)
        }
      }
    }
  }

  /// Through the library, in blocks of rows.
  private func readBlocks<Value: DecodedNumber>(
    into target: UnsafeMutableBufferPointer<Value>, decoder: NumberDecoder?,
    _ library: (Range<Int>) throws(LibraryFailure) -> [UInt8]
  ) throws(LibraryFailure) {
    let width = decoder == nil ? MemoryLayout<Value>.stride : plan.elementBytes
    let block = max(1, Self.libraryBytes / max(1, rowElements * width))
    for start in stride(from: rows.lowerBound, to: rows.upperBound, by: block) {
      let part = start..<min(rows.upperBound, start + block)
      let bytes = try library(part)
      guard bytes.count == part.count * rowElements * width else {
        throw LibraryFailure(reason: "\(bytes.count) bytes came for \(part.count) rows")
      }
      let place = (start - rows.lowerBound) * rowElements
      bytes.withUnsafeBytes { bytes in
        guard let source = bytes.baseAddress, let base = target.baseAddress else { return }
        if let decoder {
          decoder.decode(source, count: part.count * rowElements, into: base + place)
        } else {
          UnsafeMutableRawPointer(base + place).copyMemory(from: source, byteCount: bytes.count)
        }
      }
    }
  }
}
