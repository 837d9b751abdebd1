public import LinearAlgebra

/// Yanai's generalised coefficient of determination.
///
///     GCD = ‖QₓᵀQ_y‖²_F / √(rₓ r_y) = ⟨Pₓ, P_y⟩ / (‖Pₓ‖ ‖P_y‖)
///
/// with Q the orthonormal bases of the centred columns, r their ranks and P = QQᵀ: linear CKA of the
/// projections. 1: the two spaces are the same. 0: they are orthogonal. Chance is √(rₓ r_y)/(n − 1).
/// Unlike R²_CCA (`cca:summary=mean-rho-squared`, which divides by the smaller rank and which some
/// papers call Yanai's GCD), a space inside a larger one does not reach 1.
///
/// - Numerics: for the rank see `PrincipalScores`.
/// - Complexity: O(n d²) to prepare, O(n rₓ r_y) per pair.
/// - Source: Yanai (1974); Ramsay, ten Berge & Styan (Psychometrika 1984).
public struct GCD: FactorMetric, SubspaceMetric {
  /// Singular values up to this share of the largest count as noise.
  public let tolerance: Double

  /// - Precondition: `tolerance` is in [0, 1).
  public init(tolerance: Double = 0) {
    precondition(tolerance >= 0 && tolerance < 1, "a tolerance of \(tolerance)")
    self.tolerance = tolerance
  }

  public var name: String { specification("gcd", [("tolerance", "\(tolerance)", "0.0")]) }
  public let conventions =
    "columns centred, projections on all directions above the rounding error; 0 … 1, larger is more "
    + "similar, chance is above 0, saturated where a rank reaches n − 1"
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
  public let reduction = CrossProductReduction.squaredFrobenius

  /// F = Q.
  ///
  /// - Throws: as ``CCA/prepare(_:)``.
  public func prepare(_ representation: StandardizedMatrix) throws -> Factor {
    let basis = try PrincipalScores(of: representation, tolerance: tolerance).basis
    return Factor(matrix: basis, rank: basis.columns)
  }

  public func similarity(
    reduced: Double, rowProduct: Double, _ x: FactorSummary, _ y: FactorSummary
  ) -> Double {
    (reduced / (Double(x.rank) * Double(y.rank)).squareRoot()).clampedAgainstRounding(to: range)
  }
}

extension MetricEntry {
  static let gcd = MetricEntry(
    name: "gcd", summary: "Overlap of the spaces that the features span (Yanai's GCD)",
    parameters: [.tolerance], cost: "n d² once per layer, n rₓ r_y per pair",
    source: "Yanai 1974; Ramsay, ten Berge & Styan 1984"
  ) { values in
    GCD(tolerance: try ParameterReader(metric: "gcd", values: values).tolerance())
  }
}
