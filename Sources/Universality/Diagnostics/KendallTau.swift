/// Kendall's rank correlation τ_b, ties allowed for; `nil` when one side is all ties.
///
/// - Complexity: O(n²).
func kendallTau(_ x: [Double], _ y: [Double]) -> Double? {
  var (balance, untiedX, untiedY) = (0, 0, 0)
  for a in x.indices {
    for b in 0..<a {
      let signX = x[a] < x[b] ? -1 : x[a] > x[b] ? 1 : 0
      let signY = y[a] < y[b] ? -1 : y[a] > y[b] ? 1 : 0
      balance += signX * signY
      untiedX += signX * signX
      untiedY += signY * signY
    }
  }
  guard untiedX > 0, untiedY > 0 else { return nil }
  return Double(balance) / (Double(untiedX) * Double(untiedY)).squareRoot()
}
