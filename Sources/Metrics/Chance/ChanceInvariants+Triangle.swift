import LinearAlgebra

/// What the elements of a packed symmetric matrix are, so that the inner product of two vectors is T.
enum TrianglePacking {
  /// The diagonal, then the strict upper triangle times √2, of a matrix with centred rows.
  case doubleCentered
  /// The strict upper triangle times √2, of a matrix with a diagonal of zeros and rows that sum to 0.
  case uCentered
  /// The strict upper triangle of a matrix with a diagonal of zeros and any rows.
  case hollow
}

extension ChanceInvariants {
  /// Of a symmetric matrix that is given element by element.
  ///
  /// - Complexity: O(n³) for the one product behind tr U³; two n × n matrices while it runs.
  init(of vector: MetricVector, packedAs packing: TrianglePacking) throws {
    try self.init(samples: vector.samples)
    var triangle: UCentredTriangle
    switch packing {
    case .uCentered:
      triangle = UCentredTriangle(
        size: samples, elements: vector.elements.map { $0 * 0.5.squareRoot() })
    case .doubleCentered:
      triangle = UCentredTriangle(
        size: samples,
        elements: vector.elements.dropFirst(samples).map { $0 * 0.5.squareRoot() })
      takeDiagonal(Array(vector.elements.prefix(samples)), outOf: &triangle)
    case .hollow:
      triangle = UCentredTriangle(
        size: samples, elements: vector.elements.map { $0 * 0.5.squareRoot() })
      takeRows(outOf: &triangle)
    }
    add(vector: triangle.vector)
    for row in 0..<samples { add(triangle.sums(ofRow: row)) }
    triangles = triangle.cubeTrace()
  }

  /// Takes A₀ and A_v out of a centred matrix with this diagonal (the formulas of ``init(gramOf:isUCentred:)``).
  private mutating func takeDiagonal(
    _ diagonal: [Double], outOf triangle: inout UCentredTriangle
  ) {
    let n = Double(samples)
    let trace = diagonal.reduce(0, +)
    let alpha = trace / (n - 1)
    let deviations = diagonal.map { $0 - (1 - 1 / n) * alpha }
    constant = trace / (n - 1).squareRoot()
    triangle.add(shifts: deviations.map { (alpha / 2 + $0 / (1 - 2 / n)) / n })
    triangle.vector = deviations.map { $0 * (n / (n - 2)).squareRoot() }
  }

  /// Takes A₀, the mean of all elements off the diagonal, and A_v, the sums rᵢ + rⱼ of row effects, out
  /// of a matrix with a diagonal of zeros: v = √(2(n − 2)) r.
  private mutating func takeRows(outOf triangle: inout UCentredTriangle) {
    let n = Double(samples)
    let rows = triangle.rowSums()
    let total = rows.reduce(0, +)
    let mean = total / (n * (n - 1))
    let effects = rows.map { ($0 - (n - 1) * mean) / (n - 2) }
    constant = total / (n * (n - 1)).squareRoot()
    triangle.add(shifts: effects.map { -mean / 2 - $0 })
    triangle.vector = effects.map { $0 * (2 * (n - 2)).squareRoot() }
  }
}

/// U by its strict upper triangle, with v beside it.
private struct UCentredTriangle {
  let size: Int
  private var elements: [Double]
  var vector: [Double]

  init(size: Int, elements: [Double]) {
    precondition(elements.count == size * (size - 1) / 2, "\(elements.count) elements")
    self.size = size
    self.elements = elements
    vector = Array(repeating: 0, count: size)
  }

  /// Where row `row` begins: its elements are those of the columns after `row`.
  private func start(ofRow row: Int) -> Int { row * (2 * size - row - 1) / 2 }

  mutating func add(shifts: [Double]) {
    for row in 0..<size {
      let offset = start(ofRow: row) - row - 1
      for column in row + 1..<max(size, row + 1) {
        elements[offset + column] += shifts[row] + shifts[column]
      }
    }
  }

  func rowSums() -> [Double] {
    var sums = [Double](repeating: 0, count: size)
    for row in 0..<size {
      let offset = start(ofRow: row) - row - 1
      for column in row + 1..<max(size, row + 1) {
        sums[row] += elements[offset + column]
        sums[column] += elements[offset + column]
      }
    }
    return sums
  }

  func sums(ofRow row: Int) -> SymmetricSums {
    var sums = SymmetricSums()
    let offset = start(ofRow: row) - row - 1
    for column in row + 1..<max(size, row + 1) {
      sums.add(elements[offset + column], vector[row], vector[column])
    }
    return sums
  }

  /// tr U³ = ⟨U, U²⟩.
  func cubeTrace() -> Double {
    let full = Matrix(rows: size, columns: size) { row, column in
      let (low, high) = (min(row, column), max(row, column))
      return low == high ? 0 : elements[start(ofRow: low) - low - 1 + high]
    }
    return dot(full.sampleGram().elements, full.elements)
  }
}
