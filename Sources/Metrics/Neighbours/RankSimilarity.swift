public import LinearAlgebra

/// How well the shared nearest neighbours keep their ranks.
///
///     RS(X, Y) = 1/n Σᵢ 1/H(mᵢ) Σ_{j ∈ Sᵢ} 2 / ((1 + |r_X(j) − r_Y(j)|) (r_X(j) + r_Y(j)))
///
/// with Sᵢ = N_X(i) ∩ N_Y(i) the shared among the k nearest neighbours of sample i, mᵢ their number,
/// r(j) the rank of j among the neighbours of i in one representation (1 is the nearest) and
/// H(m) = 1 + 1/2 + … + 1/m, the largest value of the inner sum. 1: the same neighbours in the same
/// order. A sample without shared neighbours counts 0. Near neighbours weigh more than far ones; how
/// **many** are shared hardly matters, which ``MutualKNN`` measures.
///
/// - Numerics: see ``NeighbourLists`` for ties.
/// - Complexity: O(n² d) to prepare, O(n k) per pair.
/// - Source: Wang et al. (TKDE 2022); as in ReSi (Klabunde et al. 2025).
public struct RankSimilarity: SimilarityMetric {
  public let rule: NeighbourRule

  public init(_ rule: NeighbourRule = NeighbourRule()) { self.rule = rule }

  public var name: String { rule.name(of: "rank-similarity") }
  public var conventions: String {
    "\(rule.conventions), ranks of the shared ones; 0 … 1, larger is more similar, chance is above 0"
  }
  public var invariances: Set<Invariance> { rule.invariances }
  public let range = 0.0...1.0

  /// - Throws: as ``MutualKNN/prepare(_:)``.
  public func prepare(_ representation: Matrix) throws -> NeighbourLists {
    try NeighbourLists(of: representation, by: rule)
  }

  public func compare(_ x: NeighbourLists, _ y: NeighbourLists) throws -> Double {
    try x.mean(with: y) { sample in
      var (sum, harmonic, shared) = (0.0, 0.0, 0.0)
      x.forEachShared(of: sample, with: y) { here, there in
        let (rank, other) = (Double(x.ranks[here]), Double(y.ranks[there]))
        sum += 2 / ((1 + abs(rank - other)) * (rank + other))
        shared += 1
        harmonic += 1 / shared
      }
      return shared > 0 ? sum / harmonic : 0
    }.clampedAgainstRounding(to: range)
  }
}

extension MetricEntry {
  static let rankSimilarity = MetricEntry(
    name: "rank-similarity", summary: "Agreement of the ranks of the nearest neighbours in common",
    parameters: NeighbourRule.parameters, cost: "n² d once per layer, n k per pair",
    source: "Wang et al. 2022; Klabunde et al. 2025 (ReSi)"
  ) { values in
    RankSimilarity(try NeighbourRule(ParameterReader(metric: "rank-similarity", values: values)))
  }
}
