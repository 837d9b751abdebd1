import CHDF5

/// The attributes of an object.
enum Attributes {
  /// Reads all attributes, or as many as ``Caps/attributes``.
  ///
  /// - Returns: The values by name, and how many attributes were left out.
  static func read(
    of object: hid_t
  ) throws(LibraryFailure) -> (values: [String: AttributeValue], skipped: Int) {
    var count: hsize_t = 0
    try check(uh5_attribute_count(object, &count), to: "count the attributes")
    var values: [String: AttributeValue] = [:]
    for index in 0..<min(count, hsize_t(Caps.attributes)) {
      let attribute = try Handle(
        H5Aopen_by_idx(object, ".", H5_INDEX_NAME, H5_ITER_INC, index, 0, 0), closing: H5Aclose,
        to: "open attribute \(index)")
      let name = try name(of: attribute.id)
      do throws(LibraryFailure) {
        values[name] = try value(of: attribute.id)
      } catch {
        values[name] = .unreadable(error.reason + (error.detail.map { " (\($0))" } ?? ""))
      }
    }
    return (values, Int(clamping: count) - min(Int(clamping: count), Caps.attributes))
  }

  private static func name(of attribute: hid_t) throws(LibraryFailure) -> String {
    let length = H5Aget_name(attribute, 0, nil)
    try check(length, to: "read the name of an attribute")
    guard length <= Caps.nameBytes else {
      throw LibraryFailure(reason: "the name of an attribute has \(length) bytes")
    }
    var name = [CChar](repeating: 0, count: length + 1)
    try check(H5Aget_name(attribute, name.count, &name), to: "read the name of an attribute")
    return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  private static func value(of attribute: hid_t) throws(LibraryFailure) -> AttributeValue {
    let space = try Handle(H5Aget_space(attribute), closing: H5Sclose, to: "read the shape")
    let type = try Handle(H5Aget_type(attribute), closing: H5Tclose, to: "read the type")
    let elementType = ElementType(type.id)
    guard H5Sget_simple_extent_type(space.id) != H5S_NULL else {
      return .unreadable("empty (null dataspace)")
    }
    let rank = H5Sget_simple_extent_ndims(space.id)
    try check(rank, to: "read the shape")
    guard rank <= 1 else { return .unreadable("an array of \(rank) dimensions") }
    let declared = H5Sget_simple_extent_npoints(space.id)
    try check(declared, to: "read the shape")
    let (bytes, overflows) = Int(declared).multipliedReportingOverflow(
      by: max(8, H5Tget_size(type.id)))
    guard !overflows, bytes <= Caps.attributeBytes else {
      return .unreadable("larger than \(Caps.attributeBytes >> 20) MiB")
    }
    let count = Int(declared)
    let isScalar = rank == 0

    switch elementType {
    case .string:
      return try strings(attribute, type: type.id, space: space.id, count: count, isScalar)
    case .boolean:
      let values: [Int8] = try read(attribute, as: type.id, count: count, from: 0)
      if isScalar { return .boolean(values[0] != 0) }
      return .integers(values.map { Int($0) })
    case .integer(_, signed: true):
      let values: [Int64] = try read(attribute, as: uh5_native_int64(), count: count, from: 0)
      if isScalar { return .integer(Int(values[0])) }
      return .integers(values.map { Int($0) })
    case .integer(_, signed: false):
      let values: [UInt64] = try read(attribute, as: uh5_native_uint64(), count: count, from: 0)
      if let large = values.first(where: { $0 > Int.max }) {
        return .unreadable("the integer \(large) is too large")
      }
      if isScalar { return .integer(Int(values[0])) }
      return .integers(values.map { Int($0) })
    case .float16, .float32, .float64, .smallFloat, .otherFloat:
      let values: [Double] = try read(attribute, as: uh5_native_double(), count: count, from: 0)
      if isScalar { return .real(values[0]) }
      return .reals(values)
    case .complex: return .unreadable("a complex number")
    case .compound: return .unreadable("a compound")
    case .variableLength: return .unreadable("a list of variable length")
    case .opaque(let bytes): return .unreadable("\(bytes) opaque bytes")
    case .other(let name): return .unreadable(name)
    }
  }

  private static func read<Number: BitwiseCopyable>(
    _ attribute: hid_t, as type: hid_t, count: Int, from zero: Number
  ) throws(LibraryFailure) -> [Number] {
    // At least one element, so that a scalar can be taken without a check.
    var values = [Number](repeating: zero, count: max(1, count))
    try check(H5Aread(attribute, type, &values), to: "read the value")
    return Array(values.prefix(count))
  }

  private static func strings(
    _ attribute: hid_t, type: hid_t, space: hid_t, count: Int, _ isScalar: Bool
  ) throws(LibraryFailure) -> AttributeValue {
    let text = StringType(type)
    let buffer = AlignedBuffer(count: count * text.elementBytes)
    let status = H5Aread(attribute, type, buffer.start)
    defer { if text.isVariable { H5Dvlen_reclaim(type, space, 0, buffer.start) } }
    try check(status, to: "read the value")
    let strings =
      text.isVariable
      ? StringType.variableStrings(buffer.start, count: count)
      : text.fixedStrings(UnsafeRawBufferPointer(buffer.bytes))
    let bytes = strings.reduce(0) { $0 + $1.utf8.count }
    guard bytes <= Caps.attributeBytes else {
      return .unreadable("larger than \(Caps.attributeBytes >> 20) MiB")
    }
    guard isScalar else { return .strings(strings) }
    // A scalar string often carries the zeros of a C buffer.
    let scalar = strings.first ?? ""
    return .string(String(decoding: scalar.utf8.prefix { $0 != 0 }, as: UTF8.self))
  }
}
