#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The Pearson type III distribution, standardised: mean 0, variance 1 and a given skewness.
///
/// A shifted gamma distribution with shape 4/g², for g < 0 its mirror image, and the normal distribution
/// in the limit: the curve that is customary for permutation distributions of quadratic statistics
/// (Mielke & Berry 2007; Josse, Pagès & Husson 2008 for RV).
struct PearsonIII: Sendable {
  let skewness: Double

  /// Below this |g| the distribution is normal: the probabilities differ by less than 10⁻⁴.
  private static let normalLimit = 1e-3

  private var isNormal: Bool { abs(skewness) < Self.normalLimit }
  private var shape: Double { 4 / (skewness * skewness) }

  /// P(Z ≥ z).
  func survival(_ z: Double) -> Double {
    if isNormal { return erfc(z / 2.0.squareRoot()) / 2 }
    let (lower, upper) = IncompleteGamma.regularized(shape: shape, offset: z * skewness / 2)
    return skewness > 0 ? upper : lower
  }

  func density(_ z: Double) -> Double {
    if isNormal { return exp(-z * z / 2) / (2 * .pi).squareRoot() }
    return IncompleteGamma.density(shape: shape, offset: z * skewness / 2) * 2 / abs(skewness)
  }

  /// The z with P(Z ≥ z) = `probability`.
  ///
  /// Newton's method within a shrinking bracket, from the expansion of Cornish & Fisher.
  func upperQuantile(_ probability: Double) -> Double {
    precondition(probability > 0 && probability < 1, "a probability of \(probability)")
    var low = -1.0
    while survival(low) < probability { low *= 2 }
    var high = 1.0
    while survival(high) > probability { high *= 2 }
    let normal = 1.6448536269514722
    var z = min(max(normal + skewness * (normal * normal - 1) / 6, low), high)
    for _ in 0..<200 {
      let excess = survival(z) - probability
      if excess > 0 { low = z } else { high = z }
      let step = excess / density(z)
      let next = z + step
      let isInside = next > low && next < high
      let previous = z
      z = isInside ? next : (low + high) / 2
      if abs(z - previous) <= 1e-14 * max(1, abs(z)) { break }
    }
    return z
  }

  /// The mean and the next two moments of `transform`(Z), by the trapezoidal rule in the logarithm of the
  /// gamma variable, which converges faster than any power of the step.
  func moments(of transform: (Double) -> Double) -> (mean: Double, sd: Double, skewness: Double?) {
    let nodes = nodes()
    func expectation(_ f: (Double) -> Double) -> Double {
      let weights = nodes.reduce(0) { $0 + $1.weight }
      return nodes.reduce(0) { $0 + $1.weight * f(transform($1.z)) } / weights
    }
    let mean = expectation { $0 }
    let variance = expectation { ($0 - mean) * ($0 - mean) }
    let third = expectation { ($0 - mean) * ($0 - mean) * ($0 - mean) }
    let sd = variance.squareRoot()
    return (mean, sd, sd > 0 ? third / (variance * sd) : nil)
  }

  private func nodes() -> [(z: Double, weight: Double)] {
    if isNormal { return (-80...80).map { (Double($0) / 8, density(Double($0) / 8)) } }
    let (shape, skewness) = (shape, skewness)
    // Fine enough for the peak, whose width is 1/√shape, and for the steep end at eˢ.
    let step = min(0.25, 1 / (8 * shape.squareRoot()))
    func node(_ index: Int) -> (z: Double, weight: Double) {
      // x = a eˢ; the density of s, up to a constant, is that of x times x.
      let s = Double(index) * step
      let mu = expm1(s)
      return (2 * mu / skewness, exp(-shape * (mu - s)))
    }
    var nodes = [node(0)]
    for direction in [-1, 1] {
      var index = direction
      while true {
        let next = node(index)
        guard next.weight > 1e-17 else { break }
        nodes.append(next)
        index += direction
      }
    }
    return nodes
  }
}
