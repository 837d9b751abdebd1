/// How universal a single feature (a unit of a layer) is.
public struct FeatureScore: Sendable, Codable, Equatable {
  /// The layer, as an index in the activation set.
  public var layer: Int
  /// The column of the layer, from 0.
  public var feature: Int
  /// The median over other families of ``correlation`` minus ``baseline`` of the family.
  public var universality: Double
  /// The median over other families of the correlation with the best match, on held-out samples.
  public var correlation: Double
  /// The median over other families of the same with the units of that family rotated, the mean over
  /// rotations.
  public var baseline: Double
  /// ``universality`` in standard deviations of its null; `nil` where that does not vary.
  public var z: Double?
  /// The probability of a universality as large when units are no better matched than rotated ones;
  /// one-sided, by letting each rotation of each unit of the zoo take the place of the layer.
  public var pValue: Double?
  /// The false-discovery rate over all features of the zoo at which this one is found (Benjamini &
  /// Hochberg).
  public var qValue: Double?
  /// The same between the seeds of its own family; `nil` where it has only one.
  public var betweenSeeds: FeatureControl? = nil
  /// The same of the unit at this place in the untrained twin, among untrained networks; `nil` where the
  /// zoo has no such unit.
  public var untrained: FeatureControl? = nil
  /// How well other models predict it; `nil` where no other family can.
  public var predictability: FeaturePredictability? = nil
  /// Its clique, as a place in ``FeatureUniversality/cliques``; `nil` outside of any.
  public var clique: Int? = nil
}

/// A feature in a comparison that stands beside the one that ranks it.
public struct FeatureControl: Sendable, Codable, Equatable {
  /// The correlation with the best match less that with rotated units, as in
  /// ``FeatureScore/universality``.
  public var universality: Double
  /// As in ``FeatureScore/pValue``, over the units of the same comparison.
  public var pValue: Double?

  public init(universality: Double, pValue: Double? = nil) {
    self.universality = universality
    self.pValue = pValue
  }
}

/// How the units of one kind of networks fare when they are matched with others: what is learned is
/// told from what the architecture gives.
public struct FeatureComparison: Sendable, Codable, Equatable {
  /// Whose units are matched with whose.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// Trained networks with those of other families.
    case trained
    /// Untrained networks with untrained ones of other families.
    case untrained
    /// Trained networks with other seeds of their family.
    case trainedSeeds
    /// Untrained networks with other seeds of their family.
    case untrainedSeeds
  }

  public var kind: Kind
  /// Units with a score.
  public var units: Int
  /// Units with a positive score and a false-discovery rate, over these units, of at most
  /// ``FeatureUniversality/level``.
  public var found: Int
  /// The mean universality of the units, averaged over models, then over families; with a 95 % t
  /// interval over families where there are three. Where families are not known, each model is one.
  public var mean: Estimate

  public init(kind: Kind, units: Int, found: Int, mean: Estimate) {
    self.kind = kind
    self.units = units
    self.found = found
    self.mean = mean
  }
}

/// Single features, the most universal first.
public struct FeatureUniversality: Sendable, Codable, Equatable {
  /// All features that vary, in descending order of universality.
  public var scores: [FeatureScore]
  /// Features that are constant on one half of the samples, and so have no score.
  public var constantFeatures: Int
  /// The families that matches were sought in.
  public var families: [String]
  public var fittedSamples: Int
  public var heldOutSamples: Int
  public var rotations: Int
  public var seed: UInt64
  /// Units of at least three families (or two, where there are no more) that are each other's best match
  /// between their models; in ascending order of q, among equal ones the largest first.
  public var cliques: [FeatureClique] = []
  /// The controls: the comparison that ranks first, then those that the zoo has.
  public var comparisons: [FeatureComparison] = []
  /// The 95 % point of the R² of ``FeatureScore/predictability`` when the samples of units are
  /// reordered.
  public var predictabilityByChance: Double? = nil

  /// The false-discovery rate at which features are called universal.
  public static let level = 0.05

  /// The features with a false-discovery rate of at most ``level`` and a positive universality.
  public var universal: [FeatureScore] {
    scores.filter { $0.universality > 0 && ($0.qValue ?? 1) <= Self.level }
  }

  /// The cliques with a false-discovery rate of at most ``level``.
  public var universalCliques: [FeatureClique] { cliques.filter { $0.qValue <= Self.level } }
}

/// Why single features cannot be scored, in a sentence.
public struct FeaturesImpossible: Error, Sendable, Equatable, CustomStringConvertible {
  public let description: String
}
