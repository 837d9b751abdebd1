import LinearAlgebra

/// The rows of H D Xc that a design uses, and the squared norms of the rows of Xc.
///
/// The features pass in strips that fit the cache: each is centred, transformed and put into place, so
/// that the whole costs little more than a few passes over the data.
struct RotatedSamples {
  /// The rows of the design × features.
  let matrix: Matrix
  /// ‖xᵢ‖² of the centred samples, in the common order.
  private(set) var squaredNorms: [Double]
  /// Their sum.
  let energy: Double

  init(_ representation: Matrix, along directions: SketchDirections, places: [Int]?) {
    let design = directions.design
    let (columns, length) = (representation.columns, design.length)
    // At most 512 KiB a strip, and at least the eight numbers of a cache line.
    let width = min(columns, max(8, min(64, (1 << 16) / length)))
    var rotated = [Double](repeating: 0, count: directions.rows.count * columns)
    var norms = [Double](repeating: 0, count: design.samples)
    for start in stride(from: 0, to: columns, by: width) {
      let range = start..<min(columns, start + width)
      let strip = representation.strip(range).centered()
      let transformed = Self.signed(strip, along: directions, places: places, norms: &norms)
        .walshHadamardTransformed()
      transformed.elements.withUnsafeBufferPointer { source in
        rotated.withUnsafeMutableBufferPointer { target in
          for (place, row) in directions.rows.enumerated() {
            for column in 0..<range.count {
              target[place * columns + start + column] = source[row * range.count + column]
            }
          }
        }
      }
    }
    matrix = Matrix(rows: directions.rows.count, columns: columns, elements: rotated)
    squaredNorms = norms
    energy = norms.reduce(0, +)
  }

  /// The samples in the common order, each with its sign, padded with zeros to the length of the
  /// transform; adds their squared norms to `norms`.
  private static func signed(
    _ strip: Matrix, along directions: SketchDirections, places: [Int]?, norms: inout [Double]
  ) -> Matrix {
    let (width, length) = (strip.columns, directions.design.length)
    var elements = [Double](repeating: 0, count: length * width)
    strip.elements.withUnsafeBufferPointer { source in
      elements.withUnsafeMutableBufferPointer { target in
        for row in 0..<strip.rows {
          let place = places?[row] ?? row
          let sign = directions.signs[place]
          var norm = 0.0
          for column in 0..<width {
            let value = source[row * width + column]
            norm += value * value
            target[place * width + column] = sign * value
          }
          norms[place] += norm
        }
      }
    }
    return Matrix(rows: length, columns: width, elements: elements)
  }

  /// wₖᵀ A wₗ for the pairs of the design, A the U-centred Gram matrix.
  ///
  /// With K = XcXcᵀ and mᵢ = −aᵢ/(n − 2) + 1/(2(n − 1)(n − 2)), A is K − m1ᵀ − 1mᵀ outside of the
  /// diagonal and 0 on it. What the diagonal would have added, Σᵢ (aᵢ − 2mᵢ) Hₖᵢ Hₗᵢ, is the transform
  /// of a − 2m at k ⊕ l.
  ///
  /// - Parameter norms: ‖xᵢ‖², scaled so that their sum is 1.
  func pairs(along directions: SketchDirections, norms: [Double]) -> [Float] {
    let design = directions.design
    let n = Double(norms.count)
    let means = norms.map { 1 / (2 * (n - 1) * (n - 2)) - $0 / (n - 2) }
    let mean = design.transformed(zip(means, directions.signs).map { $0 * $1 })
    let one = design.transformed(directions.signs)
    let diagonal = design.transformed(zip(norms, means).map { $0 - 2 * $1 })
    let scale = design.pairScale
    func coordinate(_ product: Double, _ a: Int, _ b: Int) -> Float {
      let (k, l) = (directions.rows[a], directions.rows[b])
      let value = product / energy - mean[k] * one[l] - one[k] * mean[l] - diagonal[k ^ l]
      return Float(value * scale)
    }
    var pairs: [Float] = []
    pairs.reserveCapacity(design.pairCount)
    switch design.pairing {
    case .ring(let reach):
      let products = matrix.neighbouringRowProducts(reach: reach)
      for (index, product) in products.elements.enumerated() {
        let (row, step) = (index / reach, index % reach + 1)
        pairs.append(coordinate(product, row, (row + step) % matrix.rows))
      }
    case .disjoint:
      for row in stride(from: 0, to: matrix.rows, by: 2) {
        pairs.append(coordinate(matrix.rowProduct(row, row + 1), row, row + 1))
      }
    }
    return pairs
  }
}

extension Matrix {
  /// Some neighbouring columns.
  fileprivate func strip(_ range: Range<Int>) -> Matrix {
    let strip = [Double](unsafeUninitializedCapacity: rows * range.count) { target, count in
      elements.withUnsafeBufferPointer { source in
        for row in 0..<rows {
          for column in 0..<range.count {
            target.initializeElement(
              at: row * range.count + column, to: source[row * columns + range.lowerBound + column])
          }
        }
      }
      count = rows * range.count
    }
    return Matrix(rows: rows, columns: range.count, elements: strip)
  }

  fileprivate func rowProduct(_ a: Int, _ b: Int) -> Double {
    elements.withUnsafeBufferPointer { elements in
      var sum = 0.0
      for column in 0..<columns {
        sum += elements[a * columns + column] * elements[b * columns + column]
      }
      return sum
    }
  }
}
