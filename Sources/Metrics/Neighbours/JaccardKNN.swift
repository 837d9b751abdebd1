public import LinearAlgebra

/// The Jaccard index of the sets of nearest neighbours.
///
///     JkNN(X, Y) = 1/n Σᵢ |N_X(i) ∩ N_Y(i)| / |N_X(i) ∪ N_Y(i)|
///
/// with N(i) the k samples nearest to sample i. 1: every sample has the same neighbours. 0: no
/// neighbour is shared. With m shared neighbours a sample counts m/(2k − m) where ``MutualKNN`` counts
/// m/k: never more, and half of it when little is shared.
///
/// - Numerics: see ``NeighbourLists`` for ties. (Where a copy of a sample exists, implementations that
///   drop the first neighbour as the sample itself may drop the copy.)
/// - Complexity: O(n² d) to prepare, O(n k) per pair.
/// - Source: Schumacher et al. (2020), Wang et al. (TKDE 2022); as in ReSi (Klabunde et al. 2025).
public struct JaccardKNN: SimilarityMetric {
  public let rule: NeighbourRule

  public init(_ rule: NeighbourRule = NeighbourRule()) { self.rule = rule }

  public var name: String { rule.name(of: "jaccard-knn") }
  public var conventions: String {
    "\(rule.conventions), intersection over union; 0 … 1, larger is more similar, chance is about "
      + "k/(2n)"
  }
  public var invariances: Set<Invariance> { rule.invariances }
  public let range = 0.0...1.0

  /// - Throws: as ``MutualKNN/prepare(_:)``.
  public func prepare(_ representation: Matrix) throws -> NeighbourLists {
    try NeighbourLists(of: representation, by: rule)
  }

  public func compare(_ x: NeighbourLists, _ y: NeighbourLists) throws -> Double {
    try x.mean(with: y) { sample in
      let shared = x.sharedCount(of: sample, with: y)
      return Double(shared) / Double(2 * rule.count - shared)
    }
  }
}

extension MetricEntry {
  static let jaccardKNN = MetricEntry(
    name: "jaccard-knn", summary: "Jaccard index of the sets of k nearest neighbours",
    parameters: NeighbourRule.parameters, cost: "n² d once per layer, n k per pair",
    source: "Schumacher et al. 2020; Klabunde et al. 2025 (ReSi)"
  ) { values in
    JaccardKNN(try NeighbourRule(ParameterReader(metric: "jaccard-knn", values: values)))
  }
}
