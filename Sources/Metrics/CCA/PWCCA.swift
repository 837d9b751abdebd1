public import LinearAlgebra

/// Projection-weighted canonical correlation analysis.
///
/// With QₓᵀQ_y = W diag(ρ) Zᵀ and the canonical variates hᵢ = Qₓ wᵢ of X (unit vectors over samples):
///
///     PWCCA(X, Y) = Σᵢ αᵢ ρᵢ / Σᵢ αᵢ,   αᵢ = Σⱼ |⟨hᵢ, xⱼ⟩|,   i ≤ min(rₓ, r_y)
///
/// over the centred features xⱼ of X. **Not symmetric**: the weights are those of the first argument;
/// both orders together say which side's features are the better explained. 1: the directions that
/// carry X lie in the space of Y. 0: the spaces are orthogonal. Saturated like ``CCA``.
///
/// Conventions differ: here the weights of the variates without a partner (rₓ > r_y) are left out of
/// both sums. The code of Ding et al. and GULP keeps them in the denominator; google/svcca projects on
/// directions without the whitening; others weight by Σ over samples |hᵢ|.
///
/// - Numerics: ⟨hᵢ, xⱼ⟩ = wᵢᵀ(QₓᵀXc), whose second factor belongs to X alone. The weights of several
///   equal ρ depend on the basis that the decomposition picks among them.
/// - Complexity: O(n d²) to prepare, O(n rₓ r_y + rₓ² dₓ) per ordered pair.
/// - Source: Morcos, Raghu & Bengio (NeurIPS 2018); Kornblith et al. (ICML 2019), equation 9.
public struct PWCCA: StandardizedMetric {
  public struct Prepared: Sendable {
    /// Q: samples × r.
    let basis: Matrix
    /// QᵀXc: r × features.
    let loadings: Matrix
  }

  /// Singular values up to this share of the largest count as noise.
  public let tolerance: Double

  /// - Precondition: `tolerance` is in [0, 1).
  public init(tolerance: Double = 0) {
    precondition(tolerance >= 0 && tolerance < 1, "a tolerance of \(tolerance)")
    self.tolerance = tolerance
  }

  public var name: String { specification("pwcca", [("tolerance", "\(tolerance)", "0.0")]) }
  public let conventions =
    "columns centred, all directions above the rounding error, weights Σ|⟨hᵢ, xⱼ⟩| from the features "
    + "of the first representation over the smaller rank; 0 … 1, larger is more similar, chance is "
    + "above 0, saturated where the ranks sum to n or more"
  public let invariances: Set<Invariance> = [
    .translation, .isotropicScaling, .featurePermutation, .zeroPadding,
  ]
  public let range = 0.0...1.0
  public let fewestSamples = 3
  public let isSymmetric = false

  /// - Throws: as ``CCA/prepare(_:)``.
  public func prepare(_ representation: StandardizedMatrix) throws -> Prepared {
    let basis = try PrincipalScores(of: representation, tolerance: tolerance).basis
    return Prepared(
      basis: basis, loadings: basis.transposeTimes(try representation.matrix()))
  }

  public func compare(_ x: Prepared, _ y: Prepared) throws -> Double {
    guard x.basis.rows == y.basis.rows else {
      throw MetricError.sampleCountsDiffer(x.basis.rows, y.basis.rows)
    }
    let canonical: SingularValueDecomposition
    do {
      canonical = try SingularValueDecomposition(x.basis.transposeTimes(y.basis))
    } catch let error as DecompositionError {
      throw MetricError.notConverged(error.description)
    }
    let projections = canonical.left.transposeTimes(x.loadings)
    let weights = (0..<projections.rows).map { i in
      projections.row(i).reduce(0) { $0 + abs($1) }
    }
    return (dot(weights, canonical.values) / weights.reduce(0, +)).clampedAgainstRounding(to: range)
  }
}

extension MetricEntry {
  static let pwcca = MetricEntry(
    name: "pwcca",
    summary: "Canonical correlations weighted by the share of the first layer that they carry",
    parameters: [.tolerance], cost: "n d² once per layer, n rₓ r_y + rₓ² dₓ per ordered pair",
    source: "Morcos, Raghu & Bengio 2018"
  ) { values in
    PWCCA(tolerance: try ParameterReader(metric: "pwcca", values: values).tolerance())
  }
}
