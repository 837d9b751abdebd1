import CHDF5

/// The bytes of a result file, made in memory: so only one place writes to the disk, and a full
/// disk cannot leave the library with a file that it is unable to close.
///
/// The layout is the one that netCDF-4 gives its files ("NetCDF-4 Format Specification", Unidata):
/// a dimension is a dataset of class DIMENSION_SCALE, attached to the axes that it labels.
struct ResultImage: ~Copyable {
  private let file: Handle
  private let result: ResultFile
  private let lengths: [String: Int]
  private let attributes: AttributeWriter

  /// Arrays beyond this are compressed, in chunks of at most `chunkBytes`.
  private static let compressedFrom = 64 << 10
  private static let chunkBytes = 1 << 20

  /// An empty file in memory.
  init(of result: ResultFile) throws(LibraryFailure) {
    let lengths = try Self.checked(result)
    let creation = try Handle(
      H5Pcreate(uh5_file_create()), closing: H5Pclose, to: "prepare the file")
    let order = UInt32(H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED)
    try check(H5Pset_link_creation_order(creation.id, order), to: "prepare the file")
    try check(H5Pset_attr_creation_order(creation.id, order), to: "prepare the file")
    try check(H5Pset_obj_track_times(creation.id, false), to: "prepare the file")
    let access = try Handle(
      H5Pcreate(uh5_file_access()), closing: H5Pclose, to: "prepare the file")
    // Memory grows by this step; nothing goes to the disk.
    try check(H5Pset_fapl_core(access.id, 1 << 20, false), to: "prepare the file")
    // The image of a superblock of version 2 would have a wrong checksum (seen with 1.10.8).
    try check(
      H5Pset_libver_bounds(access.id, H5F_LIBVER_EARLIEST, H5F_LIBVER_V18), to: "prepare the file")
    let file = try Handle(
      H5Fcreate("results", uh5_exclusive(), creation.id, access.id), closing: H5Fclose,
      to: "create the file")
    let attributes = try AttributeWriter(
      for: [result.attributes] + result.variables.map(\.attributes), in: file,
      besides: Set(result.dimensions.map(\.name) + result.variables.map(\.name)))
    self.attributes = attributes
    self.file = file
    self.result = result
    self.lengths = lengths
  }

  /// Writes everything into the file and returns its bytes. To be called once.
  consuming func bytes() throws(LibraryFailure) -> [UInt8] {
    try attributes.write(result.attributes, to: file.id)
    try writeScales()
    for variable in result.variables where !isCoordinate(variable) {
      let dataset = try write(variable)
      try attachScales(of: variable, to: dataset.id)
    }
    try check(H5Fflush(file.id, H5F_SCOPE_GLOBAL), to: "finish the file")
    let size = H5Fget_file_image(file.id, nil, 0)
    try check(size, to: "finish the file")
    var bytes = [UInt8](repeating: 0, count: size)
    try check(H5Fget_file_image(file.id, &bytes, size), to: "finish the file")
    return bytes
  }

  /// Checks names and sizes.
  ///
  /// - Returns: The length of each dimension.
  private static func checked(_ result: ResultFile) throws(LibraryFailure) -> [String: Int] {
    var lengths: [String: Int] = [:]
    for dimension in result.dimensions {
      try checkName(dimension.name)
      precondition(dimension.length >= 0, "dimension \(dimension.name): \(dimension.length)")
      precondition(lengths[dimension.name] == nil, "dimension \(dimension.name) is there twice")
      lengths[dimension.name] = dimension.length
    }
    var names: Set<String> = []
    for variable in result.variables {
      try checkName(variable.name)
      precondition(names.insert(variable.name).inserted, "variable \(variable.name) is there twice")
      let expected = variable.dimensions.reduce(1) { product, name in
        guard let length = lengths[name] else {
          preconditionFailure("variable \(variable.name) is over the unknown dimension \(name)")
        }
        return product * length
      }
      precondition(
        variable.values.count == expected,
        "variable \(variable.name) has \(variable.values.count) values, \(expected) expected")
    }
    return lengths
  }

  private static func checkName(_ name: String) throws(LibraryFailure) {
    guard !name.isEmpty, name != ".", !name.utf8.contains(0),
      !name.utf8.contains(UInt8(ascii: "/"))
    else {
      throw LibraryFailure(
        reason: "“\(name)” cannot be the name of a variable or dimension",
        help: "use a name without “/”")
    }
  }

  /// Whether a variable holds the labels of the dimension whose name it has.
  private func isCoordinate(_ variable: ResultFile.Variable) -> Bool {
    variable.dimensions == [variable.name]
  }

  /// Writes a dimension scale per dimension: its coordinate, or a placeholder without data.
  private func writeScales() throws(LibraryFailure) {
    for (index, dimension) in result.dimensions.enumerated() {
      let coordinate = result.variables.first { $0.name == dimension.name && isCoordinate($0) }
      let scale =
        if let coordinate {
          try write(coordinate)
        } else {
          try placeholder(of: dimension)
        }
      // The sentence by which netCDF knows a dimension without values, with its length.
      let digits = String(dimension.length)
      let label =
        coordinate != nil
        ? dimension.name
        : "This is a netCDF dimension but not a netCDF variable."
          + String(repeating: " ", count: max(0, 10 - digits.count)) + digits
      try check(H5DSset_scale(scale.id, label), to: "write dimension \(dimension.name)")
      try AttributeWriter.write(dimensionIndex: index, to: scale.id)
    }
  }

