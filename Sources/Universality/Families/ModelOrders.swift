import LinearAlgebra

/// The orders of models behind every permutation test of a zoo: the same ones for all tests, so that
/// their p-values go together.
///
/// Models are reordered, never pairs: the entries of a distance matrix that share a model depend on each
/// other. All n! orders where there are at most 7 models, else random ones.
struct ModelOrders: Sendable {
  let orders: [[Int]]
  /// Whether these are all orders, so that p-values are exact.
  let areAll: Bool

  /// 7! = 5040.
  private static let mostEnumerated = 7

  init(of models: Int, draws: Int, seed: UInt64) {
    areAll = models <= Self.mostEnumerated
    orders =
      areAll
      ? Self.all(Array(0..<models))
      : (0..<draws).map { draw in
        var generator = SeededGenerator(seed: seed, stream: RandomStream.modelOrders + UInt64(draw))
        return generator.permutation(of: models)
      }
  }

  /// The share of orders whose statistic is at least the observed one. Among random orders the observed
  /// one counts as one more (Phipson & Smyth 2010), so that p is never 0;
  /// among all orders it is counted already.
  func pValue(of observed: Double, _ statistic: ([Int]) -> Double) -> Double {
    // Equivalent orders take different ways through the arithmetic.
    let bound = observed - 1e-9 * max(1, abs(observed))
    let reached = orders.count { statistic($0) >= bound }
    return areAll
      ? Double(max(1, reached)) / Double(orders.count)
      : Double(reached + 1) / Double(orders.count + 1)
  }

  private static func all(_ items: [Int]) -> [[Int]] {
    guard items.count > 1 else { return [items] }
    return items.indices.flatMap { index in
      var rest = items
      let item = rest.remove(at: index)
      return all(rest).map { [item] + $0 }
    }
  }
}

extension RandomStream {
  static let modelOrders: UInt64 = 4 << 32
}
