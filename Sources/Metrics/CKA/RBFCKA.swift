public import LinearAlgebra

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Centred kernel alignment with Gaussian kernels.
///
///     Kᵢⱼ = exp(−‖xᵢ − xⱼ‖² / (2 f² m)),   m = median ‖xᵢ − xⱼ‖²
///     CKA(X, Y) = ⟨K̃, L̃⟩ / (‖K̃‖ ‖L̃‖)
///
/// with K̃ the double-centred (biased) or the U-centred kernel matrix (debiased). 1: the kernel
/// matrices agree. Chance is 0 for the debiased form. A large bandwidth f tends to linear CKA; with a
/// small one K tends to the identity, and the biased form to 1 for any two representations: use the
/// debiased form there.
///
/// The median is over pairs of different samples by default, which does not depend on n;
/// `median=all` includes the n zeros of the diagonal, as the demonstration code of the source does.
///
/// - Numerics: K − 1 by `expm1`, as centring removes the 1: a bandwidth of 10⁶ costs no digits.
/// - Complexity: O(n² d + n² log n) to prepare, O(n²) per pair; n²/2 numbers are kept.
/// - Source: Kornblith, Norouzi, Lee & Hinton (ICML 2019), section 3; debiased: Song et al. (2012).
public struct RBFCKA: VectorMetric {
  public enum Median: String, Sendable, CaseIterable {
    /// Over pairs of different samples.
    case offDiagonal = "off-diagonal"
    /// Over all n² pairs, with the zeros of the diagonal.
    case all
  }
  public enum Estimator: String, Sendable, CaseIterable {
    case biased
    case debiased
  }

  /// f, in units of the root of the median squared distance.
  public let bandwidth: Double
  public let median: Median
  public let estimator: Estimator

  /// - Precondition: `bandwidth` is finite and positive.
  public init(
    bandwidth: Double = 1, median: Median = .offDiagonal, estimator: Estimator = .biased
  ) {
    precondition(bandwidth > 0 && bandwidth.isFinite, "a bandwidth of \(bandwidth)")
    self.bandwidth = bandwidth
    self.median = median
    self.estimator = estimator
  }

  public var name: String {
    specification(
      "cka-rbf",
      [
        ("bandwidth", "\(bandwidth)", "1.0"), ("median", median.rawValue, "off-diagonal"),
        ("estimator", estimator.rawValue, "biased"),
      ])
  }
  public var conventions: String {
    "Gaussian kernel, σ² = \(bandwidth)² × median squared distance over "
      + (median == .all ? "all n² entries" : "pairs of different samples")
      + (estimator == .biased
        ? ", biased HSIC; 0 … 1, larger is more similar, chance is above 0"
        : ", unbiased HSIC; at most 1, larger is more similar, chance is 0")
  }
  public let invariances: Set<Invariance> = [
    .translation, .isotropicScaling, .featurePermutation, .orthogonal, .zeroPadding,
  ]
  public var range: ClosedRange<Double> { estimator == .biased ? 0...1 : -1...1 }

  /// K̃/‖K̃‖.
  ///
  /// - Throws: ``MetricError/constant``, ``MetricError/notFinite(sample:feature:)``,
  ///   ``MetricError/tooFewSamples(count:needed:)`` below 4 samples,
  ///   ``MetricError/zeroMedianDistance``, ``MetricError/selfSimilarityNotPositive`` when all samples
  ///   are equally far apart for this bandwidth.
  public func prepare(_ representation: Matrix) throws -> MetricVector {
    let centered = try representation.standardized(atLeast: 4)
    let distances = SymmetricTriangle(ofSquaredDistancesBetween: centered)
    let scale = 2 * bandwidth * bandwidth * (try median(of: distances))
    let kernel = distances.map { expm1(-$0 / scale) }
    return try MetricVector(
      samples: centered.rows,
      normalizing: estimator == .biased ? kernel.doubleCentered() : kernel.uCentered(),
      size: (2 * dot(kernel.elements, kernel.elements)).squareRoot())
  }

  public func value(innerProduct: Double) -> Double {
    innerProduct.clampedAgainstRounding(to: range)
  }

  /// The mean of the two middle ones of an even number; each distance stands for two pairs.
  private func median(of distances: SymmetricTriangle) throws -> Double {
    let sorted = distances.elements.sorted()
    let zeros = median == .all ? distances.size : 0
    let count = zeros + 2 * sorted.count
    func element(_ rank: Int) -> Double { rank < zeros ? 0 : sorted[(rank - zeros) / 2] }
    let median = (element((count - 1) / 2) + element(count / 2)) / 2
    guard median > 0 else { throw MetricError.zeroMedianDistance }
    return median
  }
}

extension MetricEntry {
  static let rbfCKA = MetricEntry(
    name: "cka-rbf", summary: "CKA with Gaussian kernels as wide as the median distance",
    parameters: [
      Parameter(
        name: "bandwidth", defaultValue: "1", values: "f > 0",
        meaning: "σ in units of the root of the median squared distance"),
      Parameter(
        name: "median", defaultValue: "off-diagonal", values: "off-diagonal | all",
        meaning: "over pairs of different samples, or over all n² entries as in Kornblith's code"),
      Parameter(
        name: "estimator", defaultValue: "biased", values: "biased | debiased",
        meaning: "of the HSIC"),
    ],
    cost: "n² d + n² log n once per layer, n² per pair",
    source: "Kornblith, Norouzi, Lee & Hinton 2019"
  ) { values in
    let read = ParameterReader(metric: "cka-rbf", values: values)
    let bandwidth = try read.number("bandwidth", allowed: "f > 0") { $0 > 0 && $0.isFinite }
    return RBFCKA(
      bandwidth: bandwidth ?? 1, median: try read.choice("median", default: .offDiagonal),
      estimator: try read.choice("estimator", default: .biased))
  }
}
