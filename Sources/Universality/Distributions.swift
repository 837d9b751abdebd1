#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Student's t distribution.
enum StudentT {
  /// The point below which a t variable with `degrees` degrees of freedom lies with `probability`.
  ///
  /// Bisection on the distribution function; accurate to 10⁻¹² relative.
  static func quantile(_ probability: Double, degrees: Int) -> Double {
    precondition(probability > 0 && probability < 1 && degrees > 0)
    if probability < 0.5 { return -quantile(1 - probability, degrees: degrees) }
    var low = 0.0
    var high = 1.0
    while distribution(high, degrees: degrees) < probability { high *= 2 }
    while high - low > 1e-13 * high {
      let middle = (low + high) / 2
      if middle == low || middle == high { break }
      if distribution(middle, degrees: degrees) < probability {
        low = middle
      } else {
        high = middle
      }
    }
    return (low + high) / 2
  }

  /// P(T ≤ t) for t ≥ 0 by the regularised incomplete beta function.
  static func distribution(_ t: Double, degrees: Int) -> Double {
    let v = Double(degrees)
    return 1 - 0.5 * regularizedBeta(v / (v + t * t), v / 2, 0.5)
  }

  /// I_x(a, b) by its continued fraction (DLMF 8.17.22, modified Lentz).
  private static func regularizedBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
    if x <= 0 { return 0 }
    if x >= 1 { return 1 }
    if x > (a + 1) / (a + b + 2) { return 1 - regularizedBeta(1 - x, b, a) }
    let front =
      exp(a * log(x) + b * log(1 - x) + lgamma(a + b) - lgamma(a) - lgamma(b)) / a
    var c = 1.0
    var d = 1 / (1 - (a + b) * x / (a + 1))
    var fraction = d
    for m in 1...1000 {
      let m = Double(m)
      let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
      d = 1 / (1 + even * d)
      c = 1 + even / c
      fraction *= d * c
      let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
      d = 1 / (1 + odd * d)
      c = 1 + odd / c
      fraction *= d * c
      if abs(d * c - 1) < 1e-15 { break }
    }
    return front * fraction
  }
}

/// Fisher's variance-stabilising transformation of a correlation-like score and its inverse.
enum FisherZ {
  /// artanh of the score. Scores at ±1 are moved inside by the smallest step that keeps z finite.
  static func transformed(_ score: Double) -> Double {
    atanh(min(max(score, -1 + 1e-15), 1 - 1e-15))
  }

  static func score(_ z: Double) -> Double { tanh(z) }
}

/// The q-values of Benjamini & Hochberg (1995): the smallest false-discovery rate at which each
/// hypothesis is rejected. Missing p-values stay missing and do not count.
func falseDiscoveryRates(_ pValues: [Double?]) -> [Double?] {
  let known = pValues.indices.filter { pValues[$0] != nil }
  let ordered = known.sorted { (pValues[$0] ?? 1, $0) < (pValues[$1] ?? 1, $1) }
  var rates = [Double?](repeating: nil, count: pValues.count)
  var smallest = 1.0
  for (position, index) in ordered.enumerated().reversed() {
    let rate = (pValues[index] ?? 1) * Double(ordered.count) / Double(position + 1)
    smallest = min(smallest, rate)
    rates[index] = smallest
  }
  return rates
}
