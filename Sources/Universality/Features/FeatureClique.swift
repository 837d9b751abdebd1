/// Units of different families that are each other's best match, all of them in pairs: one feature,
/// found again and again.
public struct FeatureClique: Sendable, Codable, Equatable {
  /// A unit; there is one a family.
  public struct Member: Sendable, Codable, Equatable {
    /// The layer, as an index in the activation set.
    public var layer: Int
    /// The column of the layer, from 0.
    public var feature: Int
  }

  public var members: [Member]
  /// The mean correlation of its pairs on held-out samples, -1 … 1.
  public var agreement: Double
  /// The least correlation of its pairs on held-out samples.
  public var leastAgreement: Double
  /// How many cliques of at least as many families and at least this agreement there are when the units
  /// of all layers are rotated: the mean over rotations.
  public var expectedByChance: Double
  /// The false-discovery rate at which this clique is found: cliques as large and as much in agreement
  /// in rotated layers, one more than there were, over those found.
  public var qValue: Double

  /// The number of families.
  public var size: Int { members.count }
}
