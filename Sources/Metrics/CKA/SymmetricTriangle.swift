import LinearAlgebra

/// A symmetric matrix with a diagonal of zeros, given by its strict upper triangle, row after row.
///
/// Its centred forms are packed so that the inner product of two vectors is the Frobenius inner
/// product of the matrices: elements off the diagonal, which stand for two, carry a factor √2.
struct SymmetricTriangle {
  let size: Int
  let elements: [Double]

  /// - Precondition: There are size(size − 1)/2 elements.
  init(size: Int, elements: [Double]) {
    precondition(elements.count == size * (size - 1) / 2, "\(elements.count) elements")
    self.size = size
    self.elements = elements
  }

  /// The values of `transform` for all squared distances between the rows of `points`.
  init(ofSquaredDistancesBetween points: Matrix, _ transform: (Double) -> Double = { $0 }) {
    let distances = SquaredDistances(between: points)
    var elements: [Double] = []
    elements.reserveCapacity(points.rows * (points.rows - 1) / 2)
    for tile in distances.tiles {
      let block = distances.distances(of: tile, toPointsFrom: tile.lowerBound)
      for row in 0..<block.rows { elements += block.row(row).dropFirst(row + 1).map(transform) }
    }
    self.init(size: points.rows, elements: elements)
  }

  func map(_ transform: (Double) -> Double) -> SymmetricTriangle {
    SymmetricTriangle(size: size, elements: elements.map(transform))
  }

  /// Aᵢⱼ − rᵢ − rⱼ + m with the row means r and the mean m, packed; the diagonal comes first.
  func doubleCentered() -> [Double] {
    let means = rowSums().map { $0 / Double(size) }
    let mean = means.reduce(0, +) / Double(size)
    return means.map { mean - 2 * $0 } + offDiagonal(means, mean)
  }

  /// Aᵢⱼ − rᵢ/(n − 2) − rⱼ/(n − 2) + t/((n − 1)(n − 2)) off the diagonal and 0 on it, with the row
  /// sums r and the total t, packed: U-centring (Székely & Rizzo 2014).
  ///
  /// - Precondition: The size is at least 3.
  func uCentered() -> [Double] {
    let n = Double(size)
    let means = rowSums().map { $0 / (n - 2) }
    return offDiagonal(means, means.reduce(0, +) / (n - 1))
  }

  private func rowSums() -> [Double] {
    var sums = [Double](repeating: 0, count: size)
    forEach { row, column, index in
      sums[row] += elements[index]
      sums[column] += elements[index]
    }
    return sums
  }

  private func offDiagonal(_ means: [Double], _ mean: Double) -> [Double] {
    let weight = 2.0.squareRoot()
    var centered = elements
    forEach { row, column, index in
      centered[index] = weight * (elements[index] - means[row] - means[column] + mean)
    }
    return centered
  }

  private func forEach(_ body: (_ row: Int, _ column: Int, _ index: Int) -> Void) {
    var index = 0
    for row in 0..<size {
      for column in row + 1..<max(size, row + 1) {
        body(row, column, index)
        index += 1
      }
    }
  }
}

extension MetricVector {
  /// The vector scaled to unit length.
  ///
  /// - Parameter size: The Frobenius norm before centring: what remains below the rounding error of
  ///   that is no direction.
  /// - Throws: ``MetricError/selfSimilarityNotPositive``.
  init(samples: Int, normalizing elements: [Double], size: Double) throws {
    let norm = dot(elements, elements).squareRoot()
    guard norm > Double(samples) * Double.ulpOfOne * size else {
      throw MetricError.selfSimilarityNotPositive
    }
    self.init(samples: samples, elements: elements.map { $0 / norm })
  }
}
