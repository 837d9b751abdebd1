import CHDF5

/// How strings of an HDF5 datatype lie in memory.
struct StringType {
  let isVariable: Bool
  /// The bytes of one element: of the pointer, if the length is variable.
  let elementBytes: Int
  private let padding: H5T_str_t

  init(_ type: hid_t) {
    isVariable = H5Tis_variable_str(type) > 0
    elementBytes = H5Tget_size(type)
    padding = H5Tget_strpad(type)
  }

  /// The strings of fixed length in a buffer.
  func fixedStrings(_ bytes: UnsafeRawBufferPointer) -> [String] {
    stride(from: 0, to: bytes.count, by: max(1, elementBytes)).map { start in
      var text = bytes[start..<min(bytes.count, start + elementBytes)]
      if padding == H5T_STR_NULLTERM {
        text = text.prefix { $0 != 0 }
      } else {
        while let last = text.last, last == 0 || (padding == H5T_STR_SPACEPAD && last == 0x20) {
          text = text.dropLast()
        }
      }
      return String(decoding: text, as: UTF8.self)
    }
  }

  /// The strings that a buffer of pointers to zero-terminated bytes holds.
  static func variableStrings(_ start: UnsafeRawPointer, count: Int) -> [String] {
    let pointers = start.assumingMemoryBound(to: UnsafePointer<CChar>?.self)
    return (0..<count).map { index in pointers[index].map { String(cString: $0) } ?? "" }
  }
}
