import LinearAlgebra

/// Generalised canonical correlation analysis of many representations at once (MAXVAR).
///
///     M = Σⱼ wⱼ Uⱼ Uⱼᵀ,   M g_k = λ_k g_k,   Σⱼ wⱼ = 1
///
/// with Uⱼ the ``TruncatedRepresentation/basis`` of model j. The eigenvector g_k is a pattern over the
/// samples, the k-th shared direction; λ_k = Σⱼ wⱼ ‖Uⱼᵀ g_k‖² is the share of its variance that the
/// models explain on average: 1 where all of them have it, 1/M where one of M has it.
///
/// The sign of g_k is chosen so that its element of largest magnitude is positive (the first, where
/// there are several).
///
/// - Complexity: O(n R min(n, R)) for n samples and R = Σⱼ rank Uⱼ.
/// - Source: Kettenring (Biometrika 1971), MAXVAR.
struct GeneralizedCCA: Sendable {
  /// All λ that are not zero, in descending order.
  let eigenvalues: [Double]
  /// The leading g_k in rows: directions × samples.
  let directions: Matrix

  /// - Parameters:
  ///   - bases: Samples × rank, orthonormal columns.
  ///   - weights: One a basis, adding up to 1.
  ///   - limit: The most directions to keep.
  /// - Throws: `DecompositionError`.
  init(bases: [Matrix], weights: [Double], limit: Int) throws {
    let stack = Self.stack(bases, weights: weights)
    let isTall = stack.columns <= stack.rows
    let floor = Double(max(stack.rows, stack.columns)) * Double.ulpOfOne
    let eigen = try SymmetricEigen(
      leadingOf: isTall ? stack.featureGram() : stack.sampleGram()
    ) { values in min(limit, values.count { $0 > floor }) }
    eigenvalues = eigen.values.filter { $0 > floor }.map { min($0, 1) }
    let kept = eigen.vectors
    guard isTall else {
      directions = Self.oriented(kept)
      return
    }
    let scale = eigenvalues.prefix(kept.rows).map { 1 / $0.squareRoot() }
    directions = Self.oriented(
      stack.timesTransposed(kept).scalingColumns(by: scale).transposed())
  }

  /// ‖Uᵀ g_k‖² for every direction kept: the share of its variance that a model explains.
  func shares(of basis: Matrix) -> [Double] {
    directions.times(basis).squaredRowNorms().map { min($0, 1) }
  }

  /// [√w₁ U₁ | √w₂ U₂ | …].
  static func stack(_ bases: [Matrix], weights: [Double]) -> Matrix {
    .sideBySide(zip(bases, weights).map { $0.scaled(by: $1.squareRoot()) })
  }

  /// The eigenvalues of S Sᵀ in descending order, as many as S has rows or columns.
  static func spectrum(ofStack stack: Matrix) throws -> [Double] {
    try SymmetricEigen.values(
      of: stack.columns <= stack.rows ? stack.featureGram() : stack.sampleGram()
    ).map { min(max($0, 0), 1) }
  }

  private static func oriented(_ rows: Matrix) -> Matrix {
    let signs = (0..<rows.rows).map { row -> Double in
      let largest = rows.row(row).reduce(0.0) { abs($1) > abs($0) ? $1 : $0 }
      return largest < 0 ? -1 : 1
    }
    return Matrix(rows: rows.rows, columns: rows.columns) { rows[$0, $1] * signs[$0] }
  }
}
