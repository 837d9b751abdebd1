import LinearAlgebra

/// The leading principal components of the samples, as an orthonormal basis.
///
///     X = U S Vᵀ
///
/// With at least as many samples as features U = X V S⁻¹ from XᵀX = V S² Vᵀ, else directly from
/// XXᵀ = U S² Uᵀ. An eigenvalue below size · ε · s₁² is rounding error of the largest one; a singular
/// value has to exceed √(size · ε) of the largest (4 · 10⁻⁷ for 800 samples), which is also more than
/// the rounding of activations stored as float32 leaves behind.
///
/// Where directions that small are kept, the basis would be orthonormal only to ε s₁²/s_k². It is then
/// formed once more from X itself and orthonormalised by Householder QR, which gives ε s₁/s_k.
///
/// - Complexity: O(n d min(n, d)).
struct PrincipalScores {
  /// U: samples × k, orthonormal columns, leading component first.
  let basis: Matrix
  /// The singular values of the components kept, in descending order.
  let singularValues: [Double]

  /// - Parameter count: How many to keep, given all squared singular values above the rounding error.
  /// - Throws: ``MetricError/notConverged(_:)``.
  init(of matrix: Matrix, keeping count: ([Double]) -> Int) throws {
    do {
      let isTall = matrix.columns <= matrix.rows
      let eigen = try SymmetricEigen(isTall ? matrix.featureGram() : matrix.sampleGram())
      let size = Double(max(matrix.rows, matrix.columns))
      let largest = eigen.values.first ?? 0
      let squares = Array(eigen.values.prefix { $0 > largest * size * Double.ulpOfOne })
      let kept = count(squares)
      let singularValues = squares.prefix(kept).map { $0.squareRoot() }
      let vectors = eigen.vectors.selectingRows(0..<kept).transposed()
      var basis = isTall ? matrix.timesColumns(vectors, over: singularValues) : vectors
      if largest * Double.ulpOfOne > 1e-12 * (squares.prefix(kept).last ?? largest) {
        if !isTall {
          let directions = matrix.transposed().timesColumns(basis, over: singularValues)
          basis = matrix.timesColumns(try directions.orthonormalized(), over: singularValues)
        }
        basis = try basis.orthonormalized()
      }
      self.basis = basis
      self.singularValues = singularValues
    } catch let error as DecompositionError {
      throw MetricError.notConverged(error.description)
    }
  }

  /// All components whose singular values exceed `tolerance` of the largest.
  init(of matrix: Matrix, tolerance: Double = 0) throws {
    try self.init(of: matrix) { squares in
      squares.prefix { $0 > tolerance * tolerance * squares[0] }.count
    }
  }

  /// U · diag(`weights`).
  func basis(weightedBy weights: [Double]) -> Matrix {
    Matrix(rows: basis.rows, columns: basis.columns) { basis[$0, $1] * weights[$1] }
  }
}

extension Matrix {
  /// `self` · `columns`, column i divided by `divisors[i]`.
  fileprivate func timesColumns(_ columns: Matrix, over divisors: [Double]) -> Matrix {
    times(Matrix(rows: columns.rows, columns: columns.columns) { columns[$0, $1] / divisors[$1] })
  }
}

extension MetricEntry.Parameter {
  /// Where singular values end and noise begins.
  static let tolerance = Self(
    name: "tolerance", defaultValue: "0", values: "0 ≤ t < 1",
    meaning: "singular values up to this share of the largest count as noise, "
      + "as do in any case those up to √(max(n, d) · 2⁻⁵²)")
}

extension ParameterReader {
  func tolerance() throws -> Double {
    try number("tolerance", allowed: "0 ≤ t < 1") { $0 >= 0 && $0 < 1 } ?? 0
  }
}
