public import LinearAlgebra

/// A way to compare two representations of the same samples.
///
/// The work is split where the cost is: ``prepare(_:)`` runs once per representation,
/// ``compare(_:_:)`` once per pair. Whatever belongs to one representation alone (centring, norms,
/// decompositions) happens in `prepare`; caching is the shape of the protocol.
///
/// What a metric promises here is checked by the `MetricLaws` module: symmetry, the value of a
/// representation with itself, the range, every invariance that is declared **and every one that is
/// not**, and typed errors for degenerate input.
public protocol SimilarityMetric: Sendable {
  /// Everything about one representation that comparisons need.
  associatedtype Prepared: Sendable

  /// The name, followed by the parameters that differ from the defaults: `svcca:variance=0.9`.
  var name: String { get }
  /// Centring, estimator, truncation, range and direction, in a line.
  var conventions: String { get }
  /// The transformations of one representation, on either side, that leave every value unchanged.
  var invariances: Set<Invariance> { get }
  /// The values that can occur; an end may be infinite.
  var range: ClosedRange<Double> { get }
  /// Whether larger values mean more similar or less.
  var direction: MetricDirection { get }
  /// The value of any representation with itself, or `nil` when that depends on the representation.
  var selfValue: Double? { get }
  /// Whether `compare(x, y)` equals `compare(y, x)`.
  var isSymmetric: Bool { get }
  /// Whether it matters which sample of one side is paired with which of the other. It does for all
  /// metrics but those that compare two summaries, such as the norms of two representations.
  var comparesSampleBySample: Bool { get }
  /// Whether the order in which the samples are listed matters, as when folds are cut by position.
  var dependsOnSampleOrder: Bool { get }

  /// The work that belongs to one representation.
  ///
  /// - Parameter representation: samples × features, all elements finite.
  /// - Throws: ``MetricError`` when this representation has no similarity to anything, and why.
  func prepare(_ representation: Matrix) throws -> Prepared

  /// The same as ``prepare(_:)``, of a representation that several metrics look at. There is no need
  /// to implement it: a metric that declares what it shares, such as ``StandardizedMetric``, does so.
  func prepare(sharing representation: some RepresentationSource) throws -> Prepared

  /// The value for two prepared representations of the same samples.
  ///
  /// - Throws: ``MetricError`` when this pair has no similarity, and why.
  func compare(_ x: Prepared, _ y: Prepared) throws -> Double
}

/// A representation that several metrics look at: what they have in common is computed once.
public protocol RepresentationSource {
  /// The number of samples.
  var samples: Int { get }
  /// The number of features.
  var features: Int { get }
  /// Samples × features, all in memory, in double precision.
  func matrix() throws -> Matrix
  /// Samples × features, centred and in unit norm, block by block.
  ///
  /// - Throws: ``MetricError`` where that is impossible.
  func standardized() throws -> StandardizedMatrix
}

extension SimilarityMetric {
  public func prepare(sharing representation: some RepresentationSource) throws -> Prepared {
    try prepare(representation.matrix())
  }

  public var direction: MetricDirection { .similarity }
  public var selfValue: Double? {
    direction == .similarity ? range.upperBound : range.lowerBound
  }
  public var isSymmetric: Bool { true }
  public var comparesSampleBySample: Bool { true }
  public var dependsOnSampleOrder: Bool { false }

  /// The similarity of two representations, prepared on the spot.
  public func similarity(_ x: Matrix, _ y: Matrix) throws -> Double {
    try compare(prepare(x), prepare(y))
  }
}

/// What larger values of a metric mean.
public enum MetricDirection: String, Sendable, Codable {
  /// Larger is more similar.
  case similarity
  /// Larger is less similar: a distance.
  case distance
}

/// A transformation of one representation.
public enum Invariance: String, Sendable, Codable, CaseIterable, Comparable {
  /// Adding a constant vector to every sample.
  case translation
  /// Multiplying everything by one positive number.
  case isotropicScaling = "isotropic scaling"
  /// Reordering the features.
  case featurePermutation = "feature permutation"
  /// Multiplying each feature by a positive number of its own.
  case featureScaling = "feature scaling"
  /// Rotating or reflecting feature space.
  case orthogonal
  /// Any invertible linear map of feature space.
  case invertibleLinear = "invertible linear"
  /// Appending features that are always zero.
  case zeroPadding = "zero padding"
  /// Appending a copy of a feature.
  case featureDuplication = "feature duplication"

  public static func < (a: Invariance, b: Invariance) -> Bool { a.rawValue < b.rawValue }
}

/// Why the data allow no answer, with what a researcher must look at.
public enum MetricError: Error, Equatable, Sendable, CustomStringConvertible {
  /// An element is NaN or infinite.
  case notFinite(sample: Int, feature: Int)
  /// All samples have the same activations: centred, nothing is left.
  case constant
  /// The estimator needs more samples.
  case tooFewSamples(count: Int, needed: Int)
  /// There are no features.
  case noFeatures
  /// The two representations do not have the same samples.
  case sampleCountsDiffer(Int, Int)
  /// One sample has no direction, no variance or the like, and why.
  case undefinedSample(Int, String)
  /// All samples are equally far from each other: nothing is left to correlate.
  case equalDissimilarities
  /// The estimated self-similarity is not positive, so that nothing can be normalised by it.
  case selfSimilarityNotPositive
  /// A decomposition did not converge.
  case notConverged(String)
  /// The estimator needs more features.
  case tooFewFeatures(count: Int, needed: Int)
  /// Half of all distances are zero, so that their median sets no scale.
  case zeroMedianDistance

  public var description: String {
    switch self {
    case .notFinite(let sample, let feature):
      "not finite at sample \(sample), feature \(feature)"
    case .constant: "constant: all samples have the same activations"
    case .tooFewSamples(let count, let needed): "\(count) samples; at least \(needed) are needed"
    case .noFeatures: "no features"
    case .sampleCountsDiffer(let x, let y): "\(x) samples against \(y)"
    case .undefinedSample(let sample, let reason): "sample \(sample): \(reason)"
    case .equalDissimilarities: "all samples are equally dissimilar"
    case .selfSimilarityNotPositive:
      "the unbiased estimate of its self-similarity is not positive: too few samples for its spread"
    case .notConverged(let what): what
    case .tooFewFeatures(let count, let needed):
      "\(count) features; at least \(needed) are needed"
    case .zeroMedianDistance:
      "the median distance is zero: at least half of the pairs of samples coincide"
    }
  }
}
