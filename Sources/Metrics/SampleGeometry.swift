import LinearAlgebra

extension Matrix {
  /// The matrix, not centred, scaled so that squares do not overflow, or the reason why no metric can
  /// use it.
  func validated(atLeast needed: Int) throws -> Matrix {
    _ = try standardized(atLeast: needed)
    return normalizedExponent()
  }

  /// The matrix with every row scaled to unit length.
  ///
  /// - Throws: ``MetricError/undefinedSample(_:_:)`` with `reason` for a row of zeros.
  func withUnitRows(orElse reason: String) throws -> Matrix {
    var scaled: [Double] = []
    scaled.reserveCapacity(elements.count)
    for index in 0..<rows {
      // Twice: the first brings the squares into the range of the exponents.
      let row = Matrix(rows: 1, columns: columns, elements: Array(row(index)))
        .normalizedExponent()
      let norm = row.squaredFrobeniusNorm().squareRoot()
      guard norm > 0 else { throw MetricError.undefinedSample(index, reason) }
      for element in row.elements { scaled.append(element / norm) }
    }
    return Matrix(rows: rows, columns: columns, elements: scaled)
  }
}

/// The squared Euclidean distances between the rows of a matrix, a tile at a time.
///
///     ‖xᵢ − xⱼ‖² = ‖xᵢ‖² + ‖xⱼ‖² − 2 ⟨xᵢ, xⱼ⟩
///
/// by one matrix product per tile, the points shifted so that their mean is the origin: what they have
/// in common would only cost digits. Where the terms cancel to less than 2⁻⁸ of their sum – for points
/// that nearly coincide – from the differences of the coordinates, so that some 44 of the 53 bits are
/// right and equal points are at distance 0.
///
/// - Complexity: O(n² d) for all tiles.
struct SquaredDistances {
  let points: Matrix
  private let transposed: Matrix
  private let squaredNorms: [Double]

  init(between points: Matrix) {
    self.points = points.centered()
    transposed = self.points.transposed()
    squaredNorms = self.points.squaredRowNorms()
  }

  /// The numbers of the rows, cut into tiles that keep a product in the cache.
  var tiles: [Range<Int>] {
    stride(from: 0, to: points.rows, by: 256).map { $0..<min($0 + 256, points.rows) }
  }

  /// The distances of the points in `tile` to the point `first` and all that follow it.
  func distances(of tile: Range<Int>, toPointsFrom first: Int = 0) -> Matrix {
    let features = 0..<points.columns
    let others =
      first == 0 ? transposed : transposed.block(rows: features, columns: first..<points.rows)
    let products = transposed.block(rows: features, columns: tile).transposeTimes(others)
    return Matrix(rows: tile.count, columns: points.rows - first) { row, column in
      let (i, j) = (tile.lowerBound + row, first + column)
      let sum = squaredNorms[i] + squaredNorms[j]
      let distance = sum - 2 * products[row, column]
      return distance >= sum * 0x1p-8 ? distance : fromCoordinates(i, j)
    }
  }

  private func fromCoordinates(_ i: Int, _ j: Int) -> Double {
    var sum = 0.0
    for (a, b) in zip(points.row(i), points.row(j)) { sum += (a - b) * (a - b) }
    return sum
  }
}

extension Double {
  /// The number rounded to 38 significant bits, for putting distances in order.
  ///
  /// Distances that are equal by arithmetic, as between quantised activations, come out of
  /// ``SquaredDistances`` with different last bits, which depend on the order of features and samples.
  /// Rounded, they tie again. The upper part of Veltkamp's splitting with 2¹⁵ + 1.
  var roundedForOrder: Double {
    let shifted = self * 0x1.0002p15
    return shifted - (shifted - self)
  }
}
