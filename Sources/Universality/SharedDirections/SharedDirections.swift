/// The directions that the models of different families share, and what they are made of.
///
/// Each trained model is represented by its last hidden layer, truncated to its leading principal
/// directions. Half of the samples, drawn at random, is fitted by a generalised canonical correlation
/// analysis in which every family has one vote; the other half scores what was found.
///
/// A direction is **shared** when its eigenvalue exceeds the 95 % point of the largest eigenvalue by
/// chance. It is **universal** when, in addition, it is predicted on the held-out samples in every
/// family, each left out in turn while directions are fitted on the others.
public struct SharedDirections: Sendable, Codable, Equatable {
  /// The layers, as indices in the activation set, family by family.
  public var layers: [Int]
  /// The families, or the models where fewer than two families are known.
  public var families: [String]
  /// How many principal directions each layer was truncated to.
  public var ranks: [Int]
  public var fittedSamples: Int
  public var heldOutSamples: Int
  /// The rows of the activation set that were fitted, and those that were held out.
  public var fittedIndices: [Int] = []
  public var heldOutIndices: [Int] = []
  /// The **universality spectrum**: eigenvalues from 0 to 1, in descending order; the share of the
  /// variance of a direction that the families explain on average, on the samples fitted.
  public var spectrum: [Double]
  /// The largest eigenvalue that unrelated families of these spectra have, for many samples.
  public var nullEdge: Double
  /// The 95 % point of the largest eigenvalue when each family sees the samples in an order of its own;
  /// `nil` with fewer than 19 permutations.
  public var nullThreshold: Double?
  public var permutations: Int
  /// The mean spectrum when each family sees the samples in an order of its own within each class: what
  /// labels alone give. `nil` without labels.
  public var withinClassSpectrum: [Double]?
  /// The spectrum of the untrained networks of the zoo, by the same rule.
  public var untrainedSpectrum: [Double]?
  /// The leading directions, one an eigenvalue.
  public var directions: [SharedDirection]
  public var seed: UInt64

  /// The directions whose eigenvalue exceeds ``nullThreshold``.
  public var shared: [SharedDirection] {
    directions.filter { direction in nullThreshold.map { direction.eigenvalue > $0 } ?? false }
  }

  /// The shared directions that are predicted in every family left out.
  public var universal: [SharedDirection] {
    shared.filter { ($0.leastPredictability ?? 0) > 0 }
  }

  /// How many directions the labels alone would let pass as shared; `nil` without labels.
  public var labelDirections: Int? {
    guard let withinClassSpectrum, let nullThreshold else { return nil }
    return withinClassSpectrum.count { $0 > nullThreshold }
  }
}

/// One direction that models share.
public struct SharedDirection: Sendable, Codable, Equatable {
  /// λ: the share of its variance that the families explain on average, on the samples fitted.
  public var eigenvalue: Double
  /// The share of random orders whose largest eigenvalue is as large; `nil` without permutations.
  public var pValue: Double?
  /// The mean correlation of its read-outs from models of different families, on held-out samples.
  public var heldOutAgreement: Double
  /// For each layer the share of the variance it explains, on the samples fitted.
  public var shares: [Double]
  /// The share of the variance between classes on held-out samples, η²; `nil` without labels.
  public var classShare: Double?
  /// For each family the R² at which its models predict the direction of this rank that the *other*
  /// families share: ridge regression, cross-validated on held-out samples. `nil` where a family has no
  /// value; empty with fewer than three families.
  public var predictability: [Double?]
  /// The mean R² over families by which the trained models exceed the input; with a 95 % t interval
  /// over families.
  public var excessOverInput: Estimate?
  /// The same over the untrained twins.
  public var excessOverUntrained: Estimate?
  /// The weighted mean of the read-outs of all models on the samples fitted, in the order of
  /// ``SharedDirections/fittedIndices``; its sign is arbitrary.
  public var fittedScores: [Double] = []
  /// The same on the held-out samples, in the order of ``SharedDirections/heldOutIndices``.
  public var heldOutScores: [Double] = []

  /// The least R² over families, `nil` where a family has none.
  public var leastPredictability: Double? {
    let known = predictability.compactMap { $0 }
    return known.count == predictability.count ? known.min() : nil
  }

  /// The mean R² over families.
  public var meanPredictability: Double? {
    let known = predictability.compactMap { $0 }
    return known.isEmpty ? nil : known.reduce(0, +) / Double(known.count)
  }
}

/// Why no shared directions can be sought, in a sentence.
public struct SharedDirectionsImpossible: Error, Sendable, Equatable, CustomStringConvertible {
  public let description: String
}
