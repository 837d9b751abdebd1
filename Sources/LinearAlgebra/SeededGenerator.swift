#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A small reproducible random generator: SplitMix64 (Steele, Lea & Flood, OOPSLA 2014).
///
/// The same seed and stream give the same numbers on every platform and in every release, which the
/// standard library does not promise for its own `shuffled(using:)`; the derived draws below are
/// therefore part of the type.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// - Parameters:
  ///   - seed: What the user chose.
  ///   - stream: Which of the many independent draws of a run this is, such as the number of the
  ///     permutation.
  public init(seed: UInt64, stream: UInt64 = 0) {
    state = Self.mixed(Self.mixed(seed &+ Self.increment) &+ stream &* Self.increment)
  }

  /// The odd integer nearest to 2⁶⁴ divided by the golden ratio (Steele et al., section 3).
  private static let increment: UInt64 = 0x9E37_79B9_7F4A_7C15

  /// The finaliser of SplitMix64 ("Mix13" of Stafford).
  private static func mixed(_ value: UInt64) -> UInt64 {
    var mixed = value
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  public mutating func next() -> UInt64 {
    state &+= Self.increment
    return Self.mixed(state)
  }

  /// A uniform number in [0, 1) with 53 random bits.
  public mutating func uniform() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// A uniform integer in 0..<`bound`, without bias (rejection).
  public mutating func uniform(below bound: Int) -> Int {
    precondition(bound > 0, "there is no integer in 0..<\(bound)")
    let bound = UInt64(bound)
    let limit = UInt64.max - (UInt64.max % bound + 1) % bound
    while true {
      let draw = next()
      if draw <= limit { return Int(draw % bound) }
    }
  }

  /// A standard normal number (Box and Muller 1958).
  public mutating func gaussian() -> Double {
    let radius = (-2 * log(1 - uniform())).squareRoot()
    return radius * cos(2 * .pi * uniform())
  }

  /// A uniformly random permutation of 0..<`count` (Fisher and Yates).
  public mutating func permutation(of count: Int) -> [Int] {
    var permutation = Array(0..<count)
    guard count > 1 else { return permutation }
    for last in stride(from: count - 1, to: 0, by: -1) {
      permutation.swapAt(last, uniform(below: last + 1))
    }
    return permutation
  }

  /// A matrix of independent standard normal numbers.
  public mutating func gaussianMatrix(rows: Int, columns: Int) -> Matrix {
    var elements: [Double] = []
    elements.reserveCapacity(rows * columns)
    for _ in 0..<rows * columns { elements.append(gaussian()) }
    return Matrix(rows: rows, columns: columns, elements: elements)
  }
}