  private func placeholder(of dimension: ResultFile.Dimension) throws(LibraryFailure) -> Handle {
    try create(dimension.name, type: uh5_ieee_f32be(), shape: [dimension.length]) { _ in }
  }

  private func attachScales(
    of variable: ResultFile.Variable, to dataset: hid_t
  ) throws(LibraryFailure) {
    for (axis, name) in variable.dimensions.enumerated() {
      let scale = try Handle(
        H5Dopen2(file.id, name, 0), closing: H5Dclose, to: "open dimension \(name)")
      try check(
        H5DSattach_scale(dataset, scale.id, UInt32(axis)), to: "label variable \(variable.name)")
    }
  }

  private func write(_ variable: ResultFile.Variable) throws(LibraryFailure) -> Handle {
    let shape = variable.dimensions.map { lengths[$0] ?? 0 }
    // netCDF's own way out where a variable has the name of a dimension without being its labels.
    let isHomonym = lengths[variable.name] != nil && !isCoordinate(variable)
    let name = (isHomonym ? "_nc4_non_coord_" : "") + variable.name
    let purpose = "write variable \(variable.name)"
    var described = variable.attributes
    let dataset: Handle
    switch variable.values {
    case .real(let values):
      described["_FillValue"] = described["_FillValue"] ?? .reals([.nan])
      dataset = try create(name, type: uh5_ieee_f64le(), shape: shape, elementBytes: 8) {
        creation in
        var fill = Double.nan
        H5Pset_fill_value(creation, uh5_native_double(), &fill)
      }
      if !values.isEmpty {
        try check(H5Dwrite(dataset.id, uh5_native_double(), 0, 0, 0, values), to: purpose)
      }
    case .integer(let values):
      dataset = try create(name, type: uh5_std_i64le(), shape: shape, elementBytes: 8) { _ in }
      if !values.isEmpty {
        try check(H5Dwrite(dataset.id, uh5_native_int64(), 0, 0, 0, values), to: purpose)
      }
    case .text(let values):
      let type = try AttributeWriter.textType()
      dataset = try create(name, type: type.id, shape: shape) { _ in }
      if !values.isEmpty {
        let pointers = CStrings(values)
        try check(H5Dwrite(dataset.id, type.id, 0, 0, 0, pointers.start), to: purpose)
      }
    }
    try attributes.write(described, to: dataset.id)
    return dataset
  }

  /// Creates a dataset.
  ///
  /// - Parameters:
  ///   - elementBytes: The size of an element if the dataset may be compressed, else 0.
  ///   - configure: Sets further creation properties.
  private func create(
    _ name: String, type: hid_t, shape: [Int], elementBytes: Int = 0,
    configure: (hid_t) -> Void
  ) throws(LibraryFailure) -> Handle {
    let purpose = "create \(name)"
    let creation = try Handle(H5Pcreate(uh5_dataset_create()), closing: H5Pclose, to: purpose)
    try check(H5Pset_obj_track_times(creation.id, false), to: purpose)
    let order = UInt32(H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED)
    try check(H5Pset_attr_creation_order(creation.id, order), to: purpose)
    let elements = shape.reduce(1, *)
    if elements * elementBytes > Self.compressedFrom {
      let chunk = Self.chunk(of: shape, elementBytes: elementBytes).map { hsize_t($0) }
      try check(H5Pset_chunk(creation.id, Int32(chunk.count), chunk), to: purpose)
      try check(H5Pset_shuffle(creation.id), to: purpose)
      try check(H5Pset_deflate(creation.id, 4), to: purpose)
    }
    configure(creation.id)
    let space: Handle
    if shape.isEmpty {
      space = try Handle(H5Screate(H5S_SCALAR), closing: H5Sclose, to: purpose)
    } else {
      space = try Handle(
        H5Screate_simple(Int32(shape.count), shape.map { hsize_t($0) }, nil), closing: H5Sclose,
        to: purpose)
    }
    let links = try Handle(H5Pcreate(uh5_link_create()), closing: H5Pclose, to: purpose)
    try check(H5Pset_char_encoding(links.id, H5T_CSET_UTF8), to: purpose)
    return try Handle(
      H5Dcreate2(file.id, name, type, space.id, links.id, creation.id, 0), closing: H5Dclose,
      to: purpose)
  }

  /// Halves the slowest axes until a chunk is small enough.
  private static func chunk(of shape: [Int], elementBytes: Int) -> [Int] {
    var chunk = shape
    for axis in chunk.indices {
      while chunk[axis] > 1, chunk.reduce(elementBytes, *) > chunkBytes {
        chunk[axis] = (chunk[axis] + 1) / 2
      }
    }
    return chunk
  }
}

extension ResultFile.Variable.Values {
  fileprivate var count: Int {
    switch self {
    case .real(let values): values.count
    case .integer(let values): values.count
    case .text(let values): values.count
    }
  }
}
