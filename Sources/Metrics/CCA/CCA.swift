public import LinearAlgebra

/// Canonical correlation analysis.
///
/// With Q the orthonormal bases of the centred columns, the canonical correlations ρ are the singular
/// values of QₓᵀQ_y:
///
///     CCA = Σᵢ ρᵢ / min(rₓ, r_y)      (mean-rho)
///     CCA = Σᵢ ρᵢ² / min(rₓ, r_y)     (mean-rho-squared; R²_CCA = ‖QₓᵀQ_y‖²_F / min(rₓ, r_y))
///
/// 1: the smaller space lies in the larger one. 0: the spaces are orthogonal. All directions count the
/// same, however little they vary, so that chance is max(rₓ, r_y)/(n − 1) for ρ²: with few samples per
/// feature the values say little. At least rₓ + r_y − (n − 1) correlations are exactly 1; a
/// representation of rank n − 1 is 1 with every other (**saturated**): the value is returned as it is.
/// The ranks are kept beside the values; where rₓ + r_y ≥ n, truncate: ``SVCCA``.
///
/// - Numerics: no ridge is added to the covariances: it would make the value depend on the scale. For
///   the rank see `PrincipalScores`.
/// - Complexity: O(n d²) to prepare, O(n rₓ r_y) per pair.
/// - Source: Hotelling (1936); as in Kornblith, Norouzi, Lee & Hinton (ICML 2019), equations 6 and 7.
public struct CCA: FactorMetric, SubspaceMetric {
  public let summary: SVCCA.Summary
  /// Singular values up to this share of the largest count as noise.
  public let tolerance: Double

  /// - Precondition: `tolerance` is in [0, 1).
  public init(summary: SVCCA.Summary = .meanRho, tolerance: Double = 0) {
    precondition(tolerance >= 0 && tolerance < 1, "a tolerance of \(tolerance)")
    self.summary = summary
    self.tolerance = tolerance
  }

  public var name: String {
    specification(
      "cca", [("summary", summary.rawValue, "mean-rho"), ("tolerance", "\(tolerance)", "0.0")])
  }
  public var conventions: String {
    "columns centred, all directions above the rounding error, no ridge, mean "
      + (summary == .meanRho ? "canonical correlation" : "squared canonical correlation")
      + " over the smaller rank; 0 … 1, larger is more similar, chance is above 0, "
      + "saturated where the ranks sum to n or more"
  }
  /// Which directions fall under a tolerance depends on the basis of feature space.
  public var invariances: Set<Invariance> {
    let always: Set<Invariance> = [
      .translation, .isotropicScaling, .featurePermutation, .orthogonal, .zeroPadding,
    ]
    return tolerance > 0
      ? always : always.union([.featureScaling, .invertibleLinear, .featureDuplication])
  }
  public let range = 0.0...1.0
  public let fewestSamples = 3
  public var reduction: CrossProductReduction {
    summary == .meanRho ? .nuclear : .squaredFrobenius
  }

  /// F = Q.
  ///
  /// - Throws: ``MetricError/constant``, ``MetricError/notFinite(sample:feature:)``,
  ///   ``MetricError/tooFewSamples(count:needed:)`` below 3 samples.
  public func prepare(_ representation: StandardizedMatrix) throws -> Factor {
    let basis = try PrincipalScores(of: representation, tolerance: tolerance).basis
    return Factor(matrix: basis, rank: basis.columns)
  }

  public func similarity(
    reduced: Double, rowProduct: Double, _ x: FactorSummary, _ y: FactorSummary
  ) -> Double {
    (reduced / Double(min(x.rank, y.rank))).clampedAgainstRounding(to: range)
  }
}

extension MetricEntry {
  static let cca = MetricEntry(
    name: "cca", summary: "Mean canonical correlation of all directions",
    parameters: [.summary, .tolerance],
    cost: "n d² once per layer, n rₓ r_y per pair",
    source: "Hotelling 1936; Kornblith, Norouzi, Lee & Hinton 2019"
  ) { values in
    let read = ParameterReader(metric: "cca", values: values)
    return CCA(
      summary: try read.choice("summary", default: SVCCA.Summary.meanRho),
      tolerance: try read.tolerance())
  }
}
