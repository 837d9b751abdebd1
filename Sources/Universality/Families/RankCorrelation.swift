/// Spearman's rank correlation: that of the ranks, ties at their mean rank. `nil` when one side is all
/// ties.
///
/// - Complexity: O(n log n).
func spearmanRho(_ x: [Double], _ y: [Double]) -> Double? {
  func centered(_ values: [Double]) -> [Double] {
    let middle = Double(values.count + 1) / 2
    return averageRanks(values).map { $0 - middle }
  }
  return cosine(centered(x), centered(y))
}

/// The ranks of values from 1, those of equal values averaged.
func averageRanks(_ values: [Double]) -> [Double] {
  let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
  var ranks = [Double](repeating: 0, count: values.count)
  var start = 0
  while start < order.count {
    var end = start
    while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
    for place in start..<end { ranks[order[place]] = Double(start + end + 1) / 2 }
    start = end
  }
  return ranks
}

/// The cosine of the angle between two vectors; `nil` where one of them is 0.
func cosine(_ x: [Double], _ y: [Double]) -> Double? {
  let (xx, yy) = (x.reduce(0) { $0 + $1 * $1 }, y.reduce(0) { $0 + $1 * $1 })
  guard xx > 0, yy > 0 else { return nil }
  let xy = zip(x, y).reduce(0) { $0 + $1.0 * $1.1 }
  return min(1, max(-1, xy / (xx * yy).squareRoot()))
}
