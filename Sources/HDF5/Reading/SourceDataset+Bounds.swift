import CHDF5

extension SourceDataset {
  /// The rows to be read, checked: their range, and the elements in one row.
  struct Selection {
    /// The range along the first axis; `0..<1` for a scalar.
    var rows: Range<Int>
    /// The number of elements of one row.
    var rowElements: Int
    /// The sizes of all axes.
    var shape: [Int]

    var elements: Int { rows.count * rowElements }
  }

  /// Checks that the dataset is one whose data may be read, and that its declared size is
  /// plausible for what the file stores.
  ///
  /// - Throws: ``LibraryFailure`` with the reason why it is not.
  func selection(rows: Range<Int>?) throws(LibraryFailure) -> Selection {
    switch outline.storage {
    case .external:
      throw LibraryFailure(
        reason: "its data lie in other files (external storage), which are never read",
        help: "copy the data into the file, such as with: h5repack in.h5 out.h5")
    case .virtual:
      throw LibraryFailure(
        reason: "it is a virtual dataset, a mosaic of other datasets, which is never read",
        help: "copy the data into one dataset, such as with h5py: new[...] = old[...]")
    case .contiguous, .compact, .chunked: break
    }
    guard let extent else {
      throw LibraryFailure(reason: "it holds no data (null dataspace)")
    }
    let tooLarge = LibraryFailure(
      reason: "it declares more elements than this machine can address: \(extent)")
    var shape: [Int] = []
    var total = 1
    for size in extent {
      guard let size = Int(exactly: size) else { throw tooLarge }
      shape.append(size)
    }
    // Zero-sized axes must not hide an overflow of the others.
    for size in shape where size > 0 {
      let (product, overflows) = total.multipliedReportingOverflow(by: size)
      guard !overflows else { throw tooLarge }
      total = product
    }
    let (_, overflows) = total.multipliedReportingOverflow(by: max(8, elementBytes))
    guard !overflows else { throw tooLarge }
    if shape.contains(0) { total = 0 }
    try checkStored(declared: total * elementBytes)

    let rowCount = shape.first ?? 1
    let selected = rows ?? 0..<rowCount
    guard selected.lowerBound >= 0, selected.upperBound <= rowCount else {
      throw Self.rowsOutside(selected, of: rowCount)
    }
    return Selection(
      rows: selected, rowElements: shape.dropFirst().reduce(1, *), shape: shape)
  }

  static func rowsOutside(_ rows: Range<Int>, of count: Int) -> LibraryFailure {
    LibraryFailure(reason: "rows \(rows) lie outside of its \(count) rows")
  }

  private func checkStored(declared: Int) throws(LibraryFailure) {
    let stored = outline.storedBytes
    switch outline.storage {
    case .contiguous, .compact:
      // Nothing stored at all is a dataset that was never written: it holds its fill value. Numbers
      // take exactly what they declare; texts of variable length are longer in the file.
      let fits = outline.elementType.isNumeric ? stored == declared : stored >= declared
      guard stored == 0 || fits else {
        throw LibraryFailure(
          reason: stored < declared
            ? "it declares \(declared) bytes, the file stores only \(stored)"
            : "it declares \(declared) bytes, the file stores \(stored)",
          help: "the file is damaged; write it again")
      }
    default: break
    }
    guard declared <= Caps.declaredBytes || declared / Caps.expansion <= stored else {
      throw Self.tooMuchDeclared(declared, stored: stored)
    }
  }

  static func tooMuchDeclared(_ declared: Int, stored: Int) -> LibraryFailure {
    LibraryFailure(
      reason: "it declares \(declared) bytes, the file stores only \(stored) for them: refused",
      help: "the dataset was hardly written; write it again with the size that it needs")
  }

  /// - Throws: ``LibraryFailure`` naming the first filter that cannot be undone.
  func checkFilters() throws(LibraryFailure) {
    for filter in outline.filters where H5Zfilter_avail(H5Z_filter_t(filter.id)) <= 0 {
      H5Eclear2(hid_t(H5E_DEFAULT))
      let name = filter.name.isEmpty ? "number \(filter.id)" : "“\(filter.name)” (\(filter.id))"
      throw LibraryFailure(
        reason: "compressed with the filter \(name), which this program cannot undo",
        help: Self.conversion)
    }
  }

  /// How to get rid of a filter.
  static let conversion =
    "convert it: pip install hdf5plugin; HDF5_PLUGIN_PATH=$(python3 -c 'import hdf5plugin; "
    + "print(hdf5plugin.PLUGIN_PATH)') h5repack -f GZIP=4 in.h5 out.h5"

  /// Checks the chunks that the library is going to decode itself.
  func checkChunkSize() throws(LibraryFailure) {
    guard case .chunked(let chunk) = outline.storage else { return }
    let bytes = chunk.reduce(Double(elementBytes)) { $0 * Double($1) }
    guard bytes <= Double(Caps.chunkBytes) else { throw Self.chunksTooLarge(chunk) }
  }

  static func chunksTooLarge(_ chunk: [Int]) -> LibraryFailure {
    LibraryFailure(
      reason: "its chunks are larger than \(Caps.chunkBytes >> 20) MiB: \(chunk)",
      help: "save it again with smaller chunks: h5repack -l CHUNK=1000x1000 in.h5 out.h5")
  }

  /// Reads a range of rows through the library, as a type of memory.
  func readRows(
    _ rows: Range<Int>, of selection: Selection, as memoryType: hid_t,
    into buffer: UnsafeMutableRawBufferPointer
  ) throws(LibraryFailure) {
    guard !selection.shape.isEmpty else {
      try check(H5Dread(handle.id, memoryType, 0, 0, 0, buffer.baseAddress), to: "read the data")
      return
    }
    guard !rows.isEmpty, selection.rowElements > 0 else { return }
    var start = [hsize_t](repeating: 0, count: selection.shape.count)
    var count = selection.shape.map { hsize_t($0) }
    start[0] = hsize_t(rows.lowerBound)
    count[0] = hsize_t(rows.count)
    let file = try Handle(H5Scopy(space.id), closing: H5Sclose, to: "select rows")
    try check(
      H5Sselect_hyperslab(file.id, H5S_SELECT_SET, start, nil, count, nil), to: "select rows")
    let memory = try Handle(
      H5Screate_simple(Int32(count.count), count, nil), closing: H5Sclose, to: "select rows")
    try check(
      H5Dread(handle.id, memoryType, memory.id, file.id, 0, buffer.baseAddress),
      to: "read the data")
  }
}
