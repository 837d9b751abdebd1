import CHDF5

extension SourceDataset {
  /// Where the elements of a range of rows lie.
  ///
  /// - Throws: ``LibraryFailure`` if the dataset must not be read or its elements cannot be found.
  func plan(
    of selection: Selection, in source: borrowing SourceFile
  ) throws(LibraryFailure) -> ReadingPlan {
    ReadingPlan(
      elementType: outline.elementType, isBigEndian: outline.isBigEndian,
      elementBytes: elementBytes, shape: selection.shape,
      place: try place(of: selection, in: source))
  }

  /// Where the elements lie, if they lie in one piece.
  var piece: Range<Int>? {
    guard outline.storage == .contiguous, outline.storedBytes > 0,
      let offset = Int(exactly: H5Dget_offset(handle.id)), offset <= Int.max - outline.storedBytes
    else { return nil }
    return offset..<offset + outline.storedBytes
  }

  /// The pieces of external storage, by name; nothing is opened.
  func externalParts() throws(LibraryFailure) -> [ExternalPart] {
    let count = H5Pget_external_count(creation.id)
    try check(count, to: "read the names of other files")
    var parts: [ExternalPart] = []
    for index in 0..<min(UInt32(count), UInt32(Caps.attributes)) {
      // One byte stays zero: the library does not end a name that fills the buffer.
      var name = [CChar](repeating: 0, count: 4097)
      var offset: off_t = 0
      var size: hsize_t = 0
      try check(
        H5Pget_external(creation.id, index, 4096, &name, &offset, &size),
        to: "read the names of other files")
      parts.append(
        ExternalPart(
          file: String(
            decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self),
          offset: Int(offset), bytes: Int(exactly: size)))
    }
    return parts
  }

  private func place(
    of selection: Selection, in source: borrowing SourceFile
  ) throws(LibraryFailure) -> ReadingPlan.Place {
    switch outline.storage {
    case .contiguous where outline.storedBytes > 0 && outline.filters.isEmpty:
      guard let offset = Int(exactly: H5Dget_offset(handle.id)) else { return .library }
      return .contiguous(offset: offset)
    case .chunked(let chunk) where selection.elements > 0:
      // Looked up also for the library, which takes a chunk that it does not find for one that was
      // never written.
      let entries = try entries(chunk: chunk, selection, raw: source.raw)
      guard let steps = try filterSteps() else { return .library }
      return .chunked(
        ChunkMap(
          chunk: chunk, steps: steps, fill: try fillValue(), checksPadding: !source.hasChecksums,
          entries: entries))
    default: return .library
    }
  }

  /// - Returns: `nil` if the dataset has filters, options or an order of them that only the library
  ///   knows how to undo.
  private func filterSteps() throws(LibraryFailure) -> [FilterStep]? {
    var options: UInt32 = 0
    // Chunks at the edge may be exempt from the filters; h5py never asks for that.
    guard H5Pget_chunk_opts(creation.id, &options) >= 0, options == 0 else { return nil }
    var steps: [FilterStep] = []
    for (index, filter) in outline.filters.enumerated() {
      var flags: UInt32 = 0
      var configuration: UInt32 = 0
      var count = 8
      var values = [UInt32](repeating: 0, count: count)
      try check(
        H5Pget_filter2(creation.id, UInt32(index), &flags, &count, &values, 0, nil, &configuration),
        to: "read the filters")
      guard
        let step = try FilterStep(
          filter: filter.id, parameters: Array(values.prefix(min(8, count))),
          elementBytes: elementBytes)
      else { return nil }
      steps.append(step)
    }
    return FilterPipeline.canUndo(steps) ? steps : nil
  }

  private func fillValue() throws(LibraryFailure) -> [UInt8] {
    var status = H5D_FILL_VALUE_UNDEFINED
    try check(H5Pfill_value_defined(creation.id, &status), to: "read the fill value")
    let element = AlignedBuffer(count: elementBytes)
    if status != H5D_FILL_VALUE_UNDEFINED {
      try check(
        H5Pget_fill_value(creation.id, type.id, element.start), to: "read the fill value")
    }
    return Array(element.bytes)
  }

