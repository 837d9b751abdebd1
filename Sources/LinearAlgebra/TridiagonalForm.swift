import COpenBLAS

/// A symmetric matrix A = Q T Qᵀ with T tridiagonal, from which eigenvalues and eigenvectors follow.
struct TridiagonalForm {
  private let size: Int
  /// The reflectors that make up Q, as LAPACK keeps them.
  private let reflectors: Workspace<Double>
  private let scales: Workspace<Double>
  private let diagonal: Workspace<Double>
  private let offDiagonal: Workspace<Double>

  /// Row-major upper is column-major lower.
  private static let triangle = "L"

  /// - Precondition: `matrix` is square and not empty; only its upper triangle is read.
  init(_ matrix: consuming Matrix) throws {
    precondition(matrix.rows == matrix.columns, "the matrix is not square")
    size = matrix.rows
    reflectors = Workspace(size * size)
    reflectors.start.update(from: matrix.elements, count: size * size)
    scales = Workspace(size)
    diagonal = Workspace(size)
    offDiagonal = Workspace(size)
    var order = blasInt(size)
    var leading = order
    var workCount: Int32 = -1
    var workSize = 0.0
    var info: Int32 = 0
    dsytrd_(
      Self.triangle, &order, reflectors.start, &leading, diagonal.start, offDiagonal.start,
      scales.start, &workSize,
      &workCount, &info)
    workCount = Int32(workSize)
    let work = Workspace<Double>(Int(workCount))
    dsytrd_(
      Self.triangle, &order, reflectors.start, &leading, diagonal.start, offDiagonal.start,
      scales.start, work.start,
      &workCount, &info)
    guard info == 0 else { throw DecompositionError(routine: "dsytrd", info: Int(info)) }
  }

  /// The eigenvalues in ascending order. The form is used up.
  func eigenvalues() throws -> [Double] {
    var order = blasInt(size)
    var info: Int32 = 0
    dsterf_(&order, diagonal.start, offDiagonal.start, &info)
    guard info == 0 else { throw DecompositionError(routine: "dsterf", info: Int(info)) }
    return values
  }

  /// The eigenvalues in ascending order and the eigenvectors of T, one after the other.
  func eigenvectors() throws -> (values: [Double], vectors: Workspace<Double>) {
    let vectors = Workspace<Double>(size * size)
    var order = blasInt(size)
    var leading = order
    var workCount: Int32 = -1
    var integerWorkCount: Int32 = -1
    var workSize = 0.0
    var integerWorkSize: Int32 = 0
    var info: Int32 = 0
    dstedc_(
      "I", &order, diagonal.start, offDiagonal.start, vectors.start, &leading, &workSize,
      &workCount,
      &integerWorkSize, &integerWorkCount, &info)
    workCount = Int32(workSize)
    integerWorkCount = integerWorkSize
    let work = Workspace<Double>(Int(workCount))
    var integerWork = [Int32](repeating: 0, count: max(1, Int(integerWorkCount)))
    dstedc_(
      "I", &order, diagonal.start, offDiagonal.start, vectors.start, &leading, work.start,
      &workCount, &integerWork,
      &integerWorkCount, &info)
    guard info == 0 else { throw DecompositionError(routine: "dstedc", info: Int(info)) }
    return (values, vectors)
  }

  private var values: [Double] {
    Array(UnsafeBufferPointer(start: diagonal.start, count: size))
  }

  /// Replaces `count` eigenvectors of T, one after the other, by those of A.
  func transformBack(_ vectors: UnsafeMutablePointer<Double>, count: Int) throws {
    guard count > 0 else { return }
    var order = blasInt(size)
    var columns = blasInt(count)
    var leading = order
    var workCount: Int32 = -1
    var workSize = 0.0
    var info: Int32 = 0
    var vectorsLeading = order
    dormtr_(
      "L", Self.triangle, "N", &order, &columns, reflectors.start, &leading, scales.start,
      vectors, &vectorsLeading, &workSize, &workCount, &info)
    workCount = Int32(workSize)
    let work = Workspace<Double>(Int(workCount))
    dormtr_(
      "L", Self.triangle, "N", &order, &columns, reflectors.start, &leading, scales.start,
      vectors, &vectorsLeading, work.start, &workCount, &info)
    guard info == 0 else { throw DecompositionError(routine: "dormtr", info: Int(info)) }
  }
}
