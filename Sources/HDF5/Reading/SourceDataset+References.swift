import CHDF5

extension SourceDataset {
  /// The texts that a dataset of object references points to, as MATLAB keeps cell arrays of
  /// characters: each target is a small array of character codes.
  func referencedStrings() throws(LibraryFailure) -> [String] {
    guard H5Tequal(type.id, uh5_object_reference()) > 0 else {
      throw LibraryFailure(
        reason: "cannot be read as strings: its elements are references to regions")
    }
    let selection = try selection(rows: nil)
    try checkFilters()
    try checkChunkSize()
    let buffer = AlignedBuffer(count: selection.elements * MemoryLayout<hobj_ref_t>.size)
    try readRows(selection.rows, of: selection, as: type.id, into: buffer.bytes)
    var texts: [String] = []
    for index in 0..<selection.elements {
      let target = try Handle(
        H5Rdereference2(
          handle.id, 0, H5R_OBJECT, buffer.start + index * MemoryLayout<hobj_ref_t>.size),
        closing: H5Oclose, to: "follow reference \(index)")
      guard H5Iget_type(target.id) == H5I_DATASET else {
        throw LibraryFailure(reason: "reference \(index) points to something else than a dataset")
      }
      texts.append(try SourceDataset(target).characters())
    }
    return texts
  }

  /// The text whose character codes are the elements.
  private func characters() throws(LibraryFailure) -> String {
    guard case .integer(let bits, signed: false) = outline.elementType, bits <= 16,
      extent?.reduce(1, { $0.multipliedReportingOverflow(by: $1).partialValue }) ?? 0
        <= hsize_t(Caps.nameBytes)
    else { throw LibraryFailure(reason: "a reference points to something else than text") }
    guard
      let decoder = NumberDecoder(
        outline.elementType, isBigEndian: outline.isBigEndian, size: elementBytes)
    else { throw LibraryFailure(reason: "a reference points to something else than text") }
    let selection = try selection(rows: nil)
    guard selection.elements > 0 else { return "" }
    let bytes = try elements(rows: selection.rows)
    let codes = [Float](unsafeUninitializedCapacity: selection.elements) { target, count in
      bytes.withUnsafeBytes { bytes in
        guard let source = bytes.baseAddress, let base = target.baseAddress else { return }
        decoder.decode(source, count: selection.elements, into: base)
        count = selection.elements
      }
    }
    return String(decoding: codes.map { UInt16($0) }, as: UTF16.self)
  }
}
