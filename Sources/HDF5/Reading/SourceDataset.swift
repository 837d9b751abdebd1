import CHDF5

/// A dataset opened for reading, with what is known about it before its data are read.
struct SourceDataset: ~Copyable {
  let handle: Handle
  let type: Handle
  let space: Handle
  let creation: Handle
  let outline: DatasetOutline
  /// The sizes of the axes as the file declares them; `nil` for a null dataspace.
  let extent: [hsize_t]?
  /// The bytes of one element in the file.
  let elementBytes: Int

  /// - Throws: ``LibraryFailure`` if there is no such dataset.
  init(at path: String, in file: borrowing SourceFile) throws(LibraryFailure) {
    let object = try file.open(path)
    guard H5Iget_type(object.id) == H5I_DATASET else {
      throw LibraryFailure(reason: "not a dataset")
    }
    try self.init(object)
  }

  /// Takes over an open dataset.
  init(_ handle: consuming Handle) throws(LibraryFailure) {
    let type = try Handle(H5Dget_type(handle.id), closing: H5Tclose, to: "read the element type")
    let space = try Handle(H5Dget_space(handle.id), closing: H5Sclose, to: "read the shape")
    let creation = try Handle(
      H5Dget_create_plist(handle.id), closing: H5Pclose, to: "read the storage properties")

    var extent: [hsize_t]?
    var maximum: [hsize_t] = []
    if H5Sget_simple_extent_type(space.id) != H5S_NULL {
      let rank = H5Sget_simple_extent_ndims(space.id)
      try check(rank, to: "read the shape")
      var sizes = [hsize_t](repeating: 0, count: Int(rank))
      maximum = sizes
      try check(
        H5Sget_simple_extent_dims(space.id, &sizes, &maximum), to: "read the shape")
      // The library does not compare them.
      guard zip(sizes, maximum).allSatisfy({ $0 <= $1 }) else {
        throw LibraryFailure(
          reason: "its shape \(sizes) is beyond the largest that it declares, \(maximum)",
          help: "the file is damaged; write it again")
      }
      extent = sizes
    }
    let outline = DatasetOutline(
      shape: extent?.map { Int(clamping: $0) },
      maximumShape: maximum.map { $0 == uh5_unlimited() ? nil : Int(clamping: $0) },
      elementType: ElementType(type.id), isBigEndian: ElementType.isBigEndian(type.id),
      storage: try Self.storage(creation.id), filters: try Self.filters(creation.id),
      storedBytes: Int(clamping: H5Dget_storage_size(handle.id)))
    elementBytes = H5Tget_size(type.id)
    self.outline = outline
    self.extent = extent
    self.handle = handle
    self.type = type
    self.space = space
    self.creation = creation
  }

  private static func storage(
    _ creation: hid_t
  ) throws(LibraryFailure) -> DatasetOutline.Storage {
    if H5Pget_external_count(creation) > 0 { return .external }
    switch H5Pget_layout(creation) {
    case H5D_CONTIGUOUS: return .contiguous
    case H5D_COMPACT: return .compact
    case H5D_VIRTUAL: return .virtual
    case H5D_CHUNKED:
      let rank = H5Pget_chunk(creation, 0, nil)
      try check(rank, to: "read the chunk shape")
      var sizes = [hsize_t](repeating: 0, count: Int(rank))
      try check(H5Pget_chunk(creation, rank, &sizes), to: "read the chunk shape")
      return .chunked(sizes.map { Int(clamping: $0) })
    default: throw LibraryFailure(cannot: "read the kind of storage")
    }
  }

  private static func filters(
    _ creation: hid_t
  ) throws(LibraryFailure) -> [DatasetOutline.Filter] {
    let count = H5Pget_nfilters(creation)
    try check(count, to: "read the filters")
    var filters: [DatasetOutline.Filter] = []
    for index in 0..<UInt32(count) {
      var flags: UInt32 = 0
      var valueCount = 0
      var configuration: UInt32 = 0
      // One byte stays zero: the library does not end a name that fills the buffer.
      var name = [CChar](repeating: 0, count: 257)
      let id = H5Pget_filter2(
        creation, index, &flags, &valueCount, nil, 256, &name, &configuration)
      try check(id, to: "read the filters")
      let given = String(
        decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      filters.append(.init(id: Int(id), name: knownFilters[Int(id)] ?? given))
    }
    return filters
  }

  /// Names of registered filters (support.hdfgroup.org, "Registered Filter Plugins"); what a file
  /// says instead ranges from nothing to a sentence with a web address.
  private static let knownFilters = [
    1: "deflate", 2: "shuffle", 3: "fletcher32", 4: "szip", 5: "nbit", 6: "scaleoffset",
    305: "lzo", 307: "bzip2", 32000: "lzf", 32001: "blosc", 32004: "lz4", 32008: "bitshuffle",
    32013: "zfp", 32015: "zstd", 32017: "sz", 32026: "blosc2",
  ]
}
