/// The sum of independent variances, each estimated from deviations of its own: those of the stimuli, and
/// those of the networks of each family.
///
/// With vᵢ of fᵢ degrees of freedom, the sum Σ vᵢ has about (Σ vᵢ)²/Σ (vᵢ²/fᵢ), rounded down and at least 1.
/// A family that counts more than the others leaves fewer than Σ fᵢ, so that each is a part of its own.
///
/// Source: Satterthwaite (Biometrics Bulletin 1946); Welch (Biometrika 1947).
struct VarianceSum: Sendable, Equatable {
  let variance: Double
  let degrees: Int

  /// - Parameter parts: The scaled deviations of each part, the sum of whose squares is its variance; at
  ///   least two in a part (``scaledDeviations(_:)``).
  init(parts: [[Double]]) {
    let variances = parts.map { $0.reduce(0) { $0 + $1 * $1 } }
    variance = variances.reduce(0, +)
    guard variance > 0 else {
      degrees = 1
      return
    }
    let spread = zip(variances, parts).reduce(0) { $0 + $1.0 * $1.0 / Double($1.1.count - 1) }
    degrees = max(1, Int((variance * variance / spread).rounded(.down)))
  }

  /// The half width of the 95 % interval.
  var half: Double {
    variance > 0 ? StudentT.quantile(0.975, degrees: degrees) * variance.squareRoot() : 0
  }
}
