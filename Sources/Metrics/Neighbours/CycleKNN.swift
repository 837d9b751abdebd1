public import LinearAlgebra

/// The share of samples that find back to themselves through both neighbourhoods.
///
///     cycle(X, Y) = 1/n #{ i : i ∈ N_X(j) for some j ∈ N_Y(i) }
///
/// with N(i) the k samples nearest to sample i: one step to a neighbour in Y, a second to one of its
/// neighbours in X. 1: every sample returns. 0: none does. A representation need not return to itself
/// – being a neighbour is not mutual – so that the value with itself depends on the representation.
/// Chance is 1 − (1 − k/(n − 1))^k, near k²/n.
///
/// The two sides have different roles: `compare(x, y)` steps out in y and back in x.
///
/// - Numerics: see ``NeighbourLists`` for ties.
/// - Complexity: O(n² d) to prepare, O(n k log k) per pair.
/// - Source: `cycle_knn` in the code of Huh, Cheung, Wang & Isola (ICML 2024).
public struct CycleKNN: SimilarityMetric {
  public let rule: NeighbourRule

  public init(_ rule: NeighbourRule = NeighbourRule()) { self.rule = rule }

  public var name: String { rule.name(of: "cycle-knn") }
  public var conventions: String {
    "\(rule.conventions), out in the second and back in the first; 0 … 1, larger is more similar, "
      + "chance is about k²/n"
  }
  public var invariances: Set<Invariance> { rule.invariances }
  public let range = 0.0...1.0
  public let selfValue: Double? = nil
  public let isSymmetric = false

  /// - Throws: as ``MutualKNN/prepare(_:)``.
  public func prepare(_ representation: Matrix) throws -> NeighbourLists {
    try NeighbourLists(of: representation, by: rule)
  }

  public func compare(_ x: NeighbourLists, _ y: NeighbourLists) throws -> Double {
    try x.mean(with: y) { sample in
      y.neighbours(of: sample).contains { x.contains(sample, among: Int($0)) } ? 1 : 0
    }
  }
}

extension MetricEntry {
  static let cycleKNN = MetricEntry(
    name: "cycle-knn",
    summary: "Share of samples that return to themselves over a neighbour in each layer",
    parameters: NeighbourRule.parameters, cost: "n² d once per layer, n k log k per pair",
    source: "Code of Huh, Cheung, Wang & Isola 2024"
  ) { values in
    CycleKNN(try NeighbourRule(ParameterReader(metric: "cycle-knn", values: values)))
  }
}
