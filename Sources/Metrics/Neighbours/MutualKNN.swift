public import LinearAlgebra

/// The share of nearest neighbours that two representations have in common.
///
///     mKNN(X, Y) = 1/n Σᵢ |N_X(i) ∩ N_Y(i)| / k
///
/// with N(i) the k samples nearest to sample i. 1: every sample has the same neighbours. 0: no
/// neighbour is shared. Unrelated representations share k/(n − 1) of them, exactly that on average
/// over all permutations, whatever their widths; the value falls as n grows at fixed k, so that only
/// values at the same n and k compare.
///
/// - Numerics: see ``NeighbourLists`` for ties and ``NeighbourRule`` for what comes before.
/// - Complexity: O(n² d) to prepare, O(n k) per pair; n k numbers per representation.
/// - Source: Huh, Cheung, Wang & Isola (ICML 2024), appendix A; their results clamp at the quantile 0.95
///   (there of all layers of a model at once, here of the one layer).
public struct MutualKNN: SimilarityMetric {
  public let rule: NeighbourRule

  public init(_ rule: NeighbourRule = NeighbourRule()) { self.rule = rule }

  public var name: String { rule.name(of: "mutual-knn") }
  public var conventions: String {
    "\(rule.conventions); 0 … 1, larger is more similar, chance is k/(n − 1)"
  }
  public var invariances: Set<Invariance> { rule.invariances }
  public let range = 0.0...1.0

  /// - Throws: ``MetricError/undefinedSample(_:_:)`` for a sample without direction,
  ///   ``MetricError/constant``, ``MetricError/notFinite(sample:feature:)``,
  ///   ``MetricError/tooFewSamples(count:needed:)`` below k + 2 samples.
  public func prepare(_ representation: Matrix) throws -> NeighbourLists {
    try NeighbourLists(of: representation, by: rule)
  }

  public func compare(_ x: NeighbourLists, _ y: NeighbourLists) throws -> Double {
    try x.mean(with: y) { Double(x.sharedCount(of: $0, with: y)) / Double(rule.count) }
  }
}

extension MetricEntry {
  static let mutualKNN = MetricEntry(
    name: "mutual-knn", summary: "Share of the k nearest neighbours that two layers have in common",
    parameters: NeighbourRule.parameters, cost: "n² d once per layer, n k per pair",
    source: "Huh, Cheung, Wang & Isola 2024"
  ) { values in
    MutualKNN(try NeighbourRule(ParameterReader(metric: "mutual-knn", values: values)))
  }
}
