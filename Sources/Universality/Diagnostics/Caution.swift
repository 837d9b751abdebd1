public import Activations
public import Metrics
public import Zoo

/// Something about one layer that a reader of its similarities must know.
public struct Caution: Sendable, Codable, Equatable {
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// At least as many features as samples: biased similarities are high whatever the data are. The
    /// number is samples per feature.
    case moreFeaturesThanSamples
    /// The directions that a metric keeps of this layer and of others are together more than the samples
    /// have: some canonical correlations are 1 whatever the data are. The number counts the other layers.
    case saturated
    /// If the features are a sample of a larger population, debiased CKA reads too low by more than a
    /// fifth. The number is the factor.
    case narrow
    /// All features are constant.
    case constant
    /// One sample carries more than a fifth of the score. The number is the share.
    case oneSample
    /// The first principal component carries more than a fifth of the score. The number is the share.
    case oneDirection
  }

  public var kind: Kind
  /// The representation.
  public var layer: Int
  public var value: Double
  /// The metric that is concerned, where it is not the one that ranks.
  public var metric: String?
  /// The sample that is concerned, as a row.
  public var sample: Int?

  init(
    _ kind: Kind, layer: Int, value: Double, metric: String? = nil, sample: Int? = nil
  ) {
    self.kind = kind
    self.layer = layer
    self.value = value
    self.metric = metric
    self.sample = sample
  }
}

extension Caution {
  /// All cautions of a zoo, by kind, then in the order of the representations.
  ///
  /// - Parameters:
  ///   - activations: The zoo. Of checkpoints and untrained networks the regime is told as well.
  ///   - diagnostics: One entry a representation, or none.
  ///   - influence: What carries the scores, where it is known.
  ///   - metrics: The metrics of the run.
  /// - Complexity: O(P²) for P representations.
  public static func all(
    of activations: ActivationSet, diagnostics: [RepresentationDiagnostics],
    influence: Influence?, metrics: [any SimilarityMetric]
  ) -> [Caution] {
    let subspaces = metrics.filter { $0 is any SubspaceMetric }.map(\.name)
    let all =
      diagnostics.enumerated().flatMap { layer, numbers in
        regime(layer, numbers)
          + subspaces.compactMap { saturated(layer, diagnostics, metric: $0) }
      } + (influence.map(carried) ?? [])
    return Kind.allCases.flatMap { kind in all.filter { $0.kind == kind } }
  }

  private static func regime(_ layer: Int, _ numbers: RepresentationDiagnostics) -> [Caution] {
    guard numbers.rank > 0 else {
      return [Caution(.constant, layer: layer, value: Double(numbers.constantFeatures))]
    }
    var found: [Caution] = []
    if numbers.features >= numbers.samples {
      found.append(
        Caution(
          .moreFeaturesThanSamples, layer: layer,
          value: Double(numbers.samples) / Double(numbers.features)))
    }
    if let attenuation = numbers.attenuation, attenuation < 1 - Influence.level {
      found.append(Caution(.narrow, layer: layer, value: attenuation))
    }
    return found
  }

  private static func saturated(
    _ layer: Int, _ diagnostics: [RepresentationDiagnostics], metric: String
  ) -> Caution? {
    guard let mine = diagnostics[layer].directions[metric] else { return nil }
    let limit = diagnostics[layer].samples - 1
    let partners = diagnostics.indices.count { other in
      other != layer && (diagnostics[other].directions[metric].map { $0 + mine > limit } ?? false)
    }
    return partners > 0
      ? Caution(.saturated, layer: layer, value: Double(partners), metric: metric) : nil
  }

  private static func carried(_ influence: Influence) -> [Caution] {
    influence.scores.filter { $0.level == .layers }.sorted { $0.index < $1.index }
      .flatMap { score -> [Caution] in
        var found: [Caution] = []
        if let share = score.sampleShare, abs(share) > Influence.level {
          found.append(
            Caution(.oneSample, layer: score.index, value: share, sample: score.sample))
        }
        if let share = score.directionShare, abs(share) > Influence.level {
          found.append(Caution(.oneDirection, layer: score.index, value: share))
        }
        return found
      }
  }
}
