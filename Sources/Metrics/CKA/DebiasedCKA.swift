public import LinearAlgebra

/// Linear centred kernel alignment with the unbiased HSIC estimator.
///
///     CKA(X, Y) = D(X, Y) / √(D(X, X) D(Y, Y)),
///     D(X, Y) = ‖XcᵀYc‖²_F − n/(n − 2) Σᵢ aᵢ bᵢ + (Σ aᵢ)(Σ bᵢ) / ((n − 1)(n − 2))
///
/// with aᵢ and bᵢ the squared norms of the centred rows; D(X, Y) = n(n − 3) HSIC₁. 1: the sample
/// Gram matrices agree. Unrelated representations are 0 on average, whatever their widths; values
/// below 0 occur and are reported as they are. Under permutation of the samples of one side the mean
/// is exactly 0 and the standard deviation √(2/(n(n − 3))).
///
/// - Numerics: the feature-space form needs no n × n matrix; it holds for centred columns only.
/// - Complexity: O(n d²) to prepare, O(n dₓ d_y) per pair (d at most n).
/// - Source: Song, Smola, Gretton, Bedo & Borgwardt (JMLR 2012), equation 5, as the U-centred
///   product of Székely & Rizzo (2014); in CKA: Nguyen, Raghu & Kornblith (ICLR 2021).
public struct DebiasedCKA: CenteredProductMetric {
  public let name = "cka-debiased"
  public let conventions =
    "linear kernel, columns centred, unbiased HSIC (U-centred); at most 1, larger is more similar, "
    + "chance is 0, negative values are not clipped"
  public let invariances: Set<Invariance> = [
    .translation, .isotropicScaling, .featurePermutation, .orthogonal, .zeroPadding,
  ]
  public let range = -1.0...1.0
  public let reduction = CrossProductReduction.squaredFrobenius
  public let fewestSamples = 4

  public init() {}

  /// F = Xc / D(X, X)^¼, so that the unbiased self-similarity of F is 1.
  ///
  /// - Throws: ``MetricError/constant``, ``MetricError/notFinite(sample:feature:)``,
  ///   ``MetricError/tooFewSamples(count:needed:)`` below 4 samples,
  ///   ``MetricError/selfSimilarityNotPositive``.
  public func prepare(_ representation: StandardizedMatrix) throws -> Factor {
    let centered = try representation.matrix()
    let rowNorms = representation.squaredRowNorms
    let gramNorm = centered.gramNorm()
    let product = CenteredProduct(
      squaredNorm: gramNorm * gramNorm, rowProduct: dot(rowNorms, rowNorms))
    try checkSelfProduct(product, samples: centered.rows)
    let selfProduct = Self.unbiased(product, samples: centered.rows)
    let scale = 1 / selfProduct.squareRoot().squareRoot()
    return Factor(
      matrix: try centered.reducedToSampleCount().scaled(by: scale),
      squaredRowNorms: rowNorms.map { $0 * scale * scale },
      rank: min(centered.columns, centered.rows))
  }

  public func similarity(
    reduced: Double, rowProduct: Double, _ x: FactorSummary, _ y: FactorSummary
  ) -> Double {
    Self.unbiased(
      CenteredProduct(squaredNorm: reduced, rowProduct: rowProduct),
      sums: x.rowNormSum * y.rowNormSum, samples: x.samples
    ).clampedAgainstRounding(to: range)
  }

  public func similarity(
    _ xy: CenteredProduct, xx: CenteredProduct, yy: CenteredProduct, samples: Int
  ) -> Double {
    let normalizer =
      Self.unbiased(xx, samples: samples).squareRoot()
      * Self.unbiased(yy, samples: samples).squareRoot()
    return (Self.unbiased(xy, samples: samples) / normalizer).clampedAgainstRounding(to: range)
  }

  /// What remains below the rounding error of the terms is no estimate.
  public func checkSelfProduct(_ product: CenteredProduct, samples: Int) throws(MetricError) {
    let floor = Double(samples) * Double.ulpOfOne * product.squaredNorm
    guard Self.unbiased(product, samples: samples) > floor else {
      throw MetricError.selfSimilarityNotPositive
    }
  }

  /// D(X, Y). `sums` is (Σ aᵢ)(Σ bᵢ), which is 1 for representations of unit norm.
  static func unbiased(
    _ product: CenteredProduct, sums: Double = 1, samples: Int
  ) -> Double {
    let n = Double(samples)
    return product.squaredNorm - n / (n - 2) * product.rowProduct + sums / ((n - 1) * (n - 2))
  }
}
