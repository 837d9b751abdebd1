import CHDF5

extension SourceDataset {
  /// Rows of varying length: for each element of the range its number of entries, then the entries.
  ///
  /// - Throws: ``LibraryFailure`` also if the entries are no numbers, or the file announces more of
  ///   them than it can hold.
  func variableLengthNumbers(rows: Range<Int>) throws(LibraryFailure) -> [Double] {
    let base = try Handle(
      H5Tget_super(type.id), closing: H5Tclose, to: "read the type of the entries")
    let entry = ElementType(base.id)
    guard entry.isNumeric else {
      throw LibraryFailure(
        reason: "cannot be read as real numbers: its rows hold \(entry.inWords)")
    }
    let selection = try selection(rows: rows)
    guard selection.elements > 0 else { return [] }
    try checkFilters()
    try checkChunkSize()
    let memory = try Handle(
      H5Tvlen_create(uh5_native_double()), closing: H5Tclose, to: "prepare reading")
    try checkAnnounced(memory: memory.id)
    let buffer = AlignedBuffer(count: selection.elements * MemoryLayout<hvl_t>.size)
    let lists = buffer.start.assumingMemoryBound(to: hvl_t.self)
    var outcome: Result<Void, LibraryFailure> = .success(())
    do throws(LibraryFailure) {
      try readRows(selection.rows, of: selection, as: memory.id, into: buffer.bytes)
    } catch {
      outcome = .failure(error)
    }
    var numbers: [Double] = []
    if case .success = outcome {
      for index in 0..<selection.elements {
        let list = lists[index]
        numbers.append(Double(list.len))
        if let start = list.p?.assumingMemoryBound(to: Double.self) {
          numbers.append(contentsOf: UnsafeBufferPointer(start: start, count: list.len))
        }
      }
    }
    // What was read, before a failure too, belongs to this program.
    var count = hsize_t(selection.elements)
    let space = try Handle(
      H5Screate_simple(1, &count, nil), closing: H5Sclose, to: "release the rows")
    H5Dvlen_reclaim(memory.id, space.id, 0, buffer.start)
    try outcome.get()
    return numbers
  }

  /// Entries lie uncompressed in the file, but many rows may point to the same ones.
  private func checkAnnounced(memory: hid_t) throws(LibraryFailure) {
    var announced: hsize_t = 0
    try check(
      H5Dvlen_get_buf_size(handle.id, memory, space.id, &announced), to: "measure the rows")
    let file = try Handle(H5Iget_file_id(handle.id), closing: H5Fclose, to: "find the file")
    var size: hsize_t = 0
    try check(H5Fget_filesize(file.id, &size), to: "measure the file")
    // An entry of one byte becomes one of eight.
    guard announced <= hsize_t(Caps.declaredBytes) || announced / 8 <= size else {
      throw LibraryFailure(
        reason: "its rows announce \(announced) bytes in a file of \(size): refused")
    }
  }
}
