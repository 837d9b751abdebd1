import LinearAlgebra

/// The leading principal directions of a representation on some samples, and the same directions read
/// off other samples.
///
///     X = U S Vᵀ on the samples fitted, centred;   scores of others: (X' − mean) V S⁻¹
///
/// U comes from the smaller of XᵀX and XXᵀ. Squaring costs digits of small singular values; those that
/// are kept here are too large to suffer (``varianceKept``), and squares below size · ε · s₁² are
/// rounding error and never kept.
struct TruncatedRepresentation: Sendable {
  /// U: fitted samples × rank, orthonormal columns.
  let basis: Matrix
  /// Held-out samples × rank.
  let heldOutScores: Matrix
  /// The squares of S, up to a common factor.
  let squares: [Double]

  var rank: Int { basis.columns }

  /// The share of the variance that the directions kept reach together, unless there are too many.
  static let varianceKept = 0.99

  /// `nil` where the representation is constant on the samples fitted.
  ///
  /// - Parameters:
  ///   - limit: The most directions to keep.
  ///   - variance: The share of the variance to keep; 1 for all of it.
  /// - Throws: `DecompositionError`.
  init?(
    _ values: Matrix, fitting: [Int], heldOut: [Int], limit: Int,
    variance: Double = Self.varianceKept
  ) throws {
    let scaled = values.normalizedExponent()
    let fitted = scaled.selectingRows(fitting)
    let (centered, energy) = fitted.centeredWithEnergy()
    guard energy > 0 else { return nil }
    let isTall = centered.columns <= centered.rows
    let eigen = try SymmetricEigen(
      leadingOf: isTall ? centered.featureGram() : centered.sampleGram()
    ) { Self.count($0, size: max(centered.rows, centered.columns), limit: limit, variance) }
    squares = Array(eigen.values.prefix(eigen.vectors.rows))
    // V S⁻¹: features × rank.
    let readout =
      isTall
      ? eigen.vectors.transposed().scalingColumns(by: squares.map { 1 / $0.squareRoot() })
      : centered.transposeTimes(eigen.vectors.transposed()).scalingColumns(
        by: squares.map { 1 / $0 })
    basis = isTall ? centered.times(readout) : eigen.vectors.transposed()
    let means = (0..<fitted.columns).map { fitted[0, $0] - centered[0, $0] }
    let others = scaled.selectingRows(heldOut)
    heldOutScores = Matrix(rows: others.rows, columns: others.columns) {
      others[$0, $1] - means[$1]
    }.times(readout)
  }

  private static func count(
    _ squares: [Double], size: Int, limit: Int, _ variance: Double
  ) -> Int {
    let floor = (squares.first ?? 0) * Double(size) * Double.ulpOfOne
    let total = squares.reduce(0) { $0 + max(0, $1) }
    var (count, kept) = (0, 0.0)
    for square in squares.prefix(limit) {
      guard square > floor, count == 0 || variance == 1 || kept < variance * total else { break }
      kept += square
      count += 1
    }
    return count
  }
}

extension Matrix {
  func scalingColumns(by factors: [Double]) -> Matrix {
    Matrix(rows: rows, columns: columns) { self[$0, $1] * factors[$1] }
  }

  /// Matrices with equally many rows, side by side.
  static func sideBySide(_ pieces: [Matrix]) -> Matrix {
    let rows = pieces.first?.rows ?? 0
    var elements: [Double] = []
    elements.reserveCapacity(rows * pieces.reduce(0) { $0 + $1.columns })
    for row in 0..<rows {
      for piece in pieces { elements.append(contentsOf: piece.row(row)) }
    }
    return Matrix(rows: rows, columns: pieces.reduce(0) { $0 + $1.columns }, elements: elements)
  }
}
