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

  /// The false-discovery rate at which features are called universal.
  public static let level = 0.05

  /// The features with a false-discovery rate of at most ``level`` and a positive universality.
  public var universal: [FeatureScore] {
    scores.filter { $0.universality > 0 && ($0.qValue ?? 1) <= Self.level }
  }
}

/// Why single features cannot be scored, in a sentence.
public struct FeaturesImpossible: Error, Sendable, Equatable, CustomStringConvertible {
  public let description: String
}
