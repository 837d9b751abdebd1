import HDF5

/// Shape, type and order of an array outside of HDF5.
struct ArrayHeader: Equatable {
  var shape: [Int]
  var type: ArrayType
  var isBigEndian = false
  /// Whether the first axis runs fastest (Fortran order).
  var isColumnMajor = false
  /// The size of the data.
  let bytes: Int

  /// - Returns: `nil` if an axis is negative or the size beyond what can be addressed.
  init?(shape: [Int], type: ArrayType, isBigEndian: Bool = false, isColumnMajor: Bool = false) {
    var total = max(1, type.bytes)
    for size in shape {
      guard size >= 0 else { return nil }
      let (product, overflows) = total.multipliedReportingOverflow(by: max(1, size))
      guard !overflows, product < 1 << 60 else { return nil }
      total = product
    }
    guard shape.count <= 32 else { return nil }
    bytes = shape.contains(0) ? 0 : type.bytes * shape.reduce(1, *)
    self.shape = shape
    self.type = type
    self.isBigEndian = isBigEndian
    self.isColumnMajor = isColumnMajor
  }

  /// Where the elements of a range of rows lie in column-major data, in the order of rows.
  func rowMajorPlaces(_ rows: Range<Int>) -> [Int] {
    var strides: [Int] = []
    var stride = 1
    for size in shape {
      strides.append(stride)
      stride *= size
    }
    var places = rows.map { $0 }
    for axis in shape.indices.dropFirst() {
      let step = strides[axis]
      places = places.flatMap { place in (0..<shape[axis]).map { place + $0 * step } }
    }
    return places
  }
}

/// The type of the elements of an array outside of HDF5.
enum ArrayType: Equatable {
  case half, single, double, boolean
  case integer(bytes: Int, isSigned: Bool)
  case small(SmallFloat)
  /// Raw bytes, whose meaning the file does not tell.
  case opaque(bytes: Int)
  /// Text of a fixed number of characters, of one byte or (UTF-32) four.
  case text(characters: Int, isWide: Bool)
  case complex(bytes: Int)

  var bytes: Int {
    switch self {
    case .half: 2
    case .single: 4
    case .double: 8
    case .boolean: 1
    case .integer(let bytes, _), .opaque(let bytes), .complex(let bytes): bytes
    case .small(let format): format.bytes
    case .text(let characters, let isWide): characters * (isWide ? 4 : 1)
    }
  }

  var elementType: ElementType {
    switch self {
    case .half: .float16
    case .single: .float32
    case .double: .float64
    case .boolean: .boolean
    case .integer(let bytes, let isSigned): .integer(bits: 8 * bytes, signed: isSigned)
    case .small(let format): .smallFloat(format)
    case .opaque(let bytes): .opaque(bytes: bytes)
    case .text: .string
    case .complex: .complex
    }
  }

  /// Turns bytes into numbers, `nil` for what is none.
  var numbers: (([UInt8], _ isBigEndian: Bool) -> Numbers)? {
    switch self {
    case .single:
      return { bytes, big in
        .single(words(bytes, big) { (bits: UInt32) in Float(bitPattern: bits) })
      }
    case .double:
      return { bytes, big in
        .double(words(bytes, big) { (bits: UInt64) in Double(bitPattern: bits) })
      }
    case .half:
      return { bytes, big in
        .single(words(bytes, big) { (bits: UInt16) in SmallFloat.half(bitPattern: bits) })
      }
    case .small(.bfloat16):
      return { bytes, big in
        .single(words(bytes, big) { SmallFloat.bfloat16.value(bitPattern: $0) })
      }
    case .small(let format):
      return { bytes, _ in .single(bytes.map { format.value(bitPattern: UInt16($0)) }) }
    case .boolean: return { bytes, _ in .single(bytes.map { $0 == 0 ? 0 : 1 }) }
    case .opaque(1), .integer(1, false): return { bytes, _ in .single(bytes.map { Float($0) }) }
    case .integer(1, true):
      return { bytes, _ in .single(bytes.map { Float(Int8(bitPattern: $0)) }) }
    case .opaque(2), .integer(2, false):
      return { bytes, big in .single(words(bytes, big) { (bits: UInt16) in Float(bits) }) }
    case .integer(2, true):
      return { bytes, big in
        .single(words(bytes, big) { (bits: UInt16) in Float(Int16(bitPattern: bits)) })
      }
    case .integer(4, let signed):
      return { bytes, big in
        .double(
          words(bytes, big) { (bits: UInt32) in
            signed ? Double(Int32(bitPattern: bits)) : Double(bits)
          })
      }
    case .integer(8, let signed):
      return { bytes, big in
        .double(
          words(bytes, big) { (bits: UInt64) in
            signed ? Double(Int64(bitPattern: bits)) : Double(bits)
          })
      }
    case .integer, .opaque, .text, .complex: return nil
    }
  }

  /// Turns bytes into strings without their padding, `nil` for what is no text.
  var strings: (([UInt8], _ isBigEndian: Bool) -> [String])? {
    guard case .text(_, let isWide) = self, bytes > 0 else { return nil }
    let size = bytes
    return { data, big in
      stride(from: 0, to: data.count, by: size).map { start in
        let element = Array(data[start..<min(start + size, data.count)])
        guard isWide else {
          return String(decoding: element.prefix { $0 != 0 }, as: UTF8.self)
        }
        var text = ""
        for code in words(element, big, { (bits: UInt32) in bits }) {
          if code == 0 { break }
          text.unicodeScalars.append(Unicode.Scalar(code) ?? "\u{FFFD}")
        }
        return text
      }
    }
  }
}

/// Numbers of some bytes each.
private func words<Word: FixedWidthInteger, Value>(
  _ bytes: [UInt8], _ isBigEndian: Bool, _ value: (Word) -> Value
) -> [Value] {
  let size = MemoryLayout<Word>.size
  return bytes.withUnsafeBytes { raw in
    (0..<raw.count / size).map { index in
      let word = raw.loadUnaligned(fromByteOffset: index * size, as: Word.self)
      return value(isBigEndian ? Word(bigEndian: word) : Word(littleEndian: word))
    }
  }
}
