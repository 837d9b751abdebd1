import CHDF5

/// IEEE 754 binary16.
enum HalfPrecision {
  /// Converts by the machine's instruction where it has one, else by ``value(bitPattern:)``.
  static func convert<Value: DecodedNumber>(
    _ source: UnsafePointer<UInt16>, count: Int, into target: UnsafeMutablePointer<Value>
  ) {
    for i in Value.convertHalves(source, target, count)..<count {
      target[i] = value(bitPattern: source[i])
    }
  }

  /// The value of a bit pattern; `Float` and `Double` hold all of them exactly.
  static func value<Value: DecodedNumber>(bitPattern bits: UInt16) -> Value {
    Value(double(bitPattern: bits))
  }

  /// The value of a bit pattern: 1 bit sign, 5 bits exponent (bias 15), 10 bits significand.
  static func double(bitPattern bits: UInt16) -> Double {
    let sign: Double = bits & 0x8000 == 0 ? 1 : -1
    let exponent = Int(bits >> 10 & 0x1f)
    let significand = Double(bits & 0x3ff)
    switch exponent {
    case 0: return sign * significand * 0x1p-24
    case 0x1f where significand == 0: return sign * .infinity
    case 0x1f:
      // A quiet NaN with the payload kept, as the machine's instruction makes it.
      let payload = UInt64(bits & 0x3ff) << 42 | 0x7ff8_0000_0000_0000
      return Double(bitPattern: UInt64(bits & 0x8000) << 48 | payload)
    default:
      return sign * Double(sign: .plus, exponent: exponent - 25, significand: 1024 + significand)
    }
  }
}
