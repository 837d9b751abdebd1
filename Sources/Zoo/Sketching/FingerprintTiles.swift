import LinearAlgebra

/// The sums over the coordinates of two fingerprints that an estimate and its error consist of.
struct FingerprintMoments: Sendable {
  var pairs: CoordinateMoments
  var rows: CoordinateMoments
}

/// The sums over some coordinates of two fingerprints f and g.
struct CoordinateMoments: Sendable {
  /// Σ f g.
  var product: Double
  /// Σ f² g².
  var squares: Double
  /// Σ f³ g.
  var cubeOfFirst: Double
  /// Σ f g³.
  var cubeOfSecond: Double

  /// Those of f with itself.
  init(ofItself coordinates: [Float]) {
    var (second, fourth) = (0.0, 0.0)
    for coordinate in coordinates {
      let square = Double(coordinate) * Double(coordinate)
      second += square
      fourth += square * square
    }
    self.init(product: second, squares: fourth, cubeOfFirst: fourth, cubeOfSecond: fourth)
  }

  init(product: Double, squares: Double, cubeOfFirst: Double, cubeOfSecond: Double) {
    self.product = product
    self.squares = squares
    self.cubeOfFirst = cubeOfFirst
    self.cubeOfSecond = cubeOfSecond
  }

  /// Σ ψ² with ψ = f g − ρ (f² + g²)/2, after f and g are divided by the square roots of `norms`.
  func deviation(
    _ correlation: Double, x: CoordinateMoments, y: CoordinateMoments, norms: (Double, Double)
  ) -> Double {
    let both = norms.0.squareRoot() * norms.1.squareRoot()
    let halved = correlation * correlation / 2
    return (1 + halved) * squares / (both * both)
      - correlation / both * (cubeOfFirst / norms.0 + cubeOfSecond / norms.1)
      + halved / 2 * (x.squares / (norms.0 * norms.0) + y.squares / (norms.1 * norms.1))
  }
}

/// All pairs of fingerprints in square tiles, each of which is a few matrix products.
struct FingerprintTiles: Sendable {
  /// The fingerprints in groups; two groups make a tile.
  let ranges: [Range<Int>]
  private let fingerprints: [Fingerprint]
  private let design: SketchDesign

  /// Wide enough for fast products; at the usual size the powers of two groups take 100 MB a thread.
  private static let side = 128

  init(_ fingerprints: [Fingerprint], design: SketchDesign) {
    self.fingerprints = fingerprints
    self.design = design
    ranges = stride(from: 0, to: fingerprints.count, by: Self.side).map {
      $0..<min(fingerprints.count, $0 + Self.side)
    }
  }

  /// The moments of each fingerprint with itself.
  func selfMoments(threads: Int) throws -> [FingerprintMoments] {
    try Parallel.map(count: fingerprints.count, threads: threads) {
      FingerprintMoments(
        pairs: .init(ofItself: fingerprints[$0].pairs), rows: .init(ofItself: fingerprints[$0].rows)
      )
    }
  }

  /// The estimates of a tile, row by row, for each metric.
  func estimates(
    _ rows: Range<Int>, _ columns: Range<Int>, metrics: [SketchedMetric],
    selves: [FingerprintMoments]
  ) -> [[SketchedValue]] {
    let pairs = Products(fingerprints[rows].map(\.pairs), fingerprints[columns].map(\.pairs))
    let norms = Products(fingerprints[rows].map(\.rows), fingerprints[columns].map(\.rows))
    return metrics.map { metric in
      var estimates: [SketchedValue] = []
      estimates.reserveCapacity(rows.count * columns.count)
      for (i, a) in rows.enumerated() {
        for (j, b) in columns.enumerated() {
          let moments = FingerprintMoments(
            pairs: pairs.moments(i, j), rows: norms.moments(i, j))
          estimates.append(
            metric.estimate(moments, x: selves[a], y: selves[b], design: design))
        }
      }
      return estimates
    }
  }

  /// The moments of a tile in one list of coordinates.
  private struct Products {
    private let product: Matrix
    private let squares: Matrix
    private let cubesOfFirst: Matrix
    private let cubesOfSecond: Matrix

    init(_ first: [[Float]], _ second: [[Float]]) {
      let (x, y) = (Self.matrix(first), Self.matrix(second))
      let (x2, y2) = (x.multipliedElementwise(by: x), y.multipliedElementwise(by: y))
      product = x.transposeTimes(y)
      squares = x2.transposeTimes(y2)
      cubesOfFirst = x2.multipliedElementwise(by: x).transposeTimes(y)
      cubesOfSecond = x.transposeTimes(y2.multipliedElementwise(by: y))
    }

    func moments(_ i: Int, _ j: Int) -> CoordinateMoments {
      CoordinateMoments(
        product: product[i, j], squares: squares[i, j], cubeOfFirst: cubesOfFirst[i, j],
        cubeOfSecond: cubesOfSecond[i, j])
    }

    /// Coordinates × fingerprints.
    private static func matrix(_ columns: [[Float]]) -> Matrix {
      let count = columns.first?.count ?? 0
      let elements = [Double](unsafeUninitializedCapacity: count * columns.count) {
        target, filled in
        for (column, values) in columns.enumerated() {
          for (row, value) in values.enumerated() {
            target.initializeElement(at: row * columns.count + column, to: Double(value))
          }
        }
        filled = count * columns.count
      }
      return Matrix(rows: count, columns: columns.count, elements: elements)
    }
  }
}

extension Matrix {
  fileprivate func multipliedElementwise(by other: Matrix) -> Matrix {
    Matrix(
      rows: rows, columns: columns, elements: zip(elements, other.elements).map { $0 * $1 })
  }
}
