public import LinearAlgebra

/// Singular vector canonical correlation analysis.
///
/// Each representation is reduced to its leading principal components that hold a share `variance`
/// of the variance; the canonical correlations ρ between the two subspaces are the singular values
/// of UₓᵀU_y, where the columns of U are the orthonormal component scores:
///
///     SVCCA = Σᵢ ρᵢ / min(kₓ, k_y)      (mean-rho)
///     SVCCA = Σᵢ ρᵢ² / min(kₓ, k_y)     (mean-rho-squared)
///
/// 1: the smaller subspace lies in the larger one. 0: the subspaces are orthogonal. Chance is above
/// 0 – max(kₓ, k_y)/(n − 1) for ρ² – and grows with the number of components, so that values of
/// representations with different kₓ are not comparable without calibration.
///
/// - Numerics: U from the eigen-decomposition of the smaller of covariance and Gram matrix; the
///   fewest components whose cumulative **variance** (s², not s) reaches the share.
/// - Complexity: O(n d²) to prepare, O(n kₓ k_y) per pair.
/// - Source: Raghu, Gilmer, Yosinski & Sohl-Dickstein (NeurIPS 2017), with 0.99 as there.
public struct SVCCA: FactorMetric {
  /// How the canonical correlations become one number.
  public enum Summary: String, Sendable, CaseIterable {
    case meanRho = "mean-rho"
    case meanRhoSquared = "mean-rho-squared"
  }

  /// The share of the variance that the components kept must hold.
  public let variance: Double
  public let summary: Summary

  /// - Precondition: `variance` is in (0, 1].
  public init(variance: Double = 0.99, summary: Summary = .meanRho) {
    precondition(variance > 0 && variance <= 1, "a share of \(variance) of the variance")
    self.variance = variance
    self.summary = summary
  }

  public var name: String {
    var parameters: [String] = []
    if variance != 0.99 { parameters.append("variance=\(variance)") }
    if summary != .meanRho { parameters.append("summary=\(summary.rawValue)") }
    return parameters.isEmpty ? "svcca" : "svcca:" + parameters.joined(separator: ",")
  }

  public var conventions: String {
    let mean = summary == .meanRho ? "mean canonical correlation" : "mean squared correlation"
    return "columns centred, fewest components with at least \(variance) of the variance, \(mean) "
      + "over the smaller number of components; 0 … 1, larger is more similar, chance is above 0"
  }

  public let invariances: Set<Invariance> = [
    .translation, .isotropicScaling, .featurePermutation, .orthogonal, .zeroPadding,
  ]
  public let range = 0.0...1.0
  public var reduction: CrossProductReduction {
    summary == .meanRho ? .nuclear : .squaredFrobenius
  }

  /// The component scores of the components kept, with orthonormal columns.
  ///
  /// - Throws: ``MetricError/constant``, ``MetricError/notFinite(sample:feature:)``,
  ///   ``MetricError/tooFewSamples(count:needed:)`` below 3 samples.
  public func prepare(_ representation: Matrix) throws -> Factor {
    let centered = try representation.standardized(atLeast: 3)
    let basis: Matrix
    do {
      basis =
        centered.columns <= centered.rows
        ? try leadingScoresFromCovariance(centered) : try leadingScoresFromGram(centered)
    } catch let error as DecompositionError {
      throw MetricError.notConverged(error.description)
    }
    return Factor(matrix: basis, rank: basis.columns)
  }

  public func similarity(reduced: Double, rowProduct: Double, _ x: Factor, _ y: Factor) -> Double {
    (reduced / Double(min(x.rank, y.rank))).clampedAgainstRounding(to: range)
  }

  /// U = Xc V S⁻¹ from XcᵀXc = V S² Vᵀ.
  private func leadingScoresFromCovariance(_ centered: Matrix) throws -> Matrix {
    let eigen = try SymmetricEigen(centered.featureGram())
    let kept = componentCount(of: eigen.values, size: max(centered.rows, centered.columns))
    let directions = Matrix(rows: centered.columns, columns: kept) { row, column in
      eigen.vectors[column, row] / eigen.values[column].squareRoot()
    }
    return centered.times(directions)
  }

  /// U directly from XcXcᵀ = U S² Uᵀ.
  private func leadingScoresFromGram(_ centered: Matrix) throws -> Matrix {
    let eigen = try SymmetricEigen(centered.sampleGram())
    let kept = componentCount(of: eigen.values, size: max(centered.rows, centered.columns))
    return Matrix(rows: centered.rows, columns: kept) { eigen.vectors[$1, $0] }
  }

  /// The smallest number of leading eigenvalues that hold the share, never more than the rank.
  ///
  /// The tolerances: 10⁻¹² absorbs rounding in the cumulative share; an eigenvalue below
  /// size · ε · λ₁ is rounding error of the largest one.
  private func componentCount(of eigenvalues: [Double], size: Int) -> Int {
    let floor = eigenvalues[0] * Double(size) * Double.ulpOfOne
    let positive = eigenvalues.prefix { $0 > floor }
    let total = positive.reduce(0, +)
    var sum = 0.0
    for (index, value) in positive.enumerated() {
      sum += value
      if sum / total >= variance - 1e-12 { return index + 1 }
    }
    return positive.count
  }
}
