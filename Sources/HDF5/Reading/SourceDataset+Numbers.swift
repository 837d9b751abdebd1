import CHDF5

extension SourceDataset {
  /// The numbers of a range of rows (all if `nil`), in C order.
  func numbers(rows: Range<Int>?) throws(LibraryFailure) -> Numbers {
    if case .variableLength = outline.elementType { return try variableLengthNumbers(rows: rows) }
    guard outline.elementType.isNumeric || outline.elementType.isBitPattern else {
      throw LibraryFailure(
        reason: "cannot be read as real numbers: its elements are \(outline.elementType.inWords)")
    }
    let selection = try selection(rows: rows)
    return outline.elementType.fitsSinglePrecision
      ? .single(try values(selection)) : .double(try values(selection))
  }

  private func values<Value: DecodedNumber>(
    _ selection: Selection
  ) throws(LibraryFailure) -> [Value] {
    guard selection.elements > 0 else { return [] }
    var outcome: Result<Void, LibraryFailure> = .success(())
    let numbers = [Value](unsafeUninitializedCapacity: selection.elements) { target, count in
      do throws(LibraryFailure) {
        try read(selection, into: target)
        count = selection.elements
      } catch {
        outcome = .failure(error)
      }
    }
    try outcome.get()
    return numbers
  }

  /// Fills `target`, which has room for exactly the elements of the selection.
  private func read<Value: DecodedNumber>(
    _ selection: Selection, into target: UnsafeMutableBufferPointer<Value>
  ) throws(LibraryFailure) {
    let decoder = NumberDecoder(
      outline.elementType, isBigEndian: outline.isBigEndian, size: elementBytes)
    if let decoder, case .chunked(let chunk) = outline.storage,
      let filters = try FilterPipeline(of: creation.id, filters: outline.filters)
    {
      let chunks = try ChunkReader(
        chunk: chunk, filters: filters, elementBytes: elementBytes, selection: selection)
      try chunks.read(self, into: target) { decoder.decode($0, count: $1, into: $2) }
      return
    }
    try checkFilters()
    try checkChunkSize()
    if let decoder {
      try readBlocks(selection, decoder: decoder, into: target)
    } else {
      // Integers of odd sizes: rare, so the library's slow conversion is good enough.
      try readRows(
        selection.rows, of: selection, as: Value.libraryType,
        into: UnsafeMutableRawBufferPointer(target))
    }
  }

  /// Reads through the library, without conversion, in blocks of rows that fit the cache.
  private func readBlocks<Value: DecodedNumber>(
    _ selection: Selection, decoder: NumberDecoder,
    into target: UnsafeMutableBufferPointer<Value>
  ) throws(LibraryFailure) {
    let rowBytes = selection.rowElements * elementBytes
    var blockRows = selection.rows.count
    // A chunked dataset is read at once, so that no chunk is decoded twice.
    if case .contiguous = outline.storage {
      blockRows = min(blockRows, max(1, (1 << 22) / rowBytes))
    }
    let block = AlignedBuffer(count: blockRows * rowBytes)
    var start = selection.rows.lowerBound
    while start < selection.rows.upperBound {
      let rows = start..<min(selection.rows.upperBound, start + blockRows)
      try read(rows: rows, of: selection, into: block.bytes)
      let offset = (start - selection.rows.lowerBound) * selection.rowElements
      if let base = target.baseAddress {
        decoder.decode(
          UnsafeRawPointer(block.start), count: rows.count * selection.rowElements,
          into: base + offset)
      }
      start = rows.upperBound
    }
  }
}
