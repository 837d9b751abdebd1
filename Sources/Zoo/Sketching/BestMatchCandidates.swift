#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Two representations, the one with the smaller index first.
public struct RepresentationPair: Sendable, Hashable, Comparable {
  public let a: Int
  public let b: Int

  public init(_ a: Int, _ b: Int) {
    self.a = min(a, b)
    self.b = max(a, b)
  }

  public static func < (x: RepresentationPair, y: RepresentationPair) -> Bool {
    (x.a, x.b) < (y.a, y.b)
  }
}

extension SimilarityMatrix {
  /// The pairs that can still be the best match of a representation in another model.
  ///
  /// For a representation and the k representations of another model, one-sided limits at distance
  /// z = Φ⁻¹(1 − (1 − confidence)/k) hold for all k values at once with at least the confidence
  /// (Bonferroni, errors taken as normal). Then the true maximum is among those whose upper limit
  /// reaches the highest lower limit; these are the pairs. Whether they are estimated or exact already
  /// makes no difference, so that the pairs to be computed are those without an exact value.
  ///
  /// - Parameters:
  ///   - models: For each representation the index of its model.
  ///   - confidence: The probability, for each representation and model, that the best match is among
  ///     the pairs.
  /// - Returns: The pairs, in order, each once.
  /// - Precondition: Larger values are more similar.
  /// - Complexity: O(count²).
  public func bestMatchCandidates(
    models: [Int], confidence: Double = 0.99
  ) -> [RepresentationPair] {
    precondition(models.count == count, "\(models.count) models for \(count) representations")
    precondition(!isDistance, "the best match of a distance")
    precondition(confidence > 0 && confidence < 1, "a confidence of \(confidence)")
    let members = Dictionary(grouping: models.indices, by: { models[$0] })
    var pairs: Set<RepresentationPair> = []
    for (_, candidates) in members {
      let z = normalQuantile(1 - (1 - confidence) / Double(candidates.count))
      for a in models.indices where models[a] != models[candidates[0]] {
        let limits = candidates.compactMap { b in
          self[a, b].value.map { value in
            let margin = z * (standardError(a, b) ?? 0)
            return (b: b, low: value - margin, high: value + margin)
          }
        }
        guard let floor = limits.map(\.low).max() else { continue }
        for limit in limits where limit.high >= floor {
          pairs.insert(RepresentationPair(a, limit.b))
        }
      }
    }
    return pairs.sorted()
  }
}

/// The point that a standard normal variable stays below with this probability, by bisection to the
/// last digits.
func normalQuantile(_ probability: Double) -> Double {
  precondition(probability > 0 && probability < 1, "a probability of \(probability)")
  // Φ(±40) is 0 or 1 in double precision.
  var (low, high) = (-40.0, 40.0)
  while true {
    let middle = (low + high) / 2
    guard middle > low, middle < high else { return middle }
    if erfc(-middle / 2.0.squareRoot()) / 2 < probability { low = middle } else { high = middle }
  }
}
