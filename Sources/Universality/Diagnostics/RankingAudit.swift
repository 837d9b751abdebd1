public import Activations
public import Metrics
public import Zoo

/// Whether a ranking survives what should not matter: it is made again from half of the samples, from half
/// of the units, without each layer's first principal component, and with an outlier in every model.
///
/// An order is followed pair by pair: ``AuditedRank/Outcome/turned`` is the share of the other items whose
/// order with an item is turned round, a tie counting half. 0 is the same order, one half an order drawn by
/// lot. Scores are set against the chance of the ranking itself, which is not drawn anew.
///
/// Sources: outliers and subsets that move away, Davari et al. (2022); dominant components, Nguyen, Raghu &
/// Kornblith (2021); sampled units, Chun et al. (2025).
public struct RankingAudit: Sendable, Codable, Equatable {
  /// A change of the input that leaves what networks have learned as it is.
  public enum Perturbation: String, Sendable, Codable, CaseIterable {
    /// Half of the samples; both halves of a random split count.
    case halfOfSamples
    /// A random half of the features of each layer, at least one.
    case halfOfUnits
    /// Each layer without its first principal component.
    case withoutFirstComponent
    /// In each model one random sample is moved away by ten times the root mean square distance of samples
    /// from their mean, in a random direction in each layer.
    case outlier

    /// How often the ranking is made again.
    public var draws: Int {
      switch self {
      case .halfOfSamples, .halfOfUnits, .outlier: 4
      case .withoutFirstComponent: 1
      }
    }
  }

  /// How far an outlier is moved, in root mean square distances from the mean: of the order at which the
  /// similarity of Davari et al. (2022) collapses for a subset, here for a single sample.
  public static let outlierDistance = 10.0

  /// The metric that ranks.
  public var metric: String
  /// Families, then models, then layers, each in the order of the ranking.
  public var ranks: [AuditedRank]
  /// Kendall's τ_b of each ranking with the one that is made anew.
  public var agreements: [Agreement]
  public var seed: UInt64

  /// How much of an order is left.
  public struct Agreement: Sendable, Codable, Equatable {
    public var level: RankingAgreement.Level
    public var perturbation: Perturbation
    /// The mean over the draws.
    public var tau: Double
    /// The smallest of the draws.
    public var least: Double
  }
}

/// What became of one rank.
public struct AuditedRank: Sendable, Codable, Equatable {
  /// What is ranked.
  public var level: RankingAgreement.Level
  /// As ``RankedItem/index``.
  public var index: Int
  /// Its rank among all items of the level.
  public var rank: Int
  /// What each perturbation did; those that left no score are missing.
  public var outcomes: [Outcome]

  public init(level: RankingAgreement.Level, index: Int, rank: Int, outcomes: [Outcome]) {
    self.level = level
    self.index = index
    self.rank = rank
    self.outcomes = outcomes
  }

  /// The rank under one perturbation.
  public struct Outcome: Sendable, Codable, Equatable {
    public var perturbation: RankingAudit.Perturbation
    /// The share of the other items whose order with this one is turned round: the mean over the draws.
    public var turned: Double
    /// The ranks over the draws.
    public var ranks: ClosedRange<Int>

    public init(
      perturbation: RankingAudit.Perturbation, turned: Double, ranks: ClosedRange<Int>
    ) {
      self.perturbation = perturbation
      self.turned = turned
      self.ranks = ranks
    }
  }

  /// The grade of the perturbation that turns most round; `nil` where none was possible or nothing else is
  /// ranked.
  public var grade: StabilityGrade? {
    outcomes.map(\.turned).max().map(StabilityGrade.init(turned:))
  }
}

/// How well a rank holds: from the share of the other items whose order with it is turned round.
///
/// One half is what an order drawn by lot reaches; each better grade halves the share: F from 1/2, D below
/// 1/2, C below 1/4, B below 1/8, A below 1/16. Among six items one that changes places is 1/5, a C.
public enum StabilityGrade: String, Sendable, Codable, CaseIterable {
  case a = "A"
  case b = "B"
  case c = "C"
  case d = "D"
  case f = "F"

  public init(turned: Double) {
    switch turned {
    case ..<0.0625: self = .a
    case ..<0.125: self = .b
    case ..<0.25: self = .c
    case ..<0.5: self = .d
    default: self = .f
    }
  }
}

extension RankingAudit {
  /// Makes the ranking of a zoo again from changed inputs.
  ///
  /// - Parameters:
  ///   - activations: The zoo, with its values.
  ///   - findings: The ranking.
  ///   - metric: The metric that ranks.
  ///   - options: Seed, threads and precision; the seed decides all draws.
  ///   - progress: Called as the work goes on, from any thread.
  /// - Returns: `nil` where the metric has no factors, or there are fewer than 16 samples or two models.
  /// - Throws: `SpillError` when values are in a file that cannot be read.
  /// - Complexity: 13 comparisons of all ranked layers, four of them with half of the samples.
  public init?(
    of activations: ActivationSet, findings: Findings, rankedBy metric: any SimilarityMetric,
    options: AnalysisOptions, progress: ProgressReceiver? = nil
  ) throws {
    guard let metric = metric as? any FactorMetric, activations.sampleCount >= Self.fewestSamples,
      findings.ranking.models.count >= 2
    else { return nil }
    self = try RankingAuditAnalysis(
      activations: activations, findings: findings, options: options
    ).audit(metric, progress: progress)
  }

  /// Half of them must allow a score.
  static let fewestSamples = 16
}
