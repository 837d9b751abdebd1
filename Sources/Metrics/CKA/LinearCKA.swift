public import LinearAlgebra

/// Linear centred kernel alignment, biased estimator.
///
///     CKA(X, Y) = ‖XcᵀYc‖²_F / (‖XcᵀXc‖_F ‖YcᵀYc‖_F)
///
/// with the columns of Xc and Yc centred over the samples. 1: the two sample Gram matrices are
/// proportional (the representations agree up to rotation and scale). 0: no column of one correlates
/// with a column of the other. Unrelated representations do not reach 0: their expected value is
/// √(PR(X) PR(Y))/(n − 1), where PR is the participation ratio of the spectrum, and close to 1 when
/// there are more features than samples. ``DebiasedCKA`` has no such offset.
///
/// - Numerics: centred first and scaled to unit norm, all sums in `Double`.
/// - Complexity: O(n d²) to prepare, O(n dₓ d_y) per pair (d at most n, see
///   `reducedToSampleCount`).
/// - Source: Kornblith, Norouzi, Lee & Hinton (ICML 2019), equation 3 with linear kernels; for the
///   linear kernel it equals the RV coefficient of Escoufier (1973).
public struct LinearCKA: CenteredProductMetric {
  public let name = "cka"
  public let conventions =
    "linear kernel, columns centred, biased HSIC; 0 … 1, larger is more similar, chance is above 0"
  public let invariances: Set<Invariance> = [
    .translation, .isotropicScaling, .featurePermutation, .orthogonal, .zeroPadding,
  ]
  public let range = 0.0...1.0
  public let reduction = CrossProductReduction.squaredFrobenius
  public let fewestSamples = 2

  public init() {}

  /// F = Xc / √‖XcᵀXc‖_F, so that ‖FᵀF‖_F = 1.
  ///
  /// - Throws: ``MetricError/constant``, ``MetricError/notFinite(sample:feature:)``,
  ///   ``MetricError/tooFewSamples(count:needed:)`` below 2 samples.
  public func prepare(_ representation: StandardizedMatrix) throws -> Factor {
    let centered = try representation.matrix().reducedToSampleCount()
    let factor = centered.scaled(by: 1 / centered.gramNorm().squareRoot())
    return Factor(matrix: factor, rank: factor.columns)
  }

  public func similarity(
    reduced: Double, rowProduct: Double, _ x: FactorSummary, _ y: FactorSummary
  ) -> Double {
    reduced.clampedAgainstRounding(to: range)
  }

  public func similarity(
    _ xy: CenteredProduct, xx: CenteredProduct, yy: CenteredProduct, samples: Int
  ) -> Double {
    (xy.squaredNorm / (xx.squaredNorm.squareRoot() * yy.squaredNorm.squareRoot()))
      .clampedAgainstRounding(to: range)
  }

  /// A centred representation of unit norm always has a positive ‖XᵀX‖.
  public func checkSelfProduct(_ product: CenteredProduct, samples: Int) {}
}

extension Double {
  /// The value, moved into `range` if rounding (at most 10⁻⁹) carried it out; a larger excess is an
  /// error of the program and stays visible.
  func clampedAgainstRounding(to range: ClosedRange<Double>) -> Double {
    if self > range.upperBound, self <= range.upperBound + 1e-9 { return range.upperBound }
    if self < range.lowerBound, self >= range.lowerBound - 1e-9 { return range.lowerBound }
    return self
  }
}
