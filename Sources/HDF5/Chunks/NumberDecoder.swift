import CHDF5

/// What the elements of a file are turned into: `Float` or `Double`.
protocol DecodedNumber: BinaryFloatingPoint, Sendable {
  /// The type in which the library would deliver it.
  static var libraryType: hid_t { get }
  /// Converts IEEE binary16 by the machine's instruction.
  ///
  /// - Returns: how many were converted; the rest (all, where there is no such instruction) is left.
  static func convertHalves(
    _ source: UnsafePointer<UInt16>, _ target: UnsafeMutablePointer<Self>, _ count: Int
  ) -> Int
}

extension Double: DecodedNumber {
  static var libraryType: hid_t { uh5_native_double() }
  static func convertHalves(
    _ source: UnsafePointer<UInt16>, _ target: UnsafeMutablePointer<Double>, _ count: Int
  ) -> Int { uh5_half_to_double(source, target, count) }
}

extension Float: DecodedNumber {
  static var libraryType: hid_t { uh5_native_float() }
  static func convertHalves(
    _ source: UnsafePointer<UInt16>, _ target: UnsafeMutablePointer<Float>, _ count: Int
  ) -> Int { uh5_half_to_float(source, target, count) }
}

/// Turns elements as they lie in a file into `Double` or, where that is exact, into `Float`.
///
/// 64-bit integers beyond 2⁵³ are rounded to the nearest `Double`.
struct NumberDecoder {
  let elementType: ElementType
  let isBigEndian: Bool
  /// The bytes of one element.
  let size: Int

  /// - Returns: `nil` if the elements are no numbers, or numbers in a format that only the library
  ///   can convert, such as integers of 12 bits.
  init?(_ elementType: ElementType, isBigEndian: Bool, size: Int) {
    let bits =
      switch elementType {
      case .float16: 16
      case .float32: 32
      case .float64: 64
      case .integer(let bits, _): bits
      case .boolean: 8
      case .smallFloat(let format): 8 * format.bytes
      case .opaque(let bytes) where bytes <= 2: 8 * bytes
      default: 0
      }
    guard [8, 16, 32, 64].contains(bits), bits == 8 * size else { return nil }
    self.elementType = elementType
    self.isBigEndian = isBigEndian
    self.size = size
  }

  /// Whether the elements lie in the file as this machine keeps numbers of that type.
  func keepsBytes<Value: DecodedNumber>(as type: Value.Type) -> Bool {
    let isNative = isBigEndian == (1.bigEndian == 1)
    return isNative
      && (elementType == .float32 && type == Float.self
        || elementType == .float64 && type == Double.self)
  }

  /// Converts `count` elements, which must be aligned to their size.
  func decode<Value: DecodedNumber>(
    _ source: UnsafeRawPointer, count: Int, into target: UnsafeMutablePointer<Value>
  ) {
    switch elementType {
    case .float16:
      if isBigEndian {
        let source = source.assumingMemoryBound(to: UInt16.self)
        for i in 0..<count { target[i] = HalfPrecision.value(bitPattern: source[i].byteSwapped) }
      } else {
        HalfPrecision.convert(
          source.assumingMemoryBound(to: UInt16.self), count: count, into: target)
      }
    case .float32:
      words(source, count, target) { (bits: UInt32) in Value(Float(bitPattern: bits)) }
    case .float64:
      words(source, count, target) { (bits: UInt64) in Value(Double(bitPattern: bits)) }
    case .smallFloat(let format):
      if format.bytes == 2 {
        words(source, count, target) { (bits: UInt16) in Value(format.value(bitPattern: bits)) }
      } else {
        words(source, count, target) { (bits: UInt8) in
          Value(format.value(bitPattern: UInt16(bits)))
        }
      }
    case .integer(8, signed: true), .boolean:
      words(source, count, target) { (bits: UInt8) in Value(Int8(bitPattern: bits)) }
    case .integer(8, signed: false), .opaque(1):
      words(source, count, target) { (bits: UInt8) in Value(bits) }
    case .integer(16, signed: true):
      words(source, count, target) { (bits: UInt16) in Value(Int16(bitPattern: bits)) }
    case .integer(16, signed: false), .opaque(2):
      words(source, count, target) { (bits: UInt16) in Value(bits) }
    case .integer(32, signed: true):
      words(source, count, target) { (bits: UInt32) in Value(Int32(bitPattern: bits)) }
    case .integer(32, signed: false):
      words(source, count, target) { (bits: UInt32) in Value(bits) }
    case .integer(64, signed: true):
      words(source, count, target) { (bits: UInt64) in Value(Int64(bitPattern: bits)) }
    case .integer(64, signed: false):
      words(source, count, target) { (bits: UInt64) in Value(bits) }
    default:
      preconditionFailure("\(elementType) has no decoder")
    }
  }

  @inline(__always)
  private func words<Word: FixedWidthInteger, Value>(
    _ source: UnsafeRawPointer, _ count: Int, _ target: UnsafeMutablePointer<Value>,
    _ value: (Word) -> Value
  ) {
    let source = source.assumingMemoryBound(to: Word.self)
    if isBigEndian {
      for i in 0..<count { target[i] = value(Word(bigEndian: source[i])) }
    } else {
      for i in 0..<count { target[i] = value(Word(littleEndian: source[i])) }
    }
  }
}
