/// Floating-point formats of one and two bytes that IEEE 754 does not know: their values from bits.
///
/// Single precision holds every value of each of them exactly.
public enum SmallFloat: String, Sendable, Codable, CaseIterable {
  /// The upper half of single precision: 8 bits exponent, 7 bits significand.
  case bfloat16
  /// 4 bits exponent (bias 7), 3 bits significand, no infinities; all ones is NaN (Micikevicius et
  /// al. 2022, "FP8 formats for deep learning", table 1).
  case float8E4M3 = "float8_e4m3fn"
  /// 5 bits exponent (bias 15), 2 bits significand, infinities and NaN as in IEEE 754.
  case float8E5M2 = "float8_e5m2"

  /// The bytes of one number.
  public var bytes: Int { self == .bfloat16 ? 2 : 1 }

  /// The value of a bit pattern; of the formats of one byte only the lower eight bits count.
  public func value(bitPattern bits: UInt16) -> Float {
    switch self {
    case .bfloat16: return Float(bitPattern: UInt32(bits) << 16)
    // The upper byte of half precision.
    case .float8E5M2: return Float(HalfPrecision.double(bitPattern: (bits & 0xff) << 8))
    case .float8E4M3:
      let sign: Float = bits & 0x80 == 0 ? 1 : -1
      let exponent = Int(bits >> 3 & 0xf)
      let significand = Float(bits & 0x7)
      if bits & 0x7f == 0x7f { return .nan }
      if exponent == 0 { return sign * significand * 0x1p-9 }
      return sign * Float(sign: .plus, exponent: exponent - 10, significand: 8 + significand)
    }
  }

  /// The value of a bit pattern of IEEE 754 binary16.
  public static func half(bitPattern bits: UInt16) -> Float {
    Float(HalfPrecision.double(bitPattern: bits))
  }
}
