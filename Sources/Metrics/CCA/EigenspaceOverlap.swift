public import LinearAlgebra

/// Eigenspace overlap score.
///
///     EOS = ‖UₓᵀU_y‖²_F / max(dₓ, d_y)
///
/// with U the left singular vectors of the **uncentred** representations (as many as their rank) and d
/// their numbers of features. 1: the same space, and no feature depends linearly on others. 0: the
/// spaces are orthogonal. A representation of rank r < d is r/d with itself.
///
/// - Numerics: for the rank see `PrincipalScores`. The source defines the score for full rank, where
///   d = r; for other cases it divides by d here as in ReSi.
/// - Complexity: O(n d²) to prepare, O(n rₓ r_y) per pair.
/// - Source: May, Zhang, Dao & Ré (NeurIPS 2019); uncentred and over the larger width as in ReSi
///   (Klabunde et al., ICLR 2025).
public struct EigenspaceOverlap: FactorMetric {
  public let name = "eigenspace-overlap"
  public let conventions =
    "columns not centred, all directions above the rounding error, over the larger number of "
    + "features; 0 … 1, larger is more similar, chance is above 0"
  public let invariances: Set<Invariance> = [
    .isotropicScaling, .featurePermutation, .featureScaling, .orthogonal, .invertibleLinear,
  ]
  public let range = 0.0...1.0
  /// The share of its features that are linearly independent.
  public let selfValue: Double? = nil
  public let reduction = CrossProductReduction.squaredFrobenius

  public init() {}

  /// F = U; the number that the metric divides by, `rank`, is the number of features.
  ///
  /// - Throws: ``MetricError/constant``, ``MetricError/notFinite(sample:feature:)``,
  ///   ``MetricError/tooFewSamples(count:needed:)`` below 2 samples.
  public func prepare(_ representation: Matrix) throws -> Factor {
    let scores = try PrincipalScores(of: representation.validated(atLeast: 2))
    return Factor(matrix: scores.basis, rank: representation.columns)
  }

  public func similarity(
    reduced: Double, rowProduct: Double, _ x: FactorSummary, _ y: FactorSummary
  ) -> Double {
    (reduced / Double(max(x.rank, y.rank))).clampedAgainstRounding(to: range)
  }
}

extension MetricEntry {
  static let eigenspaceOverlap = MetricEntry(
    name: "eigenspace-overlap",
    summary: "Overlap of the spaces that the uncentred features span, over the larger width",
    parameters: [], cost: "n d² once per layer, n rₓ r_y per pair",
    source: "May, Zhang, Dao & Ré 2019; ReSi (Klabunde et al. 2025)"
  ) { _ in EigenspaceOverlap() }
}
