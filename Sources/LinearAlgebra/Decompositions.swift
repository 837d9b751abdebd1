import COpenBLAS

/// A decomposition that LAPACK could not finish.
public struct DecompositionError: Error, Equatable, CustomStringConvertible {
  /// The routine, such as `dsyevd`.
  public let routine: String
  /// LAPACK's `info`: how many off-diagonal elements did not converge.
  public let info: Int

  public var description: String { "\(routine) did not converge (info = \(info))" }
}

/// The eigenvalues and eigenvectors of a symmetric matrix, largest eigenvalue first.
public struct SymmetricEigen: Sendable {
  /// The eigenvalues in descending order.
  public let values: [Double]
  /// The eigenvectors in **rows**: row i belongs to `values[i]`.
  public let vectors: Matrix

  /// Decomposes a symmetric matrix (only its upper triangle is read).
  ///
  /// - Throws: ``DecompositionError`` when the iteration does not converge.
  /// - Complexity: O(size³).
  public init(_ matrix: consuming Matrix) throws {
    try self.init(leadingOf: matrix, count: \.count)
  }

  /// The leading eigenvectors only, as many as `count` says when given all eigenvalues.
  ///
  /// The way back from the tridiagonal form is a third of the work, and it is spent on the vectors
  /// kept alone.
  ///
  /// - Parameters:
  ///   - matrix: Symmetric; only its upper triangle is read.
  ///   - count: How many to keep, given all eigenvalues in descending order.
  /// - Throws: ``DecompositionError`` when the iteration does not converge.
  /// - Complexity: O(size³).
  public init(leadingOf matrix: consuming Matrix, count: ([Double]) -> Int) throws {
    let size = matrix.rows
    guard size > 0 else {
      self.init(values: [], vectors: matrix)
      return
    }
    let reduced = try TridiagonalForm(matrix)
    let (ascending, vectors) = try reduced.eigenvectors()
    let values = Array(ascending.reversed())
    let kept = count(values)
    precondition(kept >= 0 && kept <= size, "\(kept) of \(size) eigenvectors")
    // Column-major: the last columns are the last stretch.
    let first = vectors.start + (size - kept) * size
    try reduced.transformBack(first, count: kept)
    let leading = Array(UnsafeBufferPointer(start: first, count: kept * size))
    self.init(
      values: values,
      vectors: Matrix(rows: kept, columns: size, elements: leading)
        .selectingRows((0..<kept).reversed()))
  }

  private init(values: [Double], vectors: Matrix) {
    self.values = values
    self.vectors = vectors
  }

  /// The eigenvalues alone, in descending order.
  public static func values(of matrix: consuming Matrix) throws -> [Double] {
    guard matrix.rows > 0 else { return [] }
    let reduced = try TridiagonalForm(matrix)
    return try reduced.eigenvalues().reversed()
  }
}

/// The thin singular value decomposition A = U · diag(s) · Vᵀ, largest singular value first.
public struct SingularValueDecomposition: Sendable {
  /// rows × k, orthonormal columns, k = min(rows, columns).
  public let left: Matrix
  /// The singular values in descending order.
  public let values: [Double]
  /// k × columns, orthonormal rows.
  public let rightTransposed: Matrix

  /// - Throws: ``DecompositionError`` when the iteration does not converge.
  /// - Complexity: O(rows × columns × min(rows, columns)).
  public init(_ matrix: Matrix) throws {
    let count = min(matrix.rows, matrix.columns)
    var left = [Double](repeating: 0, count: matrix.rows * count)
    var right = [Double](repeating: 0, count: matrix.columns * count)
    values = try Self.run(matrix, job: "S", left: &left, right: &right)
    self.left = Matrix(rows: matrix.rows, columns: count, elements: left)
    rightTransposed = Matrix(rows: count, columns: matrix.columns, elements: right)
  }

  /// The singular values alone, in descending order.
  public static func values(of matrix: Matrix) throws -> [Double] {
    var none = [0.0]
    var alsoNone = [0.0]
    return try run(matrix, job: "N", left: &none, right: &alsoNone)
  }

