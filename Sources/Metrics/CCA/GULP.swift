public import LinearAlgebra

/// GULP: how differently two representations predict, over all ridge regressions.
///
/// With Xc = U S Vᵀ scaled to ‖Xc‖²_F = n, its variances lᵢ = sᵢ²/n (which then sum to 1) and the
/// shrinkage wᵢ = lᵢ/(lᵢ + λ):
///
///     GULP²_λ = Σᵢ wₓᵢ² + Σⱼ w_yⱼ² − 2 Σᵢⱼ wₓᵢ w_yⱼ ⟨uₓᵢ, u_yⱼ⟩²
///
/// 0: on every task ridge regression with penalty λ predicts the same from both. λ = 0 is
/// rₓ + r_y − 2 Σρ² with the canonical correlations ρ; a larger λ weighs directions by their variance.
/// The triangle inequality holds for each λ, not for `squared-distance`.
///
/// - Numerics: for the rank at λ = 0 see `PrincipalScores`; there is no condition on n and d. A square
///   below the rounding error of its terms is 0.
/// - Complexity: O(n d²) to prepare, O(n rₓ r_y) per pair.
/// - Source: Boix-Adserà, Lawrence, Stepaniants & Rigollet (NeurIPS 2022), with the scaling of their
///   code; that code, and ReSi with λ = 0, return the square.
public struct GULP: FactorMetric, StandardizedMetric {
  public enum Output: String, Sendable, CaseIterable {
    case distance
    case squaredDistance = "squared-distance"
  }

  /// The penalty λ, in units of the total variance.
  public let lambda: Double
  public let output: Output

  /// - Precondition: `lambda` is finite and not negative.
  public init(lambda: Double = 0, output: Output = .distance) {
    precondition(lambda >= 0 && lambda.isFinite, "a penalty of \(lambda)")
    self.lambda = lambda
    self.output = output
  }

  public var name: String {
    specification(
      "gulp", [("lambda", "\(lambda)", "0.0"), ("output", output.rawValue, "distance")])
  }
  public var conventions: String {
    "columns centred, total variance 1, λ = \(lambda), "
      + (output == .distance ? "square root taken" : "squared")
      + "; 0 … √(rₓ + r_y)\(output == .distance ? "" : " squared"), smaller is more similar"
  }
  public var invariances: Set<Invariance> {
    let always: Set<Invariance> = [
      .translation, .isotropicScaling, .featurePermutation, .orthogonal, .zeroPadding,
    ]
    return lambda > 0
      ? always : always.union([.featureScaling, .invertibleLinear, .featureDuplication])
  }
  public let range = 0.0...Double.infinity
  public let fewestSamples = 3
  public let direction = MetricDirection.distance
  public let reduction = CrossProductReduction.squaredFrobenius

  /// F = U diag(√w), so that ‖FₓᵀF_y‖²_F = Σᵢⱼ wₓᵢ w_yⱼ ⟨uₓᵢ, u_yⱼ⟩².
  ///
  /// - Throws: ``MetricError/constant``, ``MetricError/notFinite(sample:feature:)``,
  ///   ``MetricError/tooFewSamples(count:needed:)`` below 3 samples.
  public func prepare(_ representation: StandardizedMatrix) throws -> Factor {
    let scores = try PrincipalScores(of: representation)
    let shrinkage = scores.singularValues.map { $0 * $0 / ($0 * $0 + lambda) }
    return Factor(
      matrix: scores.basis(weightedBy: shrinkage.map { $0.squareRoot() }),
      rank: shrinkage.count, selfProduct: dot(shrinkage, shrinkage))
  }

  public func similarity(
    reduced: Double, rowProduct: Double, _ x: FactorSummary, _ y: FactorSummary
  ) -> Double {
    let sum = x.selfProduct + y.selfProduct
    let square = (sum - 2 * reduced).zeroIfRounding(of: sum, terms: x.rank + y.rank)
    return output == .distance ? square.squareRoot() : square
  }
}

extension Double {
  /// The difference, or 0 where it is no more than the rounding error (8 ε each) of so many terms of
  /// this size. A square root taken of it would turn 10⁻¹⁶ into 10⁻⁸.
  func zeroIfRounding(of size: Double, terms: Int) -> Double {
    abs(self) <= 8 * Double(terms) * Double.ulpOfOne * size ? 0 : self
  }
}

extension MetricEntry {
  static let gulp = MetricEntry(
    name: "gulp", summary: "Distance between all ridge regressions on the two representations",
    parameters: [
      Parameter(
        name: "lambda", defaultValue: "0", values: "λ ≥ 0",
        meaning: "the ridge penalty, in units of the total variance"),
      Parameter(
        name: "output", defaultValue: "distance", values: "distance | squared-distance",
        meaning: "the metric, or its square as in the authors' code and ReSi"),
    ],
    cost: "n d² once per layer, n rₓ r_y per pair",
    source: "Boix-Adserà, Lawrence, Stepaniants & Rigollet 2022"
  ) { values in
    let read = ParameterReader(metric: "gulp", values: values)
    let lambda = try read.number("lambda", allowed: "λ ≥ 0") { $0 >= 0 && $0.isFinite }
    return GULP(
      lambda: lambda ?? 0, output: try read.choice("output", default: GULP.Output.distance))
  }
}
