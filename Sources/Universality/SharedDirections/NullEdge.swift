#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The largest eigenvalue that a sum of independent parts has by chance, without a draw.
///
/// Randomly rotated against each other, the parts A_f of M = Σ_f A_f are asymptotically free, and the
/// spectrum of M follows from theirs. With the Cauchy transforms G_f(z) = tr (z − A_f)⁻¹ / N and their
/// inverses K_f beyond the largest eigenvalues,
///
///     K(g) = Σ_f K_f(g) − (F − 1)/g,   edge = min_{g > 0} K(g)
///
/// For M projections of rank qN, each weighted with 1/M, this is the edge of Kesten's law,
/// [q(M − 1) + (1 − q) + 2√(q(1 − q)(M − 1))]/M, or 1 where M(1 − q) < 1. The edge is asymptotic: the
/// largest eigenvalue of n samples varies about it by the order of n^(−2/3).
///
/// - Source: Voiculescu (1986) for the sum of free variables; Kesten (1959) for projections.
enum NullEdge {
  /// - Parameters:
  ///   - spectra: For each part its eigenvalues that are not zero.
  ///   - dimension: N, the number of eigenvalues with the zeros.
  /// - Complexity: O(eigenvalues), times about 10⁴.
  static func edge(ofSumOf spectra: [[Double]], dimension: Int) -> Double {
    let parts = spectra.filter { !$0.isEmpty }
    let highest = parts.reduce(0) { $0 + ($1.max() ?? 0) }
    guard parts.count > 1 else { return highest }
    func inverse(_ logarithm: Double) -> Double {
      let g = exp(logarithm)
      return parts.reduce(-Double(parts.count - 1) / g) {
        $0 + inverseCauchy(g, spectrum: $1, dimension: dimension)
      }
    }
    // Below e⁻⁷ the terms 1/g cancel to fewer than 12 digits; beyond e²⁰ all parts are at their largest
    // eigenvalues to 10⁻⁸, and the bound takes over.
    var (low, high) = (-7.0, 20.0)
    let golden = (5.0.squareRoot() - 1) / 2
    var (left, right) = (high - golden * (high - low), low + golden * (high - low))
    var (atLeft, atRight) = (inverse(left), inverse(right))
    while high - low > 1e-9 {
      if atLeft < atRight {
        (high, right, atRight) = (right, left, atLeft)
        left = high - golden * (high - low)
        atLeft = inverse(left)
      } else {
        (low, left, atLeft) = (left, right, atRight)
        right = low + golden * (high - low)
        atRight = inverse(right)
      }
    }
    let edge = min(atLeft, atRight)
    return high > 20 - 1e-6 ? highest : min(edge, highest)
  }

  /// The z beyond the largest eigenvalue at which G(z) = g, by bisection.
  private static func inverseCauchy(_ g: Double, spectrum: [Double], dimension: Int) -> Double {
    let largest = spectrum.max() ?? 0
    let zeros = Double(dimension - spectrum.count)
    func cauchy(_ z: Double) -> Double {
      spectrum.reduce(zeros / z) { $0 + 1 / (z - $1) } / Double(dimension)
    }
    // 1/N ≤ (z − largest) g ≤ 1.
    var (low, high) = (1 / (g * Double(dimension)), 1 / g)
    while high - low > 1e-15 * (largest + high) {
      let middle = (low + high) / 2
      if middle == low || middle == high { break }
      if cauchy(largest + middle) > g { low = middle } else { high = middle }
    }
    return largest + (low + high) / 2
  }
}
