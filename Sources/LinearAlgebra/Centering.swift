extension Matrix {
  /// The matrix with the mean of each column subtracted.
  ///
  /// The mean is taken twice: what rounding left of a large offset after the first subtraction is
  /// removed by the second, so that an offset of 10⁶ costs no digits. A column that is constant up
  /// to the rounding of its mean (‖column − mean‖∞ ≤ n ε max|column|) becomes exactly zero.
  ///
  /// - Complexity: O(rows × columns), four passes along the rows.
  public func centered() -> Matrix { centeredWithEnergy().matrix }

  /// The centred matrix and the sum of its squared elements.
  ///
  /// Three passes along the rows; column-wise passes would be twenty times slower.
  public func centeredWithEnergy() -> (matrix: Matrix, energy: Double) {
    guard rows > 0, columns > 0 else { return (self, 0) }
    var result = self
    var energy = 0.0
    var hasZeroed = false
    // Per column: the sum, the largest magnitude before and after centring.
    var workspace = [Double](repeating: 0, count: 3 * columns)
    result.elements.withUnsafeMutableBufferPointer { elements in
      workspace.withUnsafeMutableBufferPointer { workspace in
        guard let element = elements.baseAddress, let sums = workspace.baseAddress else { return }
        let (largest, spread) = (sums + columns, sums + 2 * columns)
        for row in 0..<rows {
          let values = element + row * columns
          for column in 0..<columns {
            let value = values[column]
            sums[column] += value
            largest[column] = Swift.max(largest[column], abs(value))
          }
        }
        var means = (0..<columns).map { sums[$0] / Double(rows) }
        sums.update(repeating: 0, count: columns)
        for row in 0..<rows {
          let values = element + row * columns
          for column in 0..<columns {
            let value = values[column] - means[column]
            values[column] = value
            sums[column] += value
          }
        }
        // What rounding left of the mean.
        means = (0..<columns).map { sums[$0] / Double(rows) }
        for row in 0..<rows {
          let values = element + row * columns
          var sum = 0.0
          for column in 0..<columns {
            let value = values[column] - means[column]
            values[column] = value
            spread[column] = Swift.max(spread[column], abs(value))
            sum += value * value
          }
          energy += sum
        }
        let tolerance = Double(rows) * Double.ulpOfOne
        let constant = (0..<columns).filter {
          spread[$0] > 0 && spread[$0] <= tolerance * largest[$0]
        }
        for column in constant {
          for row in 0..<rows { element[row * columns + column] = 0 }
        }
        hasZeroed = !constant.isEmpty
      }
    }
    return (result, hasZeroed ? result.squaredFrobeniusNorm() : energy)
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
