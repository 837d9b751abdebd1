import Metrics

/// The pairs of a run that are left to compute: all of them, unless earlier runs have found some.
struct OpenPairs: Sendable {
  /// The representations that have an open pair (or all), in order.
  let members: [Int]
  /// Representations of which each open pair has one; `nil` where all pairs are open.
  let cover: Set<Int>?
  private let known: [KnownPairs]

  /// The pairs that are open under any of several metrics.
  ///
  /// - Parameters:
  ///   - known: What is known under each metric; empty when nothing is.
  ///   - preparesAll: Whether all are members, because something else is wanted of them.
  init(count: Int, known: [KnownPairs], preparesAll: Bool = false) {
    guard !known.isEmpty, known.allSatisfy({ $0.knownCount > 0 }) else {
      members = Array(0..<count)
      cover = nil
      self.known = []
      return
    }
    members = preparesAll ? Array(0..<count) : Set(known.flatMap(\.needed)).sorted()
    cover = Set(known.flatMap(\.cover))
    self.known = known
  }

  /// Whether pair (a, b) is open, in this order or (where the order does not matter) in either.
  func contains(_ a: Int, _ b: Int) -> Bool {
    known.isEmpty || known.contains { $0[a, b] == nil }
  }
}
