import LinearAlgebra

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Representations given by formulas, so that anybody can rebuild them in any language.
///
/// With 1-based sample i and feature j:
///
///     X[i, j] = sin(0.7 i j) + 0.3 cos(1.3 i + 0.5 j²)
///     Y[i, j] = 0.6 X[i, ((j − 1) mod d) + 1] + cos(0.9 i j + 0.2 j)
///     Z[i, j] = X[i, ((j − 1) mod d) + 1] · X[i, (j mod d) + 1] + 0.5 sin(2.1 i + j)
///
/// where d is the width of X. Fixture A has 40 samples and widths 6, 9, 5; fixture B has 10 samples
/// and widths 15 and 12, so that there are fewer samples than features. The golden values in the
/// tests were computed from these formulas by two independent NumPy programs.
struct GoldenFixture {
  let x: Matrix
  let y: Matrix
  let z: Matrix

  static let a = GoldenFixture(samples: 40, width: 6, otherWidth: 9)
  static let b = GoldenFixture(samples: 10, width: 15, otherWidth: 12)

  private init(samples: Int, width: Int, otherWidth: Int) {
    func first(_ sample: Int, _ feature: Int) -> Double {
      let (i, j) = (Double(sample), Double(feature))
      return sin(0.7 * i * j) + 0.3 * cos(1.3 * i + 0.5 * j * j)
    }
    func wrapped(_ feature: Int) -> Int { (feature - 1) % width + 1 }
    x = Matrix(rows: samples, columns: width) { first($0 + 1, $1 + 1) }
    y = Matrix(rows: samples, columns: otherWidth) { row, column in
      let (i, j) = (Double(row + 1), Double(column + 1))
      return 0.6 * first(row + 1, wrapped(column + 1)) + cos(0.9 * i * j + 0.2 * j)
    }
    z = Matrix(rows: samples, columns: 5) { row, column in
      let (i, j) = (Double(row + 1), Double(column + 1))
      return first(row + 1, wrapped(column + 1)) * first(row + 1, (column + 1) % width + 1)
        + 0.5 * sin(2.1 * i + j)
    }
  }
}

/// Whether two numbers agree; false when either is NaN.
func agree(_ x: Double, _ y: Double, within tolerance: Double) -> Bool {
  abs(x - y) <= tolerance
}
