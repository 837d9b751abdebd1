#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// How the variance of a representation is spread over its directions, from the eigenvalues
/// λ₁ ≥ λ₂ ≥ … of its centred Gram matrix.
public struct SpectrumShape: Sendable, Codable, Equatable {
  /// exp(−Σ p ln p) with p = λ/Σλ: the number of directions of equal variance with the same
  /// entropy.
  ///
  /// Source: Roy & Vetterli (EUSIPCO 2007), there for singular values; here for variances.
  public var effectiveRank: Double
  /// λ₁/Σλ, the share of the first principal component.
  public var topShare: Double
  /// λ_k ∝ k^−α; `nil` where the range of the fit is too short.
  public var powerLaw: PowerLaw?

  /// A straight line through ln λ_k against ln k.
  public struct PowerLaw: Sendable, Codable, Equatable {
    /// α; about 1 in mouse visual cortex (Stringer et al. 2019), 0 for a flat spectrum.
    public var exponent: Double
    /// The standard error of the slope from the scatter about the line. A lower bound: neighbouring
    /// eigenvalues scatter together, and other stimuli are not allowed for.
    public var standardError: Double
    /// The ranks that are fitted, from 1.
    public var firstRank: Int
    public var lastRank: Int

    /// Fits ranks 11 (or an eighth of all, at least 2, where that is less) to half of all.
    ///
    /// The first ranks hold what stands out of the power law, and the last sag because samples and
    /// features are finite. Weights 1/k, so that each stretch of the logarithmic axis counts alike.
    ///
    /// - Parameter eigenvalues: Positive, in descending order. Fewer than ``fewestRanks`` in the
    ///   range: `nil`.
    /// - Source: Stringer, Pachitariu, Steinmetz, Carandini & Harris (Nature 2019), ranks from 11.
    init?(eigenvalues: [Double]) {
      let first = min(11, max(2, eigenvalues.count / 8))
      let last = eigenvalues.count / 2
      guard last - first + 1 >= Self.fewestRanks else { return nil }
      let points = (first...last).map { rank in
        (weight: 1 / Double(rank), x: log(Double(rank)), y: log(eigenvalues[rank - 1]))
      }
      let total = points.reduce(0) { $0 + $1.weight }
      let meanX = points.reduce(0) { $0 + $1.weight * $1.x } / total
      let meanY = points.reduce(0) { $0 + $1.weight * $1.y } / total
      let spread = points.reduce(0) { $0 + $1.weight * ($1.x - meanX) * ($1.x - meanX) }
      let slope =
        points.reduce(0) { $0 + $1.weight * ($1.x - meanX) * ($1.y - meanY) } / spread
      let scatter = points.reduce(0) { sum, point in
        let rest = point.y - meanY - slope * (point.x - meanX)
        return sum + point.weight * rest * rest
      }
      exponent = -slope
      standardError = (scatter / Double(points.count - 2) / spread).squareRoot()
      firstRank = first
      lastRank = last
    }

    /// Three points a parameter.
    static let fewestRanks = 6
  }

  /// - Parameter eigenvalues: Those above the rounding error, in descending order; `nil` when there
  ///   are none.
  init?(eigenvalues: [Double]) {
    let energy = eigenvalues.reduce(0, +)
    guard let top = eigenvalues.first, energy > 0 else { return nil }
    topShare = top / energy
    effectiveRank = exp(
      -eigenvalues.reduce(0) { $0 + $1 / energy * log($1 / energy) })
    powerLaw = PowerLaw(eigenvalues: eigenvalues)
  }
}
