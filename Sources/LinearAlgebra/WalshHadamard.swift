extension Matrix {
  /// The Walsh–Hadamard transform of every column: H · `self`, with Hₖᵢ = (−1)^popcount(k ∧ i).
  ///
  /// H is symmetric, and H · H = rows · 1. Additions and subtractions in a fixed order are all that
  /// happens, so that the bits are the same on every machine.
  ///
  /// - Precondition: The number of rows is a power of two.
  /// - Complexity: rows · log₂ rows · columns additions.
  public func walshHadamardTransformed() -> Matrix {
    precondition(
      rows > 0 && rows & (rows - 1) == 0, "\(rows) rows are no power of two")
    var result = self
    result.elements.withUnsafeMutableBufferPointer { elements in
      guard let base = elements.baseAddress else { return }
      var half = 1
      while half < rows {
        for start in stride(from: 0, to: rows, by: 2 * half) {
          // The rows of the two halves lie side by side.
          let (upper, lower) = (base + start * columns, base + (start + half) * columns)
          for index in 0..<half * columns {
            let (x, y) = (upper[index], lower[index])
            upper[index] = x + y
            lower[index] = x - y
          }
        }
        half *= 2
      }
    }
    return result
  }
}
