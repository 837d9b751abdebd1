public import LinearAlgebra

/// How well ridge regression on one representation predicts the other for samples left out.
///
///     B = (XᵀX + λI)⁻¹XᵀY   on the samples outside a fold, both centred on their means there,
///     R²(Y | X) = 1 − Σ_folds ‖Y − XB‖²_F / Σ_folds ‖Y‖²_F   on the samples of the fold
///
/// 1: Y is a linear function of X. 0: X predicts no better than the mean of the training samples;
/// below 0, worse. With `pearson`, the mean over the features of Y of the correlation between
/// prediction and activation over all samples. Unrelated representations come out at or below 0,
/// whatever their widths: this is the cross-validated form of ``LinearPredictivity``.
///
/// The two sides have different roles: `compare(x, y)` predicts **y from x**.
///
/// - Numerics: one singular value decomposition X = USVᵀ per fold serves all λ and all partners. λ is
///   10⁻⁸ s₁², 10⁻⁷ s₁², …, 10 s₁², relative to the largest singular value, so that small activations
///   are not shrunk to nothing; the one with the least generalised cross-validation error
///   ‖(I − H)Y‖²/(n − tr H − 1)² over all features together. A fixed `penalty` is absolute.
/// - Complexity: O(folds · n d min(n, d)) to prepare, O(folds · n dₓ d_y) per pair; folds · n d numbers.
/// - Source: Hoerl & Kennard (1970); Golub, Heath & Wahba (Technometrics 1979) for the choice of λ.
public struct RidgePredictivity: SimilarityMetric {
  /// How predictions become one number.
  public enum Summary: String, Sendable, CaseIterable {
    case r2, pearson
  }

  public let folds: Int
  /// The seed by which samples are dealt to folds; `nil` deals them in turn.
  public let seed: UInt64?
  /// The absolute λ; `nil` chooses a relative one in every fold.
  public let penalty: Double?
  public let summary: Summary

  /// - Precondition: at least 2 folds, a penalty that is not negative.
  public init(
    folds: Int = 5, seed: UInt64? = 0, penalty: Double? = nil, summary: Summary = .r2
  ) {
    precondition(folds >= 2 && (penalty ?? 0) >= 0, "\(folds) folds, penalty \(penalty ?? 0)")
    self.folds = folds
    self.seed = seed
    self.penalty = penalty
    self.summary = summary
  }

  public var name: String {
    specification(
      "ridge-predictivity",
      [
        ("folds", "\(folds)", "5"), ("seed", seed.map { "\($0)" } ?? "none", "0"),
        ("lambda", penalty.map { "\($0)" } ?? "gcv", "gcv"), ("summary", summary.rawValue, "r2"),
      ])
  }

  public var conventions: String {
    let choice =
      penalty.map { "λ = \($0), absolute" } ?? "λ/s₁² from 10⁻⁸ … 10 by GCV in every fold"
    let dealt = seed.map { "dealt with seed \($0)" } ?? "in turn"
    let mean = summary == .r2 ? "pooled R², at most 1" : "mean Pearson r over features, −1 … 1"
    return "second predicted from first, ridge regression, \(folds) folds \(dealt), \(choice), "
      + "\(mean); larger is more similar, chance is 0 or below"
  }

  public var invariances: Set<Invariance> {
    var kept: Set<Invariance> = [.translation, .featurePermutation, .zeroPadding]
    if penalty == nil { kept.insert(.isotropicScaling) }
    // Correlations are means over the single features of the target.
    if summary == .r2 { kept.insert(.orthogonal) }
    return kept
  }

  public var range: ClosedRange<Double> { summary == .r2 ? -Double.infinity...1 : -1...1 }
  public let selfValue: Double? = nil
  public let isSymmetric = false
  public let dependsOnSampleOrder = true

