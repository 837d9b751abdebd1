import CHDF5

extension ElementType {
  /// The kind of an HDF5 datatype.
  init(_ type: hid_t) {
    let size = H5Tget_size(type)
    switch H5Tget_class(type) {
    case H5T_FLOAT: self = Self.float(type, size: size)
    case H5T_INTEGER:
      self = .integer(bits: H5Tget_precision(type), signed: H5Tget_sign(type) == H5T_SGN_2)
    case H5T_ENUM: self = Self.enumeration(type, size: size)
    case H5T_STRING: self = .string
    case H5T_COMPOUND: self = Self.compound(type)
    case H5T_VLEN: self = .variableLength
    case H5T_OPAQUE: self = .opaque(bytes: size)
    case H5T_REFERENCE: self = .other("reference")
    case H5T_ARRAY: self = .other("array")
    case H5T_BITFIELD: self = .other("bit field")
    case H5T_TIME: self = .other("time")
    default: self = .other("unknown type")
    }
  }

  /// Whether the bytes of a type stand with the highest first.
  static func isBigEndian(_ type: hid_t) -> Bool {
    switch H5Tget_class(type) {
    case H5T_FLOAT, H5T_INTEGER, H5T_BITFIELD: return H5Tget_order(type) == H5T_ORDER_BE
    case H5T_ENUM:
      let base = H5Tget_super(type)
      defer { H5Tclose(base) }
      return base >= 0 && H5Tget_order(base) == H5T_ORDER_BE
    case H5T_COMPOUND:
      let member = H5Tget_member_type(type, 0)
      defer { H5Tclose(member) }
      return member >= 0 && H5Tget_class(member) == H5T_FLOAT
        && H5Tget_order(member) == H5T_ORDER_BE
    default: return false
    }
  }

  /// What the elements are, in words.
  var inWords: String {
    switch self {
    case .float16, .float32, .float64, .smallFloat: "floating-point numbers"
    case .otherFloat(let bits): "floating-point numbers of another format (\(bits) bits)"
    case .integer: "integers"
    case .boolean: "booleans"
    case .string: "strings"
    case .complex: "complex numbers"
    case .compound: "compounds of several members"
    case .variableLength: "lists of variable length"
    case .opaque(let bytes): "opaque, of \(bytes) bytes each"
    case .other(let name): "of the type “\(name)”"
    }
  }

  /// Recognises the formats of IEEE 754, as h5py does, and those of machine learning by their fields.
  private static func float(_ type: hid_t, size: Int) -> ElementType {
    var sign = 0
    var exponent = 0
    var exponentSize = 0
    var significand = 0
    var significandSize = 0
    let order = H5Tget_order(type)
    guard order == H5T_ORDER_LE || order == H5T_ORDER_BE,
      H5Tget_fields(type, &sign, &exponent, &exponentSize, &significand, &significandSize) >= 0,
      H5Tget_norm(type) == H5T_NORM_IMPLIED, H5Tget_precision(type) == 8 * size,
      H5Tget_offset(type) == 0
    else { return .otherFloat(bits: 8 * size) }
    let fields = [sign, exponent, exponentSize, significand, significandSize, H5Tget_ebias(type)]
    switch fields {
    case [15, 10, 5, 0, 10, 15]: return .float16
    case [31, 23, 8, 0, 23, 127]: return .float32
    case [63, 52, 11, 0, 52, 1023]: return .float64
    case [15, 7, 8, 0, 7, 127]: return .smallFloat(.bfloat16)
    case [7, 3, 4, 0, 3, 7]: return .smallFloat(.float8E4M3)
    case [7, 2, 5, 0, 2, 15]: return .smallFloat(.float8E5M2)
    default: return .otherFloat(bits: 8 * size)
    }
  }

  /// h5py writes booleans as an enumeration of one byte with FALSE = 0 and TRUE = 1.
  private static func enumeration(_ type: hid_t, size: Int) -> ElementType {
    let count = H5Tget_nmembers(type)
    guard size == 1, count == 2 else { return .other("enumeration") }
    for member in 0..<UInt32(2) {
      var value: Int8 = -1
      guard H5Tget_member_value(type, member, &value) >= 0,
        memberName(type, member) == (value == 0 ? "FALSE" : "TRUE"), value == 0 || value == 1
      else { return .other("enumeration") }
    }
    return .boolean
  }

  /// h5py writes complex numbers as a compound of two floats named r and i.
  private static func compound(_ type: hid_t) -> ElementType {
    guard H5Tget_nmembers(type) == 2, memberName(type, 0) == "r", memberName(type, 1) == "i",
      H5Tget_member_class(type, 0) == H5T_FLOAT, H5Tget_member_class(type, 1) == H5T_FLOAT
    else { return .compound }
    return .complex
  }

  private static func memberName(_ type: hid_t, _ member: UInt32) -> String? {
    guard let name = H5Tget_member_name(type, member) else { return nil }
    defer { H5free_memory(name) }
    return String(cString: name)
  }
}
