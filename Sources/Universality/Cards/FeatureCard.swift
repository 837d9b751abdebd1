/// What there is to know about one feature: a direction that families share, or a unit.
///
/// Directions, matches and predictions are found on one half of the samples and scored on the other. The
/// units with a card are those that score best on this other half: their own numbers there are somewhat
/// too high, as the best of many are.
public struct FeatureCard: Sendable, Codable, Equatable {
  public enum Subject: Sendable, Codable, Equatable {
    /// The place of the direction in ``SharedDirections/directions``.
    case direction(Int)
    /// A column of a layer, which is an index in the activation set.
    case unit(layer: Int, feature: Int)
  }

  /// What the models of one family make of the feature.
  public struct Family: Sendable, Codable, Equatable {
    public var name: String
    /// Its models on the card, as indices in the activation set.
    public var models: [Int]
    /// Of a direction: the mean correlation of the read-outs of this family with those of the others. Of
    /// a unit: that with the best match in each model, averaged.
    public var agreement: Double?
    /// The R² at which the family predicts the feature: ``SharedDirection/predictability``, or the part
    /// of the family in ``FeaturePredictability/r2``.
    public var predictability: Double?
  }

  /// A sample and how much of the feature it has.
  public struct Sample: Sendable, Codable, Equatable {
    /// The row of the activation set.
    public var index: Int
    /// In standard deviations over the held-out samples, from their mean.
    public var value: Double
  }

  /// The mean of the feature over the held-out samples of a class, in the same unit.
  public struct ClassMean: Sendable, Codable, Equatable {
    public var label: Int
    public var mean: Double
  }

  /// The unit of a model that is most like the feature, chosen on the fitted samples.
  public struct Neighbour: Sendable, Codable, Equatable {
    /// The index of the model in the activation set.
    public var model: Int
    /// The index of the layer in the activation set.
    public var layer: Int
    public var feature: Int
    /// On the held-out samples. The sign of a direction is arbitrary, and its neighbours may correlate
    /// negatively; those of a unit are chosen with their sign.
    public var correlation: Double
  }

  /// How well one layer predicts the feature.
  public struct LayerReadout: Sendable, Codable, Equatable {
    /// The index of the layer in the activation set.
    public var layer: Int
    /// By ridge regression, fitted on one half of the samples and scored on the other. A direction is
    /// predicted as the *other* families read it.
    public var r2: Double
  }

  public var subject: Subject
  /// The families; for a unit those of other models alone.
  public var families: [Family]
  /// The held-out samples that have most of the feature, and those that have least, the extreme ones
  /// first.
  public var highest: [Sample]
  public var lowest: [Sample]
  /// The share of the variance between classes on held-out samples, η²; `nil` without labels.
  public var classShare: Double?
  /// In descending order; empty without labels.
  public var classMeans: [ClassMean]
  /// One a trained model, except the one that the unit belongs to.
  public var neighbours: [Neighbour]
  /// All hidden layers of trained models, except those of the model that the unit belongs to.
  public var layers: [LayerReadout]
  /// The R² at which the input predicts the feature as all families read it; `nil` without an input.
  public var inputPredictability: Double?
  /// The 95 % point over ``layers`` of the R² when the samples of the feature are reordered; `nil` with
  /// fewer than twenty layers.
  public var chance: Double?

  /// The first layer, in the order given, that reaches half of the largest R² among them: where the
  /// feature emerges in a model. `nil` where none exceeds ``chance``, or 0 where that is not known.
  public func emergence(among readouts: [LayerReadout]) -> LayerReadout? {
    guard let largest = readouts.map(\.r2).max(), largest > max(0, chance ?? 0) else { return nil }
    return readouts.first { $0.r2 >= largest / 2 }
  }
}
