import CHDF5

extension SourceDataset {
  /// Where the numbers of a range of rows (all if `nil`) lie.
  ///
  /// - Throws: ``LibraryFailure`` if they are no real numbers or must not be read.
  func numberPlan(
    rows: Range<Int>?, in source: borrowing SourceFile
  ) throws(LibraryFailure) -> ReadingPlan {
    if case .variableLength = outline.elementType {
      return ReadingPlan(
        elementType: outline.elementType, isBigEndian: false, elementBytes: elementBytes,
        shape: try selection(rows: rows).shape, place: .library)
    }
    guard outline.elementType.isNumeric || outline.elementType.isBitPattern else {
      throw LibraryFailure(
        reason: "cannot be read as real numbers: its elements are \(outline.elementType.inWords)")
    }
    let plan = try plan(of: selection(rows: rows), in: source)
    if plan.place == .library { try checkFilters() }
    return plan
  }

  /// The elements of a range of rows, read by the library: as they lie in the file or, where there
  /// is no ``NumberDecoder`` for them, converted to `Float` or `Double`.
  ///
  /// Of rows of varying length, the list of ``variableLengthNumbers(rows:)`` as `Double`.
  func elements(rows: Range<Int>) throws(LibraryFailure) -> [UInt8] {
    if case .variableLength = outline.elementType {
      return try variableLengthNumbers(rows: rows).withUnsafeBytes { Array($0) }
    }
    let selection = try selection(rows: rows)
    try checkFilters()
    try checkChunkSize()
    let isDecodable =
      NumberDecoder(outline.elementType, isBigEndian: outline.isBigEndian, size: elementBytes)
      != nil
    let isSingle = outline.elementType.fitsSinglePrecision
    // Integers of odd sizes: rare, so the library's slow conversion is good enough.
    let memoryType =
      isDecodable ? type.id : isSingle ? Float.libraryType : Double.libraryType
    let width = isDecodable ? elementBytes : isSingle ? 4 : 8
    guard let count = Caps.product([selection.elements, width]), count <= Caps.libraryBytes else {
      throw LibraryFailure(reason: "its rows are larger than \(Caps.libraryBytes >> 20) MiB")
    }
    let buffer = AlignedBuffer(count: count)
    try readRows(selection.rows, of: selection, as: memoryType, into: buffer.bytes)
    return Array(buffer.bytes)
  }
}
