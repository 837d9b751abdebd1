public import LinearAlgebra

/// Whether the angles between a sample and its neighbours agree.
///
///     SOC(X, Y) = 1/n Σᵢ cos(s_X(i), s_Y(i)),   s(i) = (cos(xᵢ, xⱼ))  for j ∈ N_X(i) ∪ N_Y(i)
///
/// with N(i) the k samples nearest to sample i by the cosine. 1: up to one factor per sample, the
/// cosines to the neighbours of either representation agree. Chance is far above 0 wherever the
/// cosines in a neighbourhood are all positive.
///
/// - Numerics: `entries = similarity` is the definition; with `distance` the vectors hold
///   1 − cos = ½ ‖u − v‖² as in the code of ReSi, from the differences of unit vectors. Only the
///   cosines of neighbours are computed: no n × n matrix is stored.
/// - Complexity: O(n² d) to prepare, O(n k d) per pair.
/// - Source: Hamilton, Leskovec & Jurafsky (EMNLP 2016, "Cultural shift or linguistic drift?"); in ReSi
///   (Klabunde et al. 2025).
public struct SecondOrderCosine: SimilarityMetric {
  /// What is compared for each neighbour.
  public enum Entries: String, Sendable, CaseIterable {
    case similarity, distance
  }

  /// Unit vectors and neighbours of one representation.
  public struct Prepared: Sendable {
    let directions: Matrix
    let lists: NeighbourLists
  }

  public let rule: NeighbourRule
  public let entries: Entries

  /// - Precondition: the rule is one of angles.
  public init(_ rule: NeighbourRule = NeighbourRule(), entries: Entries = .similarity) {
    precondition(rule.nearness == .cosine, "second-order cosine of Euclidean neighbours")
    self.rule = rule
    self.entries = entries
  }

  public var name: String {
    rule.name(of: "second-order-cosine", [("entries", entries.rawValue, "similarity")])
  }
  public var conventions: String {
    "\(rule.conventions), cosine \(entries.rawValue) to the neighbours of either; "
      + "\(entries == .similarity ? "−1" : "0") … 1, larger is more similar, chance is above 0"
  }
  public var invariances: Set<Invariance> { rule.invariances }
  public var range: ClosedRange<Double> { entries == .similarity ? -1...1 : 0...1 }

  /// - Throws: as ``MutualKNN/prepare(_:)``.
  public func prepare(_ representation: Matrix) throws -> Prepared {
    Prepared(
      directions: try rule.points(of: representation),
      lists: try NeighbourLists(of: representation, by: rule))
  }

  /// - Throws: ``MetricError/undefinedSample(_:_:)`` for a sample with all its neighbours at a right
  ///   angle (similarity) or in its own direction (distance).
  public func compare(_ x: Prepared, _ y: Prepared) throws -> Double {
    try x.lists.mean(with: y.lists) { sample in
      let union = Set(x.lists.neighbours(of: sample)).union(y.lists.neighbours(of: sample)).sorted()
      let first = union.map { entry(x.directions, sample, Int($0)) }
      let second = union.map { entry(y.directions, sample, Int($0)) }
      let norms = (dot(first, first) * dot(second, second)).squareRoot()
      guard norms > 0 else {
        throw MetricError.undefinedSample(
          sample, "every \(entries.rawValue) to its neighbours is zero")
      }
      return dot(first, second) / norms
    }.clampedAgainstRounding(to: range)
  }

  private func entry(_ directions: Matrix, _ i: Int, _ j: Int) -> Double {
    let pairs = zip(directions.row(i), directions.row(j))
    switch entries {
    case .similarity: return pairs.reduce(0) { $0 + $1.0 * $1.1 }
    case .distance: return pairs.reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / 2
    }
  }
}

extension MetricEntry {
  static let secondOrderCosine = MetricEntry(
    name: "second-order-cosine",
    summary: "Agreement of the cosines between a sample and its nearest neighbours",
    parameters: NeighbourRule.angularParameters + [
      Parameter(
        name: "entries", defaultValue: "similarity", values: "similarity | distance",
        meaning: "cosines, as defined, or 1 − cosine, as in the code of ReSi")
    ],
    cost: "n² d once per layer, n k d per pair",
    source: "Hamilton, Leskovec & Jurafsky 2016; Klabunde et al. 2025 (ReSi)"
  ) { values in
    let reader = ParameterReader(metric: "second-order-cosine", values: values)
    return SecondOrderCosine(
      try NeighbourRule(reader),
      entries: try reader.choice("entries", default: SecondOrderCosine.Entries.similarity))
  }
}
