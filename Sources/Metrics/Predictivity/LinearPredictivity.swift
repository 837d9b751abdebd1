public import LinearAlgebra

/// The share of the variance of one representation that is a linear function of the other.
///
///     R²(Y | X) = ‖QₓᵀYc‖²_F / ‖Yc‖²_F
///
/// with the columns of Yc centred over the samples and those of Qₓ an orthonormal basis of the column
/// space of Xc: the R² of the linear regression with intercept of all features of Y on X, fitted and
/// evaluated on the same samples, features weighted by their variance. 1: Y is a linear function of X.
/// 0: no feature of Y correlates with any of X. Chance is rₓ/(n − 1), rₓ the rank of Xc: with as many
/// features as samples **everything** is predicted; ``RidgePredictivity`` predicts samples left out.
///
/// The two sides have different roles: `compare(x, y)` predicts **y from x**.
///
/// - Numerics: Qₓ from the singular value decomposition; singular values below max(n, d) ε s₁ are
///   rounding errors and left out.
/// - Complexity: O(n d min(n, d)) to prepare, O(n dₓ d_y) per pair (d at most n).
/// - Source: Kornblith, Norouzi, Lee & Hinton (ICML 2019), equation 5, there of X predicted from Y.
public struct LinearPredictivity: SimilarityMetric {
  /// One representation in both roles.
  public struct Prepared: Sendable {
    /// Orthonormal basis of the centred column space.
    let basis: Matrix
    /// Centred, scaled to ‖Yc‖_F = 1, and with at most n columns.
    let target: Matrix
  }

  public let name = "linear-predictivity"
  public let conventions =
    "second predicted from first, ordinary least squares with intercept, in-sample R² weighted by "
    + "variance; 0 … 1, larger is more similar, chance is rank/(n − 1)"
  public let invariances: Set<Invariance> = [
    .translation, .isotropicScaling, .featurePermutation, .orthogonal, .zeroPadding,
  ]
  public let range = 0.0...1.0
  public let isSymmetric = false

  public init() {}

  /// - Throws: ``MetricError/constant``, ``MetricError/notFinite(sample:feature:)``,
  ///   ``MetricError/tooFewSamples(count:needed:)`` below 3 samples.
  public func prepare(_ representation: Matrix) throws -> Prepared {
    let centered = try representation.standardized(atLeast: 3)
    let decomposition: SingularValueDecomposition
    do {
      decomposition = try SingularValueDecomposition(centered)
    } catch let error as DecompositionError {
      throw MetricError.notConverged(error.description)
    }
    let floor =
      (decomposition.values.first ?? 0) * Double(max(centered.rows, centered.columns))
      * Double.ulpOfOne
    let rank = decomposition.values.prefix { $0 > floor }.count
    let basis = decomposition.left.block(rows: 0..<centered.rows, columns: 0..<rank)
    guard centered.columns > centered.rows else { return Prepared(basis: basis, target: centered) }
    // ‖QᵀY‖ = ‖QᵀUS‖: a wide target is replaced by its scores.
    let scores = Matrix(rows: basis.rows, columns: rank) {
      basis[$0, $1] * decomposition.values[$1]
    }
    return Prepared(basis: basis, target: scores)
  }

  public func compare(_ x: Prepared, _ y: Prepared) throws -> Double {
    guard x.basis.rows == y.target.rows else {
      throw MetricError.sampleCountsDiffer(x.basis.rows, y.target.rows)
    }
    return x.basis.transposeTimes(y.target).squaredFrobeniusNorm()
      .clampedAgainstRounding(to: range)
  }
}

extension MetricEntry {
  static let linearPredictivity = MetricEntry(
    name: "linear-predictivity",
    summary: "Share of the variance of the second layer that is linear in the first, in-sample",
    parameters: [], cost: "n d² once per layer, n dₓ d_y per pair",
    source: "Kornblith, Norouzi, Lee & Hinton 2019, equation 5"
  ) { _ in LinearPredictivity() }
}
