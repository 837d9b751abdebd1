public import LinearAlgebra

/// The mean correlation of features matched one to one.
///
///     hard(X, Y) = max_π 1/m Σᵢ C(i, π(i)),   m = min(dₓ, d_y)
///
/// over all ways π to give each feature of the narrower representation a partner of its own in the
/// other one; C holds the Pearson correlations over the samples. 1: every feature of the narrower
/// representation is a feature of the other, up to scale and offset. 0: none correlates with its
/// partner. The features are compared one by one, so that a rotation of feature space lowers the
/// value. Chance is above 0 and grows with the widths, because the best matching is chosen on the data
/// it is scored on.
///
/// - Numerics: constant features are left out. Exact assignment, see `TransportPlan`.
/// - Complexity: O(n d) to prepare, O(n dₓ d_y + d³) per pair.
/// - Source: Li, Yosinski, Clune, Lipson & Hopcroft (ICLR 2016), bipartite matching.
public struct HardMatching: SimilarityMetric {
  /// Whether |C| is matched: for features whose sign is arbitrary.
  public let absolute: Bool

  public init(absolute: Bool = false) { self.absolute = absolute }

  public var name: String { specification("matching-hard", [("absolute", "\(absolute)", "false")]) }
  public var conventions: String {
    "\(absolute ? "absolute" : "signed") Pearson correlations, constant features left out, mean over "
      + "the smaller number of features; \(absolute ? "0" : "−1") … 1, larger is more similar, "
      + "chance is above 0"
  }
  public let invariances = FeatureMatching.invariances
  public var range: ClosedRange<Double> { absolute ? 0...1 : -1...1 }

  /// - Throws: ``MetricError/constant``, ``MetricError/notFinite(sample:feature:)``,
  ///   ``MetricError/tooFewSamples(count:needed:)`` below 3 samples.
  public func prepare(_ representation: Matrix) throws -> UnitFeatures {
    try UnitFeatures(of: representation)
  }

  public func compare(_ x: UnitFeatures, _ y: UnitFeatures) throws -> Double {
    let isSwapped = x.columns.columns > y.columns.columns
    let (narrow, wide) = isSwapped ? (y, x) : (x, y)
    let correlations = try narrow.correlations(with: wide, absolute: absolute)
    let plan = TransportPlan(costs: correlations.scaled(by: -1), supply: 1, capacity: 1)
    return (dot(plan.amounts.elements, correlations.elements) / Double(correlations.rows))
      .clampedAgainstRounding(to: range)
  }
}

extension MetricEntry {
  static let hardMatching = MetricEntry(
    name: "matching-hard", summary: "Mean correlation of features matched one to one",
    parameters: [FeatureMatching.absolute], cost: "n d once per layer, n dₓ d_y + d³ per pair",
    source: "Li, Yosinski, Clune, Lipson & Hopcroft 2016"
  ) { values in
    HardMatching(
      absolute: try ParameterReader(metric: "matching-hard", values: values)
        .flag("absolute", default: false))
  }
}