  /// - Throws: ``MetricError/constant``, ``MetricError/notFinite(sample:feature:)``,
  ///   ``MetricError/tooFewSamples(count:needed:)`` with fewer than two samples per fold.
  public func prepare(_ representation: Matrix) throws -> CrossValidatedDesign {
    _ = try representation.standardized(atLeast: 2 * folds)
    return try CrossValidatedDesign(
      of: representation, folds: Folds(samples: representation.rows, count: folds, seed: seed))
  }

  public func compare(_ x: CrossValidatedDesign, _ y: CrossValidatedDesign) throws -> Double {
    let target = y.activations
    guard x.activations.rows == target.rows else {
      throw MetricError.sampleCountsDiffer(x.activations.rows, target.rows)
    }
    let predictions = x.predictions(of: target, penalty: penalty)
    switch summary {
    case .r2:
      let error = predictions.reduce(0) { $0 + $1.squaredError }
      return 1 - error / predictions.reduce(0) { $0 + $1.squaredTotal }
    case .pearson:
      var pooled = Matrix(rows: target.rows, columns: target.columns)
      for prediction in predictions {
        for (place, sample) in prediction.samples.enumerated() {
          for feature in 0..<target.columns {
            pooled[sample, feature] = prediction.values[place, feature]
          }
        }
      }
      return meanCorrelation(of: pooled, with: target).clampedAgainstRounding(to: range)
    }
  }

  /// The mean over the features of the target that vary; a prediction that does not vary counts 0.
  private func meanCorrelation(of prediction: Matrix, with target: Matrix) -> Double {
    let predicted = prediction.centered().transposed()
    let actual = target.transposed()
    var (sum, count) = (0.0, 0.0)
    for feature in 0..<target.columns {
      let (a, b) = (Array(predicted.row(feature)), Array(actual.row(feature)))
      guard dot(b, b) > 0 else { continue }
      count += 1
      if dot(a, a) > 0 { sum += dot(a, b) / (dot(a, a).squareRoot() * dot(b, b).squareRoot()) }
    }
    return sum / count
  }
}

extension MetricEntry {
  static let ridgePredictivity = MetricEntry(
    name: "ridge-predictivity",
    summary: "How well ridge regression on the first layer predicts the second, cross-validated",
    parameters: [
      Parameter(
        name: "folds", defaultValue: "5", values: "a whole number ≥ 2",
        meaning: "number of folds; samples of a fold are predicted from the others"),
      Parameter(
        name: "seed", defaultValue: "0", values: "a whole number ≥ 0 | none",
        meaning: "how samples are dealt to folds: at random, the same for all layers, or in turn"),
      Parameter(
        name: "lambda", defaultValue: "gcv", values: "gcv | λ ≥ 0",
        meaning: "chosen by GCV from 10⁻⁸ … 10 times s₁², or fixed and absolute"),
      Parameter(
        name: "summary", defaultValue: "r2", values: "r2 | pearson",
        meaning: "pooled R² or mean Pearson correlation over the features predicted"),
    ],
    cost: "folds · n d² once per layer, folds · n dₓ d_y per pair",
    source: "Hoerl & Kennard 1970; Golub, Heath & Wahba 1979"
  ) { values in
    let reader = ParameterReader(metric: "ridge-predictivity", values: values)
    var seed: UInt64? = 0
    if let text = values["seed"] {
      seed = UInt64(text)
      guard text == "none" || seed != nil else {
        throw reader.refusal(text, "seed", allowed: "a whole number ≥ 0 | none")
      }
    }
    let isChosen = values["lambda", default: "gcv"] == "gcv"
    return RidgePredictivity(
      folds: try reader.integer("folds", default: 5, atLeast: 2), seed: seed,
      penalty: isChosen
        ? nil : try reader.number("lambda", allowed: "gcv | λ ≥ 0") { $0 >= 0 && $0.isFinite },
      summary: try reader.choice("summary", default: RidgePredictivity.Summary.r2))
  }
}
