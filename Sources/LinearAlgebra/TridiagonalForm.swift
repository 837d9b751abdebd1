import COpenBLAS

/// A symmetric matrix A = Q T Qᵀ with T tridiagonal, from which eigenvalues and eigenvectors follow.
struct TridiagonalForm {
  private let size: Int
  /// The reflectors that make up Q, as LAPACK keeps them.
  private var reflectors: [Double]
  private var scales: [Double]
  private var diagonal: [Double]
  private var offDiagonal: [Double]

  /// Row-major upper is column-major lower.
  private static let triangle = "L"

  /// - Precondition: `matrix` is square and not empty; only its upper triangle is read.
  init(_ matrix: consuming Matrix) throws {
    precondition(matrix.rows == matrix.columns, "the matrix is not square")
    size = matrix.rows
    reflectors = matrix.elements
    scales = Array(repeating: 0, count: size)
    diagonal = scales
    offDiagonal = scales
    var order = blasInt(size)
    var leading = order
    var workCount: Int32 = -1
    var workSize = 0.0
    var info: Int32 = 0
    dsytrd_(
      Self.triangle, &order, &reflectors, &leading, &diagonal, &offDiagonal, &scales, &workSize,
      &workCount, &info)
    workCount = Int32(workSize)
    var work = [Double](repeating: 0, count: max(1, Int(workCount)))
    dsytrd_(
      Self.triangle, &order, &reflectors, &leading, &diagonal, &offDiagonal, &scales, &work,
      &workCount, &info)
    guard info == 0 else { throw DecompositionError(routine: "dsytrd", info: Int(info)) }
  }

  /// The eigenvalues in ascending order. The form is used up.
  mutating func eigenvalues() throws -> [Double] {
    var order = blasInt(size)
    var info: Int32 = 0
    dsterf_(&order, &diagonal, &offDiagonal, &info)
    guard info == 0 else { throw DecompositionError(routine: "dsterf", info: Int(info)) }
    return diagonal
  }

  /// The eigenvalues in ascending order and the eigenvectors of T, one after the other.
  mutating func eigenvectors() throws -> (values: [Double], vectors: [Double]) {
    var vectors = [Double](repeating: 0, count: size * size)
    var order = blasInt(size)
    var leading = order
    var workCount: Int32 = -1
    var integerWorkCount: Int32 = -1
    var workSize = 0.0
    var integerWorkSize: Int32 = 0
    var info: Int32 = 0
    dstedc_(
      "I", &order, &diagonal, &offDiagonal, &vectors, &leading, &workSize, &workCount,
      &integerWorkSize, &integerWorkCount, &info)
    workCount = Int32(workSize)
    integerWorkCount = integerWorkSize
    var work = [Double](repeating: 0, count: max(1, Int(workCount)))
    var integerWork = [Int32](repeating: 0, count: max(1, Int(integerWorkCount)))
    dstedc_(
      "I", &order, &diagonal, &offDiagonal, &vectors, &leading, &work, &workCount, &integerWork,
      &integerWorkCount, &info)
    guard info == 0 else { throw DecompositionError(routine: "dstedc", info: Int(info)) }
    return (diagonal, vectors)
  }

  /// Replaces `count` eigenvectors of T by those of A.
  func transformBack(_ vectors: inout [Double], count: Int) throws {
    guard count > 0 else { return }
    var order = blasInt(size)
    var columns = blasInt(count)
    var leading = order
    var workCount: Int32 = -1
    var workSize = 0.0
    var info: Int32 = 0
    var vectorsLeading = order
    dormtr_(
      "L", Self.triangle, "N", &order, &columns, reflectors, &leading, scales, &vectors,
      &vectorsLeading, &workSize, &workCount, &info)
    workCount = Int32(workSize)
    var work = [Double](repeating: 0, count: max(1, Int(workCount)))
    dormtr_(
      "L", Self.triangle, "N", &order, &columns, reflectors, &leading, scales, &vectors,
      &vectorsLeading, &work, &workCount, &info)
    guard info == 0 else { throw DecompositionError(routine: "dormtr", info: Int(info)) }
  }
}
