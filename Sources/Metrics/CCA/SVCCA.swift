public import LinearAlgebra

/// Singular vector canonical correlation analysis.
///
/// Each representation is reduced to its leading principal components – the fewest that hold a share
/// `variance` of the variance, or a fixed number – and the canonical correlations ρ between the two
/// subspaces are the singular values of UₓᵀU_y, where the columns of U are the orthonormal component
/// scores:
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
/// - Source: Raghu, Gilmer, Yosinski & Sohl-Dickstein (NeurIPS 2017), with 0.99 as there; 20 fixed
///   components in the tutorial of google/svcca.
public struct SVCCA: FactorMetric, SubspaceMetric {
  /// How the canonical correlations become one number.
  public enum Summary: String, Sendable, CaseIterable {
    case meanRho = "mean-rho"
    case meanRhoSquared = "mean-rho-squared"
  }

  /// Which components are kept.
  public enum Truncation: Sendable, Equatable {
    /// The fewest that hold this share of the variance.
    case variance(Double)
    /// This many, or all of a representation that has fewer.
    case components(Int)
  }

  public let truncation: Truncation
  public let summary: Summary

  /// - Precondition: `variance` is in (0, 1].
  public init(variance: Double = 0.99, summary: Summary = .meanRho) {
    precondition(variance > 0 && variance <= 1, "a share of \(variance) of the variance")
    truncation = .variance(variance)
    self.summary = summary
  }

  /// - Precondition: `components` is positive.
  public init(components: Int, summary: Summary = .meanRho) {
    precondition(components > 0, "\(components) components")
    truncation = .components(components)
    self.summary = summary
  }

  public var name: String {
    let kept =
      switch truncation {
      case .variance(let share): (name: "variance", value: "\(share)", default: "0.99")
      case .components(let count): (name: "components", value: "\(count)", default: "")
      }
    return specification("svcca", [kept, ("summary", summary.rawValue, "mean-rho")])
  }

  public var conventions: String {
    let kept =
      switch truncation {
      case .variance(let share): "fewest components with at least \(share) of the variance"
      case .components(let count): "the first \(count) components (or all, if fewer)"
      }
    let mean = summary == .meanRho ? "mean canonical correlation" : "mean squared correlation"
    return
      "columns centred, \(kept), \(mean) over the smaller number of components; 0 … 1, larger is "
      + "more similar, chance is above 0"
  }

  public let invariances: Set<Invariance> = [
    .translation, .isotropicScaling, .featurePermutation, .orthogonal, .zeroPadding,
  ]
  public let range = 0.0...1.0
  public let fewestSamples = 3
  public var reduction: CrossProductReduction {
    summary == .meanRho ? .nuclear : .squaredFrobenius
  }

  /// The component scores of the components kept, with orthonormal columns.
  ///
  /// - Throws: ``MetricError/constant``, ``MetricError/notFinite(sample:feature:)``,
  ///   ``MetricError/tooFewSamples(count:needed:)`` below 3 samples.
  public func prepare(_ representation: StandardizedMatrix) throws -> Factor {
    let basis = try PrincipalScores(of: representation, keeping: componentCount).basis
    return Factor(matrix: basis, rank: basis.columns)
  }

  public func similarity(
    reduced: Double, rowProduct: Double, _ x: FactorSummary, _ y: FactorSummary
  ) -> Double {
    (reduced / Double(min(x.rank, y.rank))).clampedAgainstRounding(to: range)
  }

  /// How many of the components above the rounding error are kept, given their variances.
  ///
  /// 10⁻¹² absorbs rounding in the cumulative share.
  private func componentCount(of variances: [Double]) -> Int {
    switch truncation {
    case .components(let count): return min(count, variances.count)
    case .variance(let share):
      let total = variances.reduce(0, +)
      var sum = 0.0
      for (index, variance) in variances.enumerated() {
        sum += variance
        if sum / total >= share - 1e-12 { return index + 1 }
      }
      return variances.count
    }
  }
}

extension MetricEntry {
  static let svcca = MetricEntry(
    name: "svcca",
    summary: "Mean canonical correlation of the leading principal components",
    parameters: [
      Parameter(
        name: "variance", defaultValue: "0.99", values: "0 < v ≤ 1",
        meaning: "share of the variance that the components kept must hold"),
      Parameter(
        name: "components", defaultValue: "as many as the variance needs", values: "k ≥ 1",
        meaning: "a fixed number of components, in place of a share of the variance"),
      .summary,
    ],
    cost: "n d² once per layer, n kₓ k_y per pair",
    source: "Raghu, Gilmer, Yosinski & Sohl-Dickstein 2017"
  ) { values in
    let read = ParameterReader(metric: "svcca", values: values)
    let summary = try read.choice("summary", default: SVCCA.Summary.meanRho)
    let variance = try read.number("variance", allowed: "0 < v ≤ 1") { $0 > 0 && $0 <= 1 }
    guard let components = values["components"] else {
      return SVCCA(variance: variance ?? 0.99, summary: summary)
    }
    guard variance == nil else {
      throw read.refusal(components, "components", allowed: "only without variance=")
    }
    return SVCCA(
      components: try read.integer("components", default: 1, atLeast: 1), summary: summary)
  }
}

extension MetricEntry.Parameter {
  static let summary = Self(
    name: "summary", defaultValue: "mean-rho", values: "mean-rho | mean-rho-squared",
    meaning: "mean of the canonical correlations or of their squares")
}
