import CHDF5

/// Writes attributes, sorted by name so that the same ones give the same bytes.
struct AttributeWriter: ~Copyable {
  /// The type of booleans, as a named object of the file: netCDF passes over an attribute whose
  /// enumeration has no name.
  private let booleans: Handle?
  private let booleanType: hid_t?

  /// - Parameters:
  ///   - attributes: All attributes that are going to be written.
  ///   - names: The names of the other objects in the root group.
  init(
    for attributes: [[String: AttributeValue]], in file: borrowing Handle,
    besides names: Set<String>
  ) throws(LibraryFailure) {
    let needsBooleans = attributes.contains { group in
      group.values.contains { if case .boolean = $0 { true } else { false } }
    }
    guard needsBooleans else {
      booleans = nil
      booleanType = nil
      return
    }
    var name = "boolean"
    while names.contains(name) { name += "_" }
    let type = try Self.booleanType(named: name, in: file)
    booleanType = type.id
    booleans = consume type
  }

  func write(
    _ attributes: [String: AttributeValue], to object: hid_t
  ) throws(LibraryFailure) {
    for (name, value) in attributes.sorted(by: { $0.key < $1.key }) {
      let purpose = "write attribute “\(name)”"
      guard !name.isEmpty, !name.utf8.contains(0), !Self.reserved.contains(name) else {
        throw LibraryFailure(reason: "“\(name)” cannot be the name of an attribute")
      }
      switch value {
      case .integer(let number):
        try Self.write(
          name, [Int64(number)], uh5_std_i64le(), uh5_native_int64(), isScalar: true, object)
      case .integers(let numbers):
        try Self.write(name, numbers.map { Int64($0) }, uh5_std_i64le(), uh5_native_int64(), object)
      case .real(let number):
        try Self.write(
          name, [number], uh5_ieee_f64le(), uh5_native_double(), isScalar: true, object)
      case .reals(let numbers):
        try Self.write(name, numbers, uh5_ieee_f64le(), uh5_native_double(), object)
      case .boolean(let flag):
        guard let type = booleanType else { preconditionFailure("no type for “\(name)”") }
        try Self.write(name, [Int8(flag ? 1 : 0)], type, type, isScalar: true, object)
      case .string(let text):
        try Self.write(text: [text], name, isScalar: true, to: object, purpose)
      case .strings(let texts):
        try Self.write(text: texts, name, isScalar: false, to: object, purpose)
      case .unreadable(let reason):
        try Self.write(text: ["unreadable: \(reason)"], name, isScalar: true, to: object, purpose)
      }
    }
  }

  /// The place of a dimension among all, by which netCDF keeps their order.
  static func write(dimensionIndex index: Int, to scale: hid_t) throws(LibraryFailure) {
    try write(
      "_Netcdf4Dimid", [Int64(index)], uh5_std_i32le(), uh5_native_int64(), isScalar: true, scale)
  }

  /// Text of variable length in UTF-8.
  static func textType() throws(LibraryFailure) -> Handle {
    let type = try Handle(H5Tcopy(uh5_c_s1()), closing: H5Tclose, to: "prepare text")
    try check(H5Tset_size(type.id, uh5_variable()), to: "prepare text")
    try check(H5Tset_cset(type.id, H5T_CSET_UTF8), to: "prepare text")
    return type
  }

  /// What makes a dataset a dimension scale, and labels axes with it.
  private static let reserved: Set<String> = [
    "CLASS", "NAME", "DIMENSION_LIST", "REFERENCE_LIST", "_Netcdf4Dimid", "_Netcdf4Coordinates",
    "_NCProperties", "_nc3_strict",
  ]

  /// Stores an enumeration as h5py makes it for booleans.
  private static func booleanType(
    named name: String, in file: borrowing Handle
  ) throws(LibraryFailure) -> Handle {
    let purpose = "prepare booleans"
    let type = try Handle(H5Tenum_create(uh5_std_i8le()), closing: H5Tclose, to: purpose)
    for (name, value) in [("FALSE", 0), ("TRUE", 1)] as [(String, Int8)] {
      var value = value
      try check(H5Tenum_insert(type.id, name, &value), to: purpose)
    }
    let creation = try Handle(H5Pcreate(uh5_datatype_create()), closing: H5Pclose, to: purpose)
    try check(H5Pset_obj_track_times(creation.id, false), to: purpose)
    try check(H5Tcommit2(file.id, name, type.id, 0, creation.id, 0), to: purpose)
    return type
  }

  private static func write<Number: BitwiseCopyable>(
    _ name: String, _ numbers: [Number], _ fileType: hid_t, _ memoryType: hid_t,
    isScalar: Bool = false, _ object: hid_t
  ) throws(LibraryFailure) {
    let purpose = "write attribute “\(name)”"
    let attribute = try create(
      name, fileType, count: isScalar ? nil : numbers.count, on: object, purpose)
    guard !numbers.isEmpty else { return }
    try check(H5Awrite(attribute.id, memoryType, numbers), to: purpose)
  }

  private static func write(
    text: [String], _ name: String, isScalar: Bool, to object: hid_t, _ purpose: String
  ) throws(LibraryFailure) {
    let type = try textType()
    let attribute = try create(
      name, type.id, count: isScalar ? nil : text.count, on: object, purpose)
    guard !text.isEmpty else { return }
    let pointers = CStrings(text)
    try check(H5Awrite(attribute.id, type.id, pointers.start), to: purpose)
  }

  /// - Parameter count: The number of elements, or `nil` for a scalar.
  private static func create(
    _ name: String, _ type: hid_t, count: Int?, on object: hid_t, _ purpose: String
  ) throws(LibraryFailure) -> Handle {
    let space: Handle
    if let count {
      space = try Handle(
        H5Screate_simple(1, [hsize_t(count)], nil), closing: H5Sclose, to: purpose)
    } else {
      space = try Handle(H5Screate(H5S_SCALAR), closing: H5Sclose, to: purpose)
    }
    let creation = try Handle(H5Pcreate(uh5_attribute_create()), closing: H5Pclose, to: purpose)
    try check(H5Pset_char_encoding(creation.id, H5T_CSET_UTF8), to: purpose)
    return try Handle(
      H5Acreate2(object, name, type, space.id, creation.id, 0), closing: H5Aclose, to: purpose)
  }
}

/// An array of pointers to zero-terminated copies of strings.
struct CStrings: ~Copyable {
  private let bytes: UnsafeMutablePointer<CChar>
  private let pointers: UnsafeMutablePointer<UnsafePointer<CChar>?>

  /// A zero inside a string, which would end it, becomes U+FFFD.
  init(_ strings: [String]) {
    let clean = strings.map { string in
      string.utf8.contains(0)
        ? String(
          String.UnicodeScalarView(string.unicodeScalars.map { $0 == "\0" ? "\u{fffd}" : $0 }))
        : string
    }
    let total = clean.reduce(0) { $0 + $1.utf8.count + 1 }
    bytes = .allocate(capacity: max(1, total))
    pointers = .allocate(capacity: max(1, clean.count))
    var offset = 0
    for (index, string) in clean.enumerated() {
      pointers[index] = UnsafePointer(bytes + offset)
      for byte in string.utf8 {
        bytes[offset] = CChar(bitPattern: byte)
        offset += 1
      }
      bytes[offset] = 0
      offset += 1
    }
  }

  deinit {
    bytes.deallocate()
    pointers.deallocate()
  }

  var start: UnsafeRawPointer { UnsafeRawPointer(pointers) }
}