  /// LAPACK sees the column-major transpose Aᵀ = V S Uᵀ: its "left" vectors are our right ones.
  private static func run(
    _ matrix: Matrix, job: String, left: inout [Double], right: inout [Double]
  ) throws -> [Double] {
    let count = min(matrix.rows, matrix.columns)
    guard count > 0 else { return [] }
    var elements = matrix.elements
    var values = [Double](repeating: 0, count: count)
    var rows = blasInt(matrix.columns)
    var columns = blasInt(matrix.rows)
    var leading = rows
    var leftLeading = rows
    var rightLeading = blasInt(count)
    var workCount: Int32 = -1
    var workSize = 0.0
    var integerWork = [Int32](repeating: 0, count: 8 * count)
    var info: Int32 = 0
    dgesdd_(
      job, &rows, &columns, &elements, &leading, &values, &right, &leftLeading, &left,
      &rightLeading, &workSize, &workCount, &integerWork, &info)
    workCount = Int32(workSize)
    var work = [Double](repeating: 0, count: max(1, Int(workCount)))
    dgesdd_(
      job, &rows, &columns, &elements, &leading, &values, &right, &leftLeading, &left,
      &rightLeading, &work, &workCount, &integerWork, &info)
    guard info == 0 else { throw DecompositionError(routine: "dgesdd", info: Int(info)) }
    return values
  }
}

extension Matrix {
  /// An orthonormal basis of the columns by Householder QR, rows × columns.
  ///
  /// The signs are chosen so that the diagonal of R is positive, which makes the factor of a
  /// Gaussian matrix Haar-distributed (Mezzadri 2007).
  public func orthonormalized() throws -> Matrix {
    precondition(rows >= columns && columns > 0, "more columns than rows cannot be orthonormal")
    var factor = transposed().elements  // column-major
    var rowCount = blasInt(rows)
    var columnCount = blasInt(columns)
    var rankCount = columnCount
    var leading = rowCount
    var scales = [Double](repeating: 0, count: columns)
    var workCount = blasInt(64 * columns)
    var work = [Double](repeating: 0, count: 64 * columns)
    var info: Int32 = 0
    dgeqrf_(&rowCount, &columnCount, &factor, &leading, &scales, &work, &workCount, &info)
    guard info == 0 else { throw DecompositionError(routine: "dgeqrf", info: Int(info)) }
    let signs = (0..<columns).map { factor[$0 * rows + $0] < 0 ? -1.0 : 1.0 }
    dorgqr_(
      &rowCount, &columnCount, &rankCount, &factor, &leading, &scales, &work, &workCount, &info)
    guard info == 0 else { throw DecompositionError(routine: "dorgqr", info: Int(info)) }
    return Matrix(rows: rows, columns: columns) { factor[$1 * rows + $0] * signs[$1] }
  }
}

extension Matrix {
  /// The sum of the singular values.
  ///
  /// The square roots of the eigenvalues of the smaller of AᵀA and AAᵀ, at half the cost of an SVD.
  /// Squaring costs digits of the small ones: an eigenvalue λ = s² is known to about ε s₁², so that s
  /// is known to ε s₁²/s, or √ε s₁ where it vanishes. When these errors add up to more than 10⁻¹² of
  /// the sum, the singular values are computed without squaring.
  ///
  /// - Throws: ``DecompositionError`` when the iteration does not converge.
  public func nuclearNorm() throws -> Double {
    guard rows > 0, columns > 0 else { return 0 }
    let eigenvalues = try SymmetricEigen.values(of: columns <= rows ? featureGram() : sampleGram())
    let largest = eigenvalues.first ?? 0
    guard largest > 0 else { return 0 }
    var sum = 0.0
    var error = 0.0
    for eigenvalue in eigenvalues {
      let value = Swift.max(0, eigenvalue).squareRoot()
      sum += value
      error +=
        Double.ulpOfOne * largest / Swift.max(value, (Double.ulpOfOne * largest).squareRoot())
    }
    if error <= 1e-12 * sum { return sum }
    return try SingularValueDecomposition.values(of: self).reduce(0, +)
  }
}
