extension Matrix {
  /// The matrix with the mean of each column subtracted.
  ///
  /// The mean is taken twice: what rounding left of a large offset after the first subtraction is
  /// removed by the second, so that an offset of 10⁶ costs no digits. A column that is constant up
  /// to the rounding of its mean (‖column − mean‖∞ ≤ n ε max|column|) becomes exactly zero.
  ///
  /// - Complexity: O(rows × columns), four passes along the rows.
  public func centered() -> Matrix {
    guard rows > 0, columns > 0 else { return self }
    var result = self
    var largest = [Double](repeating: 0, count: columns)
    result.elements.withUnsafeMutableBufferPointer { elements in
      for row in 0..<rows {
        for column in 0..<columns {
          largest[column] = Swift.max(largest[column], abs(elements[row * columns + column]))
        }
      }
      for _ in 0..<2 {
        var means = [Double](repeating: 0, count: columns)
        for row in 0..<rows {
          for column in 0..<columns { means[column] += elements[row * columns + column] }
        }
        for column in 0..<columns { means[column] /= Double(rows) }
        for row in 0..<rows {
          for column in 0..<columns { elements[row * columns + column] -= means[column] }
        }
      }
      var spread = [Double](repeating: 0, count: columns)
      for row in 0..<rows {
        for column in 0..<columns {
          spread[column] = Swift.max(spread[column], abs(elements[row * columns + column]))
        }
      }
      let tolerance = Double(rows) * Double.ulpOfOne
      for column in 0..<columns
      where spread[column] > 0 && spread[column] <= tolerance * largest[column] {
        for row in 0..<rows { elements[row * columns + column] = 0 }
      }
    }
    return result
  }

  /// The position of the first element that is NaN or infinite, if there is one.
  public func firstNonFinite() -> (row: Int, column: Int)? {
    guard let index = elements.firstIndex(where: { !$0.isFinite }) else { return nil }
    return (index / columns, index % columns)
  }

  /// The matrix multiplied by the power of two that brings its largest magnitude near 1.
  ///
  /// Exact: only exponents change (unless elements become subnormal, 10³⁰⁰ times smaller than the
  /// largest one). Fourth powers of the elements can then neither overflow nor vanish. A matrix
  /// whose largest magnitude is 0 or between 2⁻⁶⁴ and 2⁶⁴ is returned as it is.
  public func normalizedExponent() -> Matrix {
    let largest = elements.withUnsafeBufferPointer { elements in
      var largest = 0.0
      for element in elements { largest = Swift.max(largest, abs(element)) }
      return largest
    }
    guard !(0x1p-64...0x1p64).contains(largest) else { return self }
    guard largest > 0, largest.isFinite else { return self }
    // Two steps: the reciprocal of the smallest normal number would overflow.
    let exponent = Int(largest.exponent)
    let half = exponent / 2
    return scaled(by: Double(sign: .plus, exponent: -half, significand: 1))
      .scaled(by: Double(sign: .plus, exponent: -(exponent - half), significand: 1))
  }
}
