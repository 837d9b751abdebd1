public import LinearAlgebra

/// Linear CKA of two populations of features of which only some were recorded.
///
///     CKA(X, Y) = D(X, Y) / √(S(X) S(Y)),
///     S(X) = Q/(Q − 1) · (D(X, X) − Σ_q D(x_q, x_q))
///
/// with D the unbiased estimator of ``DebiasedCKA`` and x_q the Q features of X. The self-similarities
/// use only pairs of *different* features, so that recording few of many features does not make
/// layers look less alike. An **estimate of a population value**: it can exceed 1, is not 1 for a
/// representation with itself, and says nothing about layers that were recorded completely.
/// Chance is 0. Every feature counts in Q, also one that is constant.
///
/// - Numerics: D in the feature-space form; no n × n matrix.
/// - Complexity: O(n d²) to prepare, O(n dₓ d_y) per pair (d at most n).
/// - Source: Chun, Canatar, Chung & Lee (2025, arXiv 2502.15104).
public struct DependentColumnsCKA: FactorMetric, StandardizedMetric {
  public let name = "cka-dependent-columns"
  public let conventions =
    "linear kernel, columns centred, unbiased HSIC, self-similarities over pairs of different features; "
    + "population estimate: may exceed 1 and is not 1 with itself, larger is more similar, chance is 0"
  public let invariances: Set<Invariance> = [
    .translation, .isotropicScaling, .featurePermutation,
  ]
  public let range = -Double.infinity...Double.infinity
  public let fewestSamples = 4
  /// D(X, X)/S(X).
  public let selfValue: Double? = nil
  public let reduction = CrossProductReduction.squaredFrobenius

  public init() {}

  /// F = Xc / S(X)^¼.
  ///
  /// - Throws: ``MetricError/constant``, ``MetricError/notFinite(sample:feature:)``,
  ///   ``MetricError/tooFewSamples(count:needed:)`` below 4 samples,
  ///   ``MetricError/tooFewFeatures(count:needed:)`` below 2 features,
  ///   ``MetricError/selfSimilarityNotPositive`` where S(X) is not, as for two independent features.
  public func prepare(_ representation: StandardizedMatrix) throws -> Factor {
    let centered = try representation.matrix()
    let (samples, features) = (centered.rows, centered.columns)
    guard features >= 2 else { throw MetricError.tooFewFeatures(count: features, needed: 2) }
    let rowNorms = centered.squaredRowNorms()
    let gramNorm = centered.gramNorm()
    let selfProduct = DebiasedCKA.unbiased(
      CenteredProduct(squaredNorm: gramNorm * gramNorm, rowProduct: dot(rowNorms, rowNorms)),
      samples: samples)
    // Of one feature: ‖x_qᵀx_q‖²_F is the square of Σᵢ xᵢ², and the row norms are the xᵢ².
    let squares = Matrix(rows: samples, columns: features) {
      centered[$0, $1] * centered[$0, $1]
    }
    let sums = Matrix(rows: samples, columns: 1, repeating: 1).transposeTimes(squares).elements
    let ofSingleFeatures = DebiasedCKA.unbiased(
      CenteredProduct(squaredNorm: dot(sums, sums), rowProduct: squares.squaredFrobeniusNorm()),
      sums: dot(sums, sums), samples: samples)
    let others =
      Double(features) / Double(features - 1) * (selfProduct - ofSingleFeatures)
    guard others > Double(samples) * Double.ulpOfOne * gramNorm * gramNorm else {
      throw MetricError.selfSimilarityNotPositive
    }
    let scale = 1 / others.squareRoot().squareRoot()
    return Factor(
      matrix: try centered.reducedToSampleCount().scaled(by: scale),
      squaredRowNorms: rowNorms.map { $0 * scale * scale }, rank: min(features, samples))
  }

  public func similarity(
    reduced: Double, rowProduct: Double, _ x: FactorSummary, _ y: FactorSummary
  ) -> Double {
    DebiasedCKA.unbiased(
      CenteredProduct(squaredNorm: reduced, rowProduct: rowProduct),
      sums: x.rowNormSum * y.rowNormSum, samples: x.samples)
  }
}

extension MetricEntry {
  static let dependentColumnsCKA = MetricEntry(
    name: "cka-dependent-columns",
    summary: "Debiased CKA, corrected for features that are a sample of a larger population",
    parameters: [], cost: "n d² once per layer, n dₓ d_y per pair",
    source: "Chun, Canatar, Chung & Lee 2025"
  ) { _ in DependentColumnsCKA() }
}
