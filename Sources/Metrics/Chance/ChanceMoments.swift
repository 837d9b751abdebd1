/// The first three moments of a statistic over all n! orders of the samples of one side.
public struct ChanceMoments: Sendable, Equatable {
  public var mean: Double
  /// The mean squared deviation from ``mean``.
  public var variance: Double
  /// The mean cubed deviation from ``mean``.
  public var thirdCentral: Double

  public init(mean: Double, variance: Double, thirdCentral: Double) {
    self.mean = mean
    self.variance = variance
    self.thirdCentral = thirdCentral
  }

  public var standardDeviation: Double { max(0, variance).squareRoot() }

  /// The third central moment in units of the standard deviation; `nil` where all orders give the same
  /// value.
  public var skewness: Double? {
    standardDeviation > Self.smallestDeviation
      ? thirdCentral / (variance * standardDeviation) : nil
  }

  /// A standard deviation up to this is rounding error: values are of order 1 and known to some 10⁻¹⁵,
  /// and two factors make a deviation.
  static let smallestDeviation = 1e-12

  /// The moments of the statistic multiplied by a positive number.
  func scaled(by factor: Double) -> ChanceMoments {
    ChanceMoments(
      mean: mean * factor, variance: variance * factor * factor,
      thirdCentral: thirdCentral * factor * factor * factor)
  }
}

/// How the value of a metric follows from the statistic whose moments are known.
public enum ChanceLink: Sendable {
  /// The value is the statistic.
  case identity
  /// The value is the square root of the statistic, and 0 where that is negative.
  case squareRoot

  public func value(ofStatistic statistic: Double) -> Double {
    switch self {
    case .identity: statistic
    case .squareRoot: max(0, statistic).squareRoot()
    }
  }

  public func statistic(ofValue value: Double) -> Double {
    switch self {
    case .identity: value
    case .squareRoot: value * value
    }
  }
}

/// A metric whose distribution under chance has moments in closed form.
///
/// Chance is what remains when it is forgotten which sample of one side belongs to which of the other:
/// all n! orders of the samples of one side are equally likely. Metrics of the form
///
///     s = ⟨A(X), B(Y)⟩_F        (or a function of it)
///
/// with n × n matrices A and B whose rows and columns are reordered together need no permutations:
/// the mean, the variance and the skewness over **all** of them follow from a few numbers of each
/// representation (``ChanceInvariants``). The maximum of several values, and metrics that are no such
/// product (nuclear norms, matchings, fits), do need them.
///
/// The tests compare the moments with those over all permutations of a few samples, and with random
/// permutations of more.
public protocol ClosedFormChanceMetric: SimilarityMetric {
  /// Whether the moments are known with the parameters in force: `false` for a mean of canonical
  /// correlations, `true` for a mean of their squares.
  var hasClosedFormChance: Bool { get }
  /// How values follow from the statistic of ``chanceMoments(_:_:)``.
  var chanceLink: ChanceLink { get }

  /// What chance depends on, of one representation.
  ///
  /// - Throws: ``MetricError/tooFewSamples(count:needed:)`` below 4 samples.
  func chanceInvariants(of prepared: Prepared) throws -> ChanceInvariants

  /// The moments of the statistic of two representations.
  ///
  /// - Precondition: Both have the same number of samples.
  /// - Complexity: O(1).
  func chanceMoments(_ x: ChanceInvariants, _ y: ChanceInvariants) -> ChanceMoments
}

extension ClosedFormChanceMetric {
  public var hasClosedFormChance: Bool { true }
  public var chanceLink: ChanceLink { .identity }

  public func chanceMoments(_ x: ChanceInvariants, _ y: ChanceInvariants) -> ChanceMoments {
    x.moments(with: y)
  }
}
