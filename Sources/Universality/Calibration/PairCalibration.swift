/// The similarity of one pair against chance.
public struct PairCalibration: Sendable, Codable, Equatable {
  /// The mean of the similarity over all orders of the samples of one side.
  public var nullMean: Double
  /// Its standard deviation.
  public var nullDeviation: Double
  /// Its skewness; `nil` where all orders give the same value.
  public var nullSkewness: Double?
  /// The 95 % point of chance, τ.
  public var threshold: Double
  /// The probability of a similarity at least this high under chance.
  public var pValue: Double
  /// The smallest false-discovery rate at which the pair stands out among all pairs of the same metric
  /// (Benjamini & Hochberg 1995).
  public var qValue: Double
  /// `max(0, (s − τ)/(s_max − τ))`: 0 is no better than chance, 1 the largest possible value. 0 as well
  /// where chance itself reaches that.
  public var calibrated: Double

  public init(
    nullMean: Double, nullDeviation: Double, nullSkewness: Double?, threshold: Double,
    pValue: Double, qValue: Double, calibrated: Double
  ) {
    self.nullMean = nullMean
    self.nullDeviation = nullDeviation
    self.nullSkewness = nullSkewness
    self.threshold = threshold
    self.pValue = pValue
    self.qValue = qValue
    self.calibrated = calibrated
  }

  /// How many standard deviations of chance a similarity is above its mean; `nil` where chance does not
  /// vary. The distribution is skewed: probabilities are in ``pValue``.
  public func zScore(of similarity: Double) -> Double? {
    nullSkewness == nil ? nil : (similarity - nullMean) / nullDeviation
  }
}

extension PairCalibration {
  /// The calibration of `similarity`, before the number of pairs is allowed for.
  init(of similarity: Double, chance: ChanceDistribution, largest: Double) {
    let moments = chance.valueMoments
    let threshold = chance.threshold
    let pValue = chance.pValue(of: similarity)
    // As in `PermutationNull`: differences up to its tolerance are rounding.
    let isAbove =
      similarity - threshold > PermutationNull.tolerance
      && largest - threshold > PermutationNull.tolerance
    self.init(
      nullMean: moments.mean, nullDeviation: moments.sd, nullSkewness: moments.skewness,
      threshold: threshold, pValue: pValue, qValue: pValue,
      calibrated: isAbove ? (similarity - threshold) / (largest - threshold) : 0)
  }
}
