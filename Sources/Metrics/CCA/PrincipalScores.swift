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
  init(of matrix: some GramSource, keeping count: ([Double]) -> Int) throws {
    do {
      let isTall = matrix.columns <= matrix.rows
      let size = Double(max(matrix.rows, matrix.columns))
      func aboveRounding(_ squares: [Double]) -> ArraySlice<Double> {
        squares.prefix { $0 > (squares.first ?? 0) * size * Double.ulpOfOne }
      }
      let eigen = try SymmetricEigen(
        leadingOf: isTall ? matrix.featureGram() : matrix.sampleGram()
      ) { count(Array(aboveRounding($0))) }
      let squares = eigen.values.prefix(eigen.vectors.rows)
      let singularValues = squares.map { $0.squareRoot() }
      var basis =
        isTall
        ? try matrix.timesTransposed(eigen.vectors.dividingRows(by: singularValues))
        : eigen.vectors.transposed()
      let (largest, smallest) = (squares.first ?? 0, squares.last ?? 0)
      if largest * Double.ulpOfOne > 1e-12 * smallest {
        if !isTall {
          let whole = try matrix.matrix()
          let directions = whole.transposeTimes(basis.dividingColumns(by: singularValues))
          basis = whole.times(
            try directions.orthonormalized().dividingColumns(by: singularValues))
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
  init(of matrix: some GramSource, tolerance: Double = 0) throws {
    try self.init(of: matrix) { squares in
      squares.prefix { $0 > tolerance * tolerance * squares[0] }.count
    }
  }

  /// U · diag(`weights`).
  func basis(weightedBy weights: [Double]) -> Matrix {
    Matrix(rows: basis.rows, columns: basis.columns) { basis[$0, $1] * weights[$1] }
  }
}

/// A matrix whose Gram matrices can be had without having it whole.
protocol GramSource {
  var rows: Int { get }
  var columns: Int { get }
  func featureGram() throws -> Matrix
  func sampleGram() throws -> Matrix
  /// `self` · `other`ᵀ.
  func timesTransposed(_ other: Matrix) throws -> Matrix
  func matrix() throws -> Matrix
}

extension StandardizedMatrix: GramSource {}
extension Matrix: GramSource {
  func matrix() -> Matrix { self }
}

extension Matrix {
  fileprivate func dividingRows(by divisors: [Double]) -> Matrix {
    Matrix(rows: rows, columns: columns) { self[$0, $1] / divisors[$0] }
  }

  fileprivate func dividingColumns(by divisors: [Double]) -> Matrix {
    Matrix(rows: rows, columns: columns) { self[$0, $1] / divisors[$1] }
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
