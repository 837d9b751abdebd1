public import Activations
public import Metrics
public import Zoo

/// Whether a score rests on one stimulus or on one direction.
///
/// A score is computed again without each sample in turn, and once without the first principal component
/// of each layer that is scored; the best matches stay those from all samples. **Share** is the part of the
/// score that goes: (score − score without)/|score|. A negative share means that the score would be higher
/// without. Linear kernels weigh directions by the square of their variance, so that one outlier or one
/// dominant component can make two layers look alike.
///
/// Source: few dominant points behind high CKA, Nguyen, Raghu & Kornblith (2022); the translation of a
/// subset, Davari et al. (2022). Leaving one sample out is done in closed form (``InfluenceAnalysis``).
public struct Influence: Sendable, Codable, Equatable {
  /// The metric that ranks.
  public var metric: String
  /// Families, then models, then layers, each in the order of the ranking.
  public var scores: [ScoreInfluence]
  /// The best matches, pairs of layers, of which one sample carries more than ``level``; the largest
  /// shares first.
  public var pairs: [PairInfluence]

  /// The share of a score above which one sample or direction is said to carry it: one fifth.
  public static let level = 0.2

  public init(metric: String, scores: [ScoreInfluence], pairs: [PairInfluence]) {
    self.metric = metric
    self.scores = scores
    self.pairs = pairs
  }
}

/// What one sample and one direction do to one score.
public struct ScoreInfluence: Sendable, Codable, Equatable {
  /// What is scored.
  public var level: RankingAgreement.Level
  /// As ``RankedItem/index``.
  public var index: Int
  /// The raw score.
  public var score: Double
  /// What chance stays below in 95 of 100 cases; shares of a score below it mean nothing. 0 where it is
  /// not known.
  public var threshold: Double
  /// The sample whose absence changes the score most, as a row; `nil` where no sample can be left out.
  public var sample: Int?
  public var withoutSample: Double?
  /// The score without the first principal component of the layer, for models and families of each of
  /// their layers; `nil` where nothing else is in one of them.
  public var withoutDirection: Double?

  public init(
    level: RankingAgreement.Level, index: Int, score: Double, threshold: Double = 0,
    sample: Int? = nil, withoutSample: Double? = nil, withoutDirection: Double? = nil
  ) {
    self.level = level
    self.index = index
    self.score = score
    self.threshold = threshold
    self.sample = sample
    self.withoutSample = withoutSample
    self.withoutDirection = withoutDirection
  }

  /// The share of the score that goes with the sample; `nil` for a score within chance.
  public var sampleShare: Double? { share(withoutSample) }
  /// The share of the score that goes with the direction; `nil` for a score within chance.
  public var directionShare: Double? { share(withoutDirection) }

  private func share(_ without: Double?) -> Double? {
    guard score > max(threshold, 0) else { return nil }
    return without.map { (score - $0) / score }
  }
}

/// What one sample does to the similarity of two layers.
public struct PairInfluence: Sendable, Codable, Equatable {
  /// Representations: the layer that is scored and its best match in another model.
  public var layer: Int
  public var match: Int
  public var similarity: Double
  /// The sample, as a row.
  public var sample: Int
  public var withoutSample: Double
  /// The share of the similarity that goes with the sample.
  public var share: Double { (similarity - withoutSample) / similarity }
}

extension Influence {
  /// The influence of single samples and directions on the scores of a ranking; `nil` where the metric is
  /// not made of linear kernels or there are fewer than 8 samples.
  ///
  /// - Parameters:
  ///   - activations: The zoo, with its values.
  ///   - comparison: Its similarity matrices; the one of `metric` must be among them.
  ///   - findings: The ranking.
  ///   - metric: The metric that ranks.
  ///   - threads: The number of threads.
  ///   - progress: Called as the work goes on, from any thread.
  /// - Throws: `SpillError` when values are in a file that cannot be read.
  /// - Complexity: O(n dₓ d_y) for each layer and its best match in each model of another family: less
  ///   than one comparison of all pairs.
  public init?(
    of activations: ActivationSet, comparison: ZooComparison, findings: Findings,
    rankedBy metric: any SimilarityMetric, threads: Int, progress: ProgressReceiver? = nil
  ) throws {
    guard let metric = metric as? any CenteredProductMetric,
      activations.sampleCount >= Self.fewestSamples,
      let matrix = comparison.matrices.first(where: { $0.metric == metric.name })
    else { return nil }
    self = try InfluenceAnalysis(
      activations: activations, matrix: matrix, findings: findings, threads: threads
    ).influence(metric, progress: progress)
  }

  /// Each of fewer samples is more than an eighth of what is known.
  static let fewestSamples = 8
}
