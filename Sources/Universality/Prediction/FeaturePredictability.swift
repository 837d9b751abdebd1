/// How well a unit is predicted from other models, by ridge regression fitted on one half of the samples
/// and scored on the other; of each model by the layer that fits it best on the first half.
public struct FeaturePredictability: Sendable, Codable, Equatable {
  /// The mean R² over other families, each the mean over its models; with a 95 % t interval over families
  /// where there are three. At most 1; below 0 where the mean would predict better.
  public var r2: Estimate
  /// The probability of an R² as large when the samples of the unit are reordered; one-sided, from units
  /// of the whole zoo pooled.
  public var pValue: Double
  /// The false-discovery rate over all units of the zoo (Benjamini & Hochberg).
  public var qValue: Double
  /// The mean over other families of what they have beyond the input, with a 95 % t interval over
  /// families; `nil` without an input.
  public var excessOverInput: Estimate?
  /// The same beyond the untrained twins of their models; `nil` where no other family has any.
  public var excessOverUntrained: Estimate?
  /// The mean R² over the other models of its own family; `nil` where it has none.
  public var otherSeeds: Double?
}

extension Estimate {
  /// The mean of one value a family, with a 95 % t interval where there are three; `nil` of none.
  static func mean(over families: [Double]) -> Estimate? {
    guard !families.isEmpty else { return nil }
    let count = Double(families.count)
    let mean = families.reduce(0, +) / count
    guard families.count >= 3 else { return Estimate(value: mean) }
    let variance = families.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
    let reach =
      StudentT.quantile(0.975, degrees: families.count - 1) * (variance / count).squareRoot()
    return Estimate(value: mean, low: mean - reach, high: mean + reach)
  }
}
