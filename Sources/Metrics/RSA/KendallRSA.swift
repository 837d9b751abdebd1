public import LinearAlgebra

/// Representational similarity analysis with Kendall's rank correlation τ_a.
///
///     τ_a(X, Y) = (C − D) / (m(m − 1)/2),   m = n(n − 1)/2
///
/// where C counts the pairs of dissimilarities that are in the same order in both representations and
/// D those in opposite order; a pair that is tied in either counts in neither. 1: the same order and no
/// ties. 0: as many agree as disagree. With ties no representation reaches 1, not even with itself,
/// and a model that predicts ties gains nothing by it.
///
/// - Numerics: dissimilarities tie where 38 bits agree. D is counted in integers, by merge sort;
///   C = m(m − 1)/2 − D − ties.
/// - Complexity: O(n² d) to prepare, O(n² log n) per pair.
/// - Source: Kendall (1938); for RSA, Nili et al. (2014). Counting: Knight (JASA 1966).
public struct KendallRSA: SimilarityMetric {
  /// The order of the dissimilarities of one representation.
  public struct Ranking: Sendable {
    let samples: Int
    /// Equal dissimilarities have the same rank, counted from 0 without gaps.
    let ranks: [Int32]
    /// The places in ascending order of rank.
    let order: [Int32]
    let tiedPairs: Int
  }

  public let dissimilarity: Dissimilarity

  public init(dissimilarity: Dissimilarity = .correlation) { self.dissimilarity = dissimilarity }

  public var name: String {
    specification("rsa", rsaParameters(dissimilarity, comparison: "kendall"))
  }
  public var conventions: String {
    "\(dissimilarity.rawValue) dissimilarities of raw rows, upper triangle, Kendall's τ_a; "
      + "−1 … 1, chance is 0, larger is more similar"
  }
  public var invariances: Set<Invariance> { dissimilarity.invariances }
  public let range = -1.0...1.0
  /// 1, less the share of tied pairs.
  public let selfValue: Double? = nil

  /// - Throws: as ``RSA/prepare(_:)``.
  public func prepare(_ representation: Matrix) throws -> Ranking {
    let dissimilarities = try dissimilarity.varyingUpperTriangle(of: representation)
      .map(\.roundedForOrder)
    let order = dissimilarities.ascendingOrder()
    var ranks = [Int32](repeating: 0, count: order.count)
    var (rank, tiedPairs) = (Int32(0), 0)
    dissimilarities.forEachTiedStretch(in: order) { stretch in
      for place in stretch { ranks[Int(order[place])] = rank }
      rank += 1
      tiedPairs += pairCount(stretch.count)
    }
    return Ranking(
      samples: representation.rows, ranks: ranks, order: order, tiedPairs: tiedPairs)
  }

  public func compare(_ x: Ranking, _ y: Ranking) throws -> Double {
    guard x.samples == y.samples else { throw MetricError.sampleCountsDiffer(x.samples, y.samples) }
    // y in the order of x, and ascending where x is tied: what is then out of order is discordant.
    var sequence = x.order.map { y.ranks[Int($0)] }
    var tiedInBoth = 0
    var start = 0
    while start < sequence.count {
      let rank = x.ranks[Int(x.order[start])]
      var end = start + 1
      while end < sequence.count, x.ranks[Int(x.order[end])] == rank { end += 1 }
      if end > start + 1 {
        sequence[start..<end].sort()
        tiedInBoth += tiedPairs(inAscending: sequence[start..<end])
      }
      start = end
    }
    let discordant = inversions(sortingAway: &sequence)
    let untied = pairCount(x.ranks.count) - x.tiedPairs - y.tiedPairs + tiedInBoth
    return Double(untied - 2 * discordant) / Double(pairCount(x.ranks.count))
  }
}

private func pairCount(_ count: Int) -> Int { count * (count - 1) / 2 }

private func tiedPairs(inAscending ranks: ArraySlice<Int32>) -> Int {
  var (pairs, equal) = (0, 0)
  for (previous, next) in zip(ranks, ranks.dropFirst()) {
    equal = previous == next ? equal + 1 : 0
    pairs += equal
  }
  return pairs
}

/// The number of pairs that are out of order, found while a bottom-up merge sort puts them in order.
private func inversions(sortingAway sequence: inout [Int32]) -> Int {
  let count = sequence.count
  var merged = sequence
  var (inversions, width) = (0, 1)
  while width < count {
    for start in stride(from: 0, to: count, by: 2 * width) {
      let (middle, end) = (min(start + width, count), min(start + 2 * width, count))
      var (left, right) = (start, middle)
      for place in start..<end {
        if left < middle, right >= end || sequence[left] <= sequence[right] {
          merged[place] = sequence[left]
          left += 1
        } else {
          merged[place] = sequence[right]
          right += 1
          // It overtakes everything that is left of the first half.
          inversions += middle - left
        }
      }
    }
    swap(&sequence, &merged)
    width *= 2
  }
  return inversions
}