  /// Finds the chunks that the rows touch.
  private func entries(
    chunk: [Int], _ selection: Selection, raw: borrowing RawReads
  ) throws(LibraryFailure) -> [ChunkMap.Entry] {
    let chunkBytes = try ChunkReader.checkedBytes(
      chunk: chunk, shape: selection.shape, elementBytes: elementBytes)
    let (counts, first) = ChunkMap.grid(
      shape: selection.shape, chunk: chunk, rows: selection.rows)
    guard let total = Caps.product(counts), total <= Caps.chunks else {
      throw LibraryFailure(
        reason: "its rows lie in more than \(Caps.chunks) chunks of \(chunk)",
        help: "save it again with larger chunks: h5repack -l CHUNK=1000x1000 in.h5 out.h5")
    }
    var entries: [ChunkMap.Entry] = []
    entries.reserveCapacity(total)
    var place = [Int](repeating: 0, count: counts.count)
    var offset = [hsize_t](repeating: 0, count: counts.count)
    for _ in 0..<total {
      for axis in place.indices {
        offset[axis] = hsize_t((place[axis] + (axis == 0 ? first : 0)) * chunk[axis])
      }
      do throws(LibraryFailure) {
        entries.append(try entry(at: offset, chunkBytes: chunkBytes, raw: raw))
      } catch {
        throw ChunkReader.damaged(at: offset.map { Int($0) }, error)
      }
      ChunkReader.advance(&place, in: counts)
    }
    try checkCount(entries, selection)
    return entries
  }

  private func entry(
    at offset: [hsize_t], chunkBytes: Int, raw: borrowing RawReads
  ) throws(LibraryFailure) -> ChunkMap.Entry {
    let stored = try storedBytes(at: offset)
    guard stored > 0 else { return ChunkMap.Entry(offset: 0, bytes: 0, mask: 0) }
    guard stored <= FilterPipeline.largestStored(chunkBytes: chunkBytes) else {
      throw LibraryFailure(reason: "it declares \(stored) bytes for \(chunkBytes)")
    }
    var mask: UInt32 = 0
    var nothing: UInt8 = 0
    let dataset = handle.id
    let range = try raw.range { () throws(LibraryFailure) in
      try check(H5Dread_chunk(dataset, 0, offset, &mask, &nothing), to: "read it")
    }
    guard range.count == Int(stored) else {
      throw LibraryFailure(reason: "it holds \(range.count) bytes instead of \(stored)")
    }
    return ChunkMap.Entry(offset: range.lowerBound, bytes: range.count, mask: mask)
  }

  /// The size of a chunk in the file; 0 if it was never written.
  private func storedBytes(at offset: [hsize_t]) throws(LibraryFailure) -> hsize_t {
    var stored: hsize_t = 0
    do throws(LibraryFailure) {
      try check(
        H5Dget_chunk_storage_size(handle.id, offset, &stored), to: "find it in the file")
    } catch {
      // libhdf5 1.10 calls that an error; later versions answer 0.
      guard error.detail?.contains("chunk storage is not allocated") == true else { throw error }
      return 0
    }
    return stored
  }

  /// Where the whole dataset was looked up, its index must not hold further chunks: then shape,
  /// chunk shape or index are damaged.
  private func checkCount(
    _ entries: [ChunkMap.Entry], _ selection: Selection
  ) throws(LibraryFailure) {
    guard selection.rows == 0..<(selection.shape.first ?? 1) else { return }
    var count: hsize_t = 0
    let all = try Handle(H5Scopy(space.id), closing: H5Sclose, to: "count the chunks")
    try check(H5Dget_num_chunks(handle.id, all.id, &count), to: "count the chunks")
    let found = entries.count { $0.bytes > 0 }
    guard count == hsize_t(found) else {
      throw LibraryFailure(
        reason: "its index holds \(count) chunks, its shape has room for \(found) of them",
        help: "the file is damaged; write it again")
    }
  }
}
