/// The part of a similarity matrix that earlier runs have found.
public struct KnownPairs: Sendable, Equatable {
  /// The known cells; the others are missing and say "not computed".
  public private(set) var matrix: SimilarityMatrix
  private var isKnown: [Bool]

  init(_ matrix: SimilarityMatrix) {
    self.matrix = matrix
    isKnown = Array(repeating: false, count: matrix.count * matrix.count)
  }

  /// What is known about representations `a` and `b`, or `nil`.
  public internal(set) subscript(a: Int, b: Int) -> SimilarityMatrix.Cell? {
    get { isKnown[a * matrix.count + b] ? matrix[a, b] : nil }
    set {
      guard let newValue else { return }
      matrix[a, b] = newValue
      isKnown[a * matrix.count + b] = true
      if matrix.isSymmetric { isKnown[b * matrix.count + a] = true }
    }
  }

  /// Whether nothing is left to compute.
  public var isComplete: Bool { !isKnown.contains(false) }

  /// The known cells, and those of `matrix` for the rest.
  public func completed(by matrix: SimilarityMatrix) -> SimilarityMatrix {
    var completed = matrix
    for a in 0..<matrix.count {
      for b in 0..<matrix.count { completed[a, b] = self[a, b] ?? matrix[a, b] }
    }
    return completed
  }

  /// The number of pairs (a, b) that are known, with a ≤ b for a symmetric metric.
  public var knownCount: Int { count { $0 } }

  /// The number of pairs that are not.
  public var unknownCount: Int { count { !$0 } }

  /// The representations that have a pair left to compute, in order. The others need not be prepared.
  public var needed: [Int] { (0..<matrix.count).filter { unknownPartners(of: $0) > 0 } }

  /// A few representations that have a part in every pair left to compute, in order: after one model
  /// was added to a zoo, the layers of that model.
  ///
  /// Comparing these with all of ``needed`` fills the matrix. They are chosen greedily, those with
  /// the most unknown pairs first.
  ///
  /// - Complexity: O(P²) for P representations, and O(P) more for each that is chosen.
  public var cover: [Int] {
    let count = matrix.count
    var open = (0..<count).map(unknownPartners)
    var chosen: [Int] = []
    while let next = open.indices.max(by: { (open[$0], $1) < (open[$1], $0) }), open[next] > 0 {
      chosen.append(next)
      for other in 0..<count
      where other != next && open[other] > 0 && isOpen(next, other) && !chosen.contains(other) {
        open[other] -= 1
      }
      open[next] = 0
    }
    return chosen.sorted()
  }

  private func isOpen(_ a: Int, _ b: Int) -> Bool {
    !isKnown[a * matrix.count + b] || !isKnown[b * matrix.count + a]
  }

  private func unknownPartners(of a: Int) -> Int {
    (0..<matrix.count).count { isOpen(a, $0) }
  }

  private func count(_ isWanted: (Bool) -> Bool) -> Int {
    (0..<matrix.count).reduce(0) { sum, a in
      sum
        + ((matrix.isSymmetric ? a : 0)..<matrix.count).count {
          isWanted(isKnown[a * matrix.count + $0])
        }
    }
  }
}
