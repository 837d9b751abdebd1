public import LinearAlgebra

/// The correlation of features under the best soft matching: optimal transport between features.
///
///     soft(X, Y) = max_P Σᵢⱼ Pᵢⱼ Cᵢⱼ,   Pᵢⱼ ≥ 0,  Σⱼ Pᵢⱼ = 1/dₓ,  Σᵢ Pᵢⱼ = 1/d_y
///
/// with C the Pearson correlations over the samples. Every feature has the same weight and may split
/// it over several partners, so that representations of different widths are matched completely. 1:
/// the same features in the same proportions. For equal widths an optimal P is a permutation (Birkhoff)
/// and the value that of ``HardMatching``. Chance is above 0.
///
/// - Numerics: constant features are left out. Exact: the marginals times the least common multiple of
///   the widths are whole numbers, see `TransportPlan`.
/// - Complexity: O(n d) to prepare; per pair O(n dₓ d_y) and as many shortest paths of O(dₓ d_y) as the
///   plan needs, a small multiple of dₓ + d_y.
/// - Source: Khosla & Williams (UniReps 2023, arXiv 2311.09466), correlation score.
public struct SoftMatching: SimilarityMetric {
  /// Whether |C| is matched: for features whose sign is arbitrary.
  public let absolute: Bool

  public init(absolute: Bool = false) { self.absolute = absolute }

  public var name: String { specification("matching-soft", [("absolute", "\(absolute)", "false")]) }
  public var conventions: String {
    "\(absolute ? "absolute" : "signed") Pearson correlations, constant features left out, optimal "
      + "transport with uniform weights; \(absolute ? "0" : "−1") … 1, larger is more similar, "
      + "chance is above 0"
  }
  public let invariances = FeatureMatching.invariances
  public var range: ClosedRange<Double> { absolute ? 0...1 : -1...1 }

  /// - Throws: as ``HardMatching/prepare(_:)``.
  public func prepare(_ representation: Matrix) throws -> UnitFeatures {
    try UnitFeatures(of: representation)
  }

  public func compare(_ x: UnitFeatures, _ y: UnitFeatures) throws -> Double {
    let correlations = try x.correlations(with: y, absolute: absolute)
    let (p, q) = (correlations.rows, correlations.columns)
    let common = greatestCommonDivisor(p, q)
    let plan = TransportPlan(
      costs: correlations.scaled(by: -1), supply: q / common, capacity: p / common)
    let total = Double(p * (q / common))
    return (dot(plan.amounts.elements, correlations.elements) / total)
      .clampedAgainstRounding(to: range)
  }
}

private func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
  b == 0 ? a : greatestCommonDivisor(b, a % b)
}

extension MetricEntry {
  static let softMatching = MetricEntry(
    name: "matching-soft",
    summary: "Correlation of features under optimal transport between the two layers",
    parameters: [FeatureMatching.absolute],
    cost: "n d once per layer, n dₓ d_y + about (dₓ + d_y) dₓ d_y per pair",
    source: "Khosla & Williams 2023"
  ) { values in
    SoftMatching(
      absolute: try ParameterReader(metric: "matching-soft", values: values)
        .flag("absolute", default: false))
  }
}
