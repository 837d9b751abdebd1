#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The regularised incomplete gamma functions at x = a(1 + μ).
///
/// With the argument given by its relative distance μ from a, nothing cancels where a is large and x
/// near it, as for distributions that are nearly normal.
enum IncompleteGamma {
  /// P(a, x) and Q(a, x) = 1 − P(a, x); the smaller of the two is accurate to 10⁻¹³ relative, until it
  /// underflows.
  static func regularized(shape a: Double, offset mu: Double) -> (lower: Double, upper: Double) {
    let x = a * (1 + mu)
    guard x > 0 else { return (0, 1) }
    if x < a + 1 {
      let lower = front(a, mu) * series(a, x)
      return (lower, 1 - lower)
    }
    let upper = front(a, mu) * a * continuedFraction(a, x)
    return (1 - upper, upper)
  }

  /// The density of the gamma distribution with shape a and scale 1 at x.
  static func density(shape a: Double, offset mu: Double) -> Double {
    let x = a * (1 + mu)
    return x > 0 ? front(a, mu) * a / x : 0
  }

  /// xᵃ e⁻ˣ / Γ(a + 1).
  private static func front(_ a: Double, _ mu: Double) -> Double {
    let x = a * (1 + mu)
    guard a >= 10 else { return exp(a * log(x) - x - lgamma(a + 1)) }
    // Γ(a + 1) = √(2πa) (a/e)ᵃ e^(1/12a − …), DLMF 5.11.1: the powers of a cancel exactly.
    let square = a * a
    let stirling =
      (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - 1 / (1680 * square)) / square) / square) / a
    return exp(a * (log1p(mu) - mu) - stirling) / (2 * .pi * a).squareRoot()
  }

  /// Σ xⁿ/((a + 1) … (a + n)), DLMF 8.7.1.
  private static func series(_ a: Double, _ x: Double) -> Double {
    var term = 1.0
    var sum = 1.0
    var divisor = a
    while term > sum * 1e-17 {
      divisor += 1
      term *= x / divisor
      sum += term
    }
    return sum
  }

  /// Γ(a, x) eˣ x⁻ᵃ by its continued fraction, DLMF 8.9.2 in its even part, modified Lentz.
  private static func continuedFraction(_ a: Double, _ x: Double) -> Double {
    var b = x + 1 - a
    var c = 1 / 1e-300
    var d = 1 / b
    var fraction = d
    // Near x = a it takes a few times √a steps.
    for step in 1...1_000_000 {
      let step = Double(step)
      let numerator = -step * (step - a)
      b += 2
      d = 1 / (numerator * d + b)
      c = b + numerator / c
      fraction *= d * c
      if abs(d * c - 1) < 1e-15 { break }
    }
    return fraction
  }
}
