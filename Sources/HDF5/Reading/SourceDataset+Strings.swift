import CHDF5

extension SourceDataset {
  /// The strings of the dataset, in C order, without padding. Bytes that are no UTF-8 are replaced
  /// by U+FFFD.
  func strings() throws(LibraryFailure) -> [String] {
    guard outline.elementType == .string else {
      throw LibraryFailure(reason: "its elements are no strings (\(outline.elementType))")
    }
    let selection = try selection(rows: nil)
    try checkFilters()
    guard selection.elements > 0 else { return [] }
    if case .chunked(let chunk) = outline.storage {
      let elements = chunk.reduce(1 as Double) { $0 * Double($1) }
      guard elements * Double(elementBytes) <= Double(Caps.chunkBytes) else {
        throw LibraryFailure(
          reason: "its chunks are larger than \(Caps.chunkBytes >> 20) MiB: \(chunk)")
      }
    }
    let text = StringType(type.id)
    let buffer = AlignedBuffer(count: selection.elements * text.elementBytes)
    guard text.isVariable else {
      try read(rows: selection.rows, of: selection, into: buffer.bytes)
      return text.fixedStrings(UnsafeRawBufferPointer(buffer.bytes))
    }
    do throws(LibraryFailure) {
      try read(rows: selection.rows, of: selection, into: buffer.bytes)
    } catch {
      // What was read before the failure belongs to this program.
      H5Dvlen_reclaim(type.id, space.id, 0, buffer.start)
      throw error
    }
    let strings = StringType.variableStrings(buffer.start, count: selection.elements)
    H5Dvlen_reclaim(type.id, space.id, 0, buffer.start)
    return strings
  }
}
