public import LinearAlgebra

/// The mean correlation of each feature with the best one of the other representation.
///
///     semi(X, Y) = 1/dₓ Σᵢ max_j C(i, j)
///
/// with C the Pearson correlations over the samples. 1: every feature of X is a feature of Y, up to
/// scale and offset; several may be the same one, so that Y may have more. 0: no feature of X
/// correlates with any of Y. Chance is above 0 and grows with the width of Y.
///
/// The two sides have different roles: `compare(x, y)` looks for the features of x among those of y.
/// With `symmetric` the value is the mean of both directions, which ReSi calls soft matching.
///
/// - Numerics: constant features are left out.
/// - Complexity: O(n d) to prepare, O(n dₓ d_y) per pair.
/// - Source: Li, Yosinski, Clune, Lipson & Hopcroft (ICLR 2016), semi-matching.
public struct SemiMatching: SimilarityMetric {
  /// Whether |C| is matched: for features whose sign is arbitrary.
  public let absolute: Bool
  /// Whether the value is the mean of both directions.
  public let isSymmetric: Bool

  public init(absolute: Bool = false, symmetric: Bool = false) {
    self.absolute = absolute
    isSymmetric = symmetric
  }

  public var name: String {
    specification(
      "matching-semi",
      [("absolute", "\(absolute)", "false"), ("symmetric", "\(isSymmetric)", "false")])
  }
  public var conventions: String {
    "\(absolute ? "absolute" : "signed") Pearson correlations, constant features left out, "
      + (isSymmetric ? "mean of both directions" : "mean over the features of the first of the two")
      + "; \(absolute ? "0" : "−1") … 1, larger is more similar, chance is above 0"
  }
  public let invariances = FeatureMatching.invariances
  public var range: ClosedRange<Double> { absolute ? 0...1 : -1...1 }

  /// - Throws: as ``HardMatching/prepare(_:)``.
  public func prepare(_ representation: Matrix) throws -> UnitFeatures {
    try UnitFeatures(of: representation)
  }

  public func compare(_ x: UnitFeatures, _ y: UnitFeatures) throws -> Double {
    let correlations = try x.correlations(with: y, absolute: absolute)
    let forth = correlations.meanOfRowMaxima()
    let value = isSymmetric ? (forth + correlations.transposed().meanOfRowMaxima()) / 2 : forth
    return value.clampedAgainstRounding(to: range)
  }
}

extension Matrix {
  fileprivate func meanOfRowMaxima() -> Double {
    (0..<rows).reduce(0) { $0 + (row($1).max() ?? 0) } / Double(rows)
  }
}

extension MetricEntry {
  static let semiMatching = MetricEntry(
    name: "matching-semi",
    summary: "Mean correlation of each feature of the first layer with the best of the second",
    parameters: [
      FeatureMatching.absolute,
      Parameter(
        name: "symmetric", defaultValue: "false", values: "true | false",
        meaning: "mean of both directions"),
    ],
    cost: "n d once per layer, n dₓ d_y per pair",
    source: "Li, Yosinski, Clune, Lipson & Hopcroft 2016"
  ) { values in
    let reader = ParameterReader(metric: "matching-semi", values: values)
    return SemiMatching(
      absolute: try reader.flag("absolute", default: false),
      symmetric: try reader.flag("symmetric", default: false))
  }
}
