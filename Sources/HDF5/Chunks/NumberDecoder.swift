/// Turns elements as they lie in a file into `Double`.
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
      default: 0
      }
    guard [8, 16, 32, 64].contains(bits), bits == 8 * size else { return nil }
    self.elementType = elementType
    self.isBigEndian = isBigEndian
    self.size = size
  }

  /// Converts `count` elements, which must be aligned to their size.
  func decode(_ source: UnsafeRawPointer, count: Int, into target: UnsafeMutablePointer<Double>) {
    switch elementType {
    case .float16:
      if isBigEndian {
        let source = source.assumingMemoryBound(to: UInt16.self)
        for i in 0..<count { target[i] = HalfPrecision.double(bitPattern: source[i].byteSwapped) }
      } else {
        HalfPrecision.convert(
          source.assumingMemoryBound(to: UInt16.self), count: count, into: target)
      }
    case .float32:
      words(source, count, target) { (bits: UInt32) in Double(Float(bitPattern: bits)) }
    case .float64:
      words(source, count, target) { (bits: UInt64) in Double(bitPattern: bits) }
    case .integer(8, signed: true), .boolean:
      words(source, count, target) { (bits: UInt8) in Double(Int8(bitPattern: bits)) }
    case .integer(8, signed: false):
      words(source, count, target) { (bits: UInt8) in Double(bits) }
    case .integer(16, signed: true):
      words(source, count, target) { (bits: UInt16) in Double(Int16(bitPattern: bits)) }
    case .integer(16, signed: false):
      words(source, count, target) { (bits: UInt16) in Double(bits) }
    case .integer(32, signed: true):
      words(source, count, target) { (bits: UInt32) in Double(Int32(bitPattern: bits)) }
    case .integer(32, signed: false):
      words(source, count, target) { (bits: UInt32) in Double(bits) }
    case .integer(64, signed: true):
      words(source, count, target) { (bits: UInt64) in Double(Int64(bitPattern: bits)) }
    case .integer(64, signed: false):
      words(source, count, target) { (bits: UInt64) in Double(bits) }
    default:
      preconditionFailure("\(elementType) has no decoder")
    }
  }

  @inline(__always)
  private func words<Word: FixedWidthInteger>(
    _ source: UnsafeRawPointer, _ count: Int, _ target: UnsafeMutablePointer<Double>,
    _ value: (Word) -> Double
  ) {
    let source = source.assumingMemoryBound(to: Word.self)
    if isBigEndian {
      for i in 0..<count { target[i] = value(Word(bigEndian: source[i])) }
    } else {
      for i in 0..<count { target[i] = value(Word(littleEndian: source[i])) }
    }
  }
}
