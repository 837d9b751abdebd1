import CHDF5

extension SourceDataset {
  /// The strings of the dataset, in C order, without padding. Bytes that are no UTF-8 are replaced
  /// by U+FFFD.
  func strings(in source: borrowing SourceFile) throws(LibraryFailure) -> [String] {
    if outline.elementType == .other("reference") { return try referencedStrings() }
    guard outline.elementType == .string else {
      throw LibraryFailure(
        reason: "cannot be read as strings: its elements are \(outline.elementType.inWords)")
    }
    let selection = try selection(rows: nil)
    guard selection.elements > 0 else { return [] }
    let text = StringType(type.id)
    let buffer = AlignedBuffer(count: selection.elements * text.elementBytes)
    guard text.isVariable else {
      try readFixed(selection, in: source, into: buffer.bytes)
      return text.fixedStrings(UnsafeRawBufferPointer(buffer.bytes))
    }
    try checkFilters()
    try checkChunkSize()
    do throws(LibraryFailure) {
      try readRows(selection.rows, of: selection, as: type.id, into: buffer.bytes)
    } catch {
      // What was read before the failure belongs to this program.
      H5Dvlen_reclaim(type.id, space.id, 0, buffer.start)
      throw error
    }
    let strings = StringType.variableStrings(buffer.start, count: selection.elements)
    H5Dvlen_reclaim(type.id, space.id, 0, buffer.start)
    return strings
  }

  /// Reads strings of fixed length as they lie in the file.
  private func readFixed(
    _ selection: Selection, in source: borrowing SourceFile,
    into buffer: UnsafeMutableRawBufferPointer
  ) throws(LibraryFailure) {
    if case .chunked(let map) = try plan(of: selection, in: source).place {
      let chunks = try ChunkReader(
        map, shape: selection.shape, rows: selection.rows, elementBytes: elementBytes,
        fileSize: source.file.size)
      let width = elementBytes
      try chunks.read(
        source.file, cores: CorePool(count: 1), into: buffer.bindMemory(to: UInt8.self),
        width: width
      ) {
        UnsafeMutableRawPointer($2).copyMemory(from: $0, byteCount: $1 * width)
      }
    } else {
      try checkFilters()
      try checkChunkSize()
      try readRows(selection.rows, of: selection, as: type.id, into: buffer)
    }
  }
}
