public import LinearAlgebra

/// Centred kernel nearest-neighbour alignment: unbiased CKA of the Gram matrices, restricted to shared
/// neighbours.
///
///     CKNNA(X, Y) = A(X, Y) / (√(A(X, X) A(Y, Y)) + ε),   A(X, Y) = HSIC₁(α ∘ K, α ∘ L),
///     HSIC₁(P, Q) = [tr(PQ) + (1ᵀP1)(1ᵀQ1)/((n − 1)(n − 2)) − 2/(n − 2) 1ᵀPQ1] / (n(n − 3))
///
/// with K and L the cosines between samples, zero on the diagonal, and αᵢⱼ = 1 where j is among the k
/// samples nearest to i in **both** representations. 1: the same neighbours at the same cosines. 0:
/// what is expected of unrelated neighbourhoods; negative values occur. As k grows to n − 1 this becomes
/// unbiased CKA of the cosines.
///
/// Being a neighbour is not mutual, so that α ∘ K is not symmetric and 1ᵀPQ1 ≠ 1ᵀQP1: the value depends
/// on the order of the two sides, in the published code as here. It is kept as the definition of record.
///
/// - Numerics: ε is 0; the published code adds 10⁻⁶, which `epsilon` reproduces at the price of a value
///   with itself below 1. Sums over the n k neighbours only.
/// - Complexity: O(n² d) to prepare, O(n k log k) per pair.
/// - Source: Huh, Cheung, Wang & Isola (ICML 2024) and its code, `cknna` with `unbiased=True`.
public struct CKNNA: SimilarityMetric {
  /// Neighbours and the cosines to them.
  public struct Prepared: Sendable {
    let lists: NeighbourLists
    /// The cosine to each neighbour, in the order of the lists.
    let cosines: [Double]
    /// A(X, X).
    let selfAlignment: Double
  }

  public let rule: NeighbourRule
  /// What is added to the denominator.
  public let epsilon: Double

  /// - Precondition: the rule is one of angles with at least 2 neighbours; ε is not negative.
  public init(_ rule: NeighbourRule = NeighbourRule(), epsilon: Double = 0) {
    precondition(rule.nearness == .cosine && rule.count >= 2, "CKNNA needs 2 neighbours by angle")
    precondition(epsilon >= 0, "ε = \(epsilon)")
    self.rule = rule
    self.epsilon = epsilon
  }

  public var name: String { rule.name(of: "cknna", [("epsilon", "\(epsilon)", "0.0")]) }
  public var conventions: String {
    "\(rule.conventions), unbiased HSIC over shared neighbours, \(epsilon) added to the denominator; "
      + "larger is more similar, chance is 0, negative values are not clipped"
  }
  public var invariances: Set<Invariance> { rule.invariances }
  /// A(X, Y) is no inner product: no bound holds for the ratio.
  public let range = -Double.infinity...Double.infinity
  public var selfValue: Double? { epsilon == 0 ? 1 : nil }
  public let isSymmetric = false

  /// - Throws: ``MetricError/selfSimilarityNotPositive`` and as ``MutualKNN/prepare(_:)``.
  public func prepare(_ representation: Matrix) throws -> Prepared {
    let lists = try NeighbourLists(of: representation, by: rule)
    let directions = try rule.points(of: representation)
    let cosines = (0..<lists.samples).flatMap { sample in
      lists.neighbours(of: sample).map { neighbour in
        zip(directions.row(sample), directions.row(Int(neighbour))).reduce(0) { $0 + $1.0 * $1.1 }
      }
    }
    let selfAlignment = alignment((lists, cosines), (lists, cosines))
    guard selfAlignment > 0 else { throw MetricError.selfSimilarityNotPositive }
    return Prepared(lists: lists, cosines: cosines, selfAlignment: selfAlignment)
  }

  public func compare(_ x: Prepared, _ y: Prepared) throws -> Double {
    guard x.lists.samples == y.lists.samples else {
      throw MetricError.sampleCountsDiffer(x.lists.samples, y.lists.samples)
    }
    return alignment((x.lists, x.cosines), (y.lists, y.cosines))
      / ((x.selfAlignment * y.selfAlignment).squareRoot() + epsilon)
  }

  /// A(X, Y).
  private func alignment(
    _ x: (lists: NeighbourLists, cosines: [Double]), _ y: (lists: NeighbourLists, cosines: [Double])
  ) -> Double {
    let n = x.lists.samples
    // tr(PQ) takes Pᵢⱼ with Qⱼᵢ: both directions must be in the mask.
    var (trace, sum, otherSum) = (0.0, 0.0, 0.0)
    var columnSums = [Double](repeating: 0, count: n)
    var otherRowSums = [Double](repeating: 0, count: n)
    for i in 0..<n {
      x.lists.forEachShared(of: i, with: y.lists) { here, there in
        let j = Int(x.lists.neighbours[here])
        sum += x.cosines[here]
        otherSum += y.cosines[there]
        columnSums[j] += x.cosines[here]
        otherRowSums[i] += y.cosines[there]
        if x.lists.contains(i, among: j), let back = y.lists.place(of: i, among: j) {
          trace += x.cosines[here] * y.cosines[back]
        }
      }
    }
    let m = Double(n)
    let paths = dot(columnSums, otherRowSums)
    return (trace + sum * otherSum / ((m - 1) * (m - 2)) - 2 / (m - 2) * paths) / (m * (m - 3))
  }
}

extension MetricEntry {
  static let cknna = MetricEntry(
    name: "cknna", summary: "Unbiased CKA of the cosines, restricted to shared nearest neighbours",
    parameters: NeighbourRule.angularParameters + [
      Parameter(
        name: "epsilon", defaultValue: "0", values: "ε ≥ 0",
        meaning: "added to the denominator; 1e-6 in the published code")
    ],
    cost: "n² d once per layer, n k log k per pair", source: "Huh, Cheung, Wang & Isola 2024"
  ) { values in
    let reader = ParameterReader(metric: "cknna", values: values)
    _ = try reader.integer("k", default: 10, atLeast: 2)
    return CKNNA(
      try NeighbourRule(reader),
      epsilon: try reader.number("epsilon", allowed: "ε ≥ 0") { $0 >= 0 && $0.isFinite } ?? 0)
  }
}
