import CHDF5

extension SourceDataset {
  /// The numbers of a range of rows (all if `nil`), in C order.
  func numbers(rows: Range<Int>?) throws(LibraryFailure) -> [Double] {
    guard outline.elementType.isNumeric else {
      throw LibraryFailure(reason: "its elements are no real numbers (\(outline.elementType))")
    }
    let selection = try selection(rows: rows)
    guard selection.elements > 0 else { return [] }

    var numbers = [Double](repeating: 0, count: selection.elements)
    if let decoder = NumberDecoder(
      outline.elementType, isBigEndian: outline.isBigEndian, size: elementBytes)
    {
      if case .chunked(let chunk) = outline.storage,
        let filters = try FilterPipeline(of: creation.id, filters: outline.filters)
      {
        let chunks = try ChunkReader(
          chunk: chunk, filters: filters, elementBytes: elementBytes, selection: selection)
        try numbers.withUnsafeMutableBufferPointer { (target) throws(LibraryFailure) in
          try chunks.read(self, into: target) { decoder.decode($0, count: $1, into: $2) }
        }
      } else {
        try checkFilters()
        try checkChunkSize()
        try readBlocks(selection, decoder: decoder, into: &numbers)
      }
    } else {
      // Integers of odd sizes: rare, so the library's slow conversion is good enough.
      try checkFilters()
      try checkChunkSize()
      let result = numbers.withUnsafeMutableBytes { buffer in
        Result { () throws(LibraryFailure) in
          try readRows(selection.rows, of: selection, as: uh5_native_double(), into: buffer)
        }
      }
      try result.get()
    }
    return numbers
  }

  /// Reads through the library, without conversion, in blocks of rows that fit the cache.
  private func readBlocks(
    _ selection: Selection, decoder: NumberDecoder, into numbers: inout [Double]
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
      numbers.withUnsafeMutableBufferPointer { target in
        guard let base = target.baseAddress else { return }
        decoder.decode(
          UnsafeRawPointer(block.start), count: rows.count * selection.rowElements,
          into: base + offset)
      }
      start = rows.upperBound
    }
  }
}
