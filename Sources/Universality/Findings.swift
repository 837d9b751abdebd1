/// A number with its uncertainty.
public struct Estimate: Sendable, Codable, Equatable {
  public var value: Double
  /// The lower end of the 95 % interval, `nil` when intervals were switched off.
  public var low: Double?
  /// The upper end of the 95 % interval.
  public var high: Double?

  public init(value: Double, low: Double? = nil, high: Double? = nil) {
    self.value = value
    self.low = low
    self.high = high
  }
}

/// A universality score: raw, against chance, and with its uncertainty.
public struct Score: Sendable, Codable, Equatable {
  /// The score as the metric gives it.
  public var raw: Estimate
  /// `max(0, (raw − τ)/(1 − τ))` where τ is the 95 % point of chance: 0 is no better than chance, 1
  /// is perfect agreement. 0 as well where chance itself reaches 1 (a saturated metric). `nil` when
  /// calibration was switched off or there are fewer than 19 permutations.
  public var calibrated: Estimate?
  /// The mean of the score under chance.
  public var nullMean: Double?
  /// The 95 % point of the score under chance, τ.
  public var nullThreshold: Double?
  /// The probability of a score at least this high under chance (add-one permutation p).
  public var pValue: Double?
  /// The smallest false-discovery rate at which the score stands out, among all items of the same
  /// ranking (Benjamini & Hochberg 1995).
  public var qValue: Double?

  /// The value that orders the ranking: calibrated where there is calibration, else raw.
  public var universality: Estimate { calibrated ?? raw }

  public init(
    raw: Estimate, calibrated: Estimate? = nil, nullMean: Double? = nil,
    nullThreshold: Double? = nil, pValue: Double? = nil, qValue: Double? = nil
  ) {
    self.raw = raw
    self.calibrated = calibrated
    self.nullMean = nullMean
    self.nullThreshold = nullThreshold
    self.pValue = pValue
    self.qValue = qValue
  }
}

/// One row of a ranking.
public struct RankedItem: Sendable, Codable, Equatable {
  /// What is ranked: the index of the representation, the model or the family.
  public var index: Int
  /// The rank by score, from 1.
  public var rank: Int
  /// The best and the worst rank that the data allow, at 95 % for all ranks at once.
  public var rankRange: ClosedRange<Int>?
  public var score: Score
  /// The scores of the same item under the other metrics of the run, raw, by metric.
  public var otherScores: [String: Double]

  public init(
    index: Int, rank: Int, rankRange: ClosedRange<Int>? = nil, score: Score,
    otherScores: [String: Double] = [:]
  ) {
    self.index = index
    self.rank = rank
    self.rankRange = rankRange
    self.score = score
    self.otherScores = otherScores
  }
}

/// With whom a layer must agree to count as universal.
public enum Reference: String, Sendable, Codable {
  /// The models of the other architecture families; each family has one vote.
  case otherFamilies
  /// All other models, because families are not known or there is only one.
  case otherModels
}

/// The ranking of layers, models and families of one population of a zoo.
public struct Ranking: Sendable, Codable, Equatable {
  public var reference: Reference
  /// Ranked layers; `index` counts in the representations of the run.
  public var layers: [RankedItem]
  /// Ranked models; `index` counts in the models of the run.
  public var models: [RankedItem]
  /// Ranked families; `index` counts in ``familyNames``. Empty under ``Reference/otherModels``.
  public var families: [RankedItem]
  /// The names of the families of this population, in alphabetical order.
  public var familyNames: [String]
  /// Whether the intervals of ``families`` allow for other networks of the same families as well as for
  /// other stimuli: every family has at least three models. Those of layers and models never do.
  public var familyIntervalsCoverNetworks: Bool

  public init(
    reference: Reference, layers: [RankedItem], models: [RankedItem], families: [RankedItem],
    familyNames: [String], familyIntervalsCoverNetworks: Bool = false
  ) {
    self.reference = reference
    self.layers = layers
    self.models = models
    self.families = families
    self.familyNames = familyNames
    self.familyIntervalsCoverNetworks = familyIntervalsCoverNetworks
  }
}

/// A comparison with a control, for one family (or for all models together).
public struct ControlRow: Sendable, Codable, Equatable {
  /// The family, or `nil` for all contestants together.
  public var family: String?
  /// The universality of the trained models (raw, as in the ranking).
  public var trained: Estimate?
  /// The same score for the untrained twins among themselves.
  public var untrained: Estimate?
  /// Trained layers against the layers of the models' own untrained twins: the mean, over the
  /// layers, of the similarity to the same layer before training.
  public var ownInitialisation: Estimate?
  /// Trained layers against the input: the mean over the layers of the best match.
  public var input: Estimate?
  /// Untrained layers against the input.
  public var untrainedInput: Estimate?
  /// Other seeds of the same family: the mean over the layers of the best match.
  public var otherSeeds: Estimate?

  public init(
    family: String?, trained: Estimate? = nil, untrained: Estimate? = nil,
    ownInitialisation: Estimate? = nil, input: Estimate? = nil, untrainedInput: Estimate? = nil,
    otherSeeds: Estimate? = nil
  ) {
    self.family = family
    self.trained = trained
    self.untrained = untrained
    self.ownInitialisation = ownInitialisation
    self.input = input
    self.untrainedInput = untrainedInput
    self.otherSeeds = otherSeeds
  }
}

/// The answer to "how universal are the features of this zoo?".
public struct Findings: Sendable, Codable, Equatable {
  /// The metric that orders the ranking.
  public var metric: String
  /// The architecture families in alphabetical order.
  public var families: [String] { ranking.familyNames }
  public var ranking: Ranking
  /// The same ranking among the untrained models alone, if there are enough of them.
  public var untrainedRanking: Ranking?
  /// First row: all families together; then one row a family.
  public var controls: [ControlRow]
  /// What the zoo does not allow to say, each a sentence.
  public var limits: [String]
  /// The permutations behind each p-value.
  public var permutations: Int
  /// The groups of the delete-a-group jackknife behind each interval.
  public var jackknifeGroups: Int
  public var seed: UInt64

  public init(
    metric: String, ranking: Ranking, untrainedRanking: Ranking? = nil,
    controls: [ControlRow] = [], limits: [String] = [], permutations: Int, jackknifeGroups: Int,
    seed: UInt64
  ) {
    self.metric = metric
    self.ranking = ranking
    self.untrainedRanking = untrainedRanking
    self.controls = controls
    self.limits = limits
    self.permutations = permutations
    self.jackknifeGroups = jackknifeGroups
    self.seed = seed
  }
}
