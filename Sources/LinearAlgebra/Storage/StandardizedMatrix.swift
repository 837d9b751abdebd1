import COpenBLAS

/// Why a matrix cannot be centred and scaled to unit norm.
public enum StandardizationError: Error, Sendable, Equatable {
  /// The element is NaN or infinite.
  case notFinite(row: Int, column: Int)
  /// All rows are equal: centred, nothing is left.
  case constant
}

/// A matrix seen with its columns centred and its Frobenius norm scaled to 1.
///
/// The numbers stay as they are stored; a block is centred and scaled where it is needed, in the
/// precision in which it is needed. Holding a zoo so takes no more memory than its dump.
///
/// - The mean of a column is taken twice: what rounding left of a large offset after the first
///   subtraction is removed by a second one, so that an offset of 10⁶ costs no digits.
/// - A column that is constant up to the rounding of its mean (‖column − mean‖∞ ≤ n ε max|column|) is
///   exactly zero.
/// - Numbers whose squares could overflow or vanish are first multiplied by a power of two.
public struct StandardizedMatrix: Sendable {
  public var rows: Int { stored.rows }
  public var columns: Int { stored.columns }
  /// The squared norm of each row, centred and scaled: they add up to 1.
  public let squaredRowNorms: [Double]
  var stored: StoredMatrix
  /// Per column the mean, then what rounding left of it.
  let means: [Double]
  /// Columns that are constant but for rounding.
  let zeroed: [Int]
  /// The number of columns that are the same in all rows.
  public let constantColumns: Int
  let scale: Double
  /// The Frobenius norm of the matrix as it came, centred: what was divided by.
  public private(set) var centeredNorm: Double

  /// Rows that are converted at a time.
  static let blockRows = 256

  /// - Throws: ``StandardizationError``; ``SpillError`` when the numbers are in a file that cannot be
  ///   read.
  /// - Complexity: O(rows × columns), three passes.
  public init(_ stored: StoredMatrix) throws {
    let sums = try ColumnSums(stored)
    let largest = sums.largest.max() ?? 0
    // Single precision reaches from 10⁻⁴⁵ to 10³⁸: its squares are harmless in double precision.
    let isHarmless = stored.isSingle || largest == 0 || (0x1p-64...0x1p64).contains(largest)
    guard largest.isFinite, sums.totals.allSatisfy(\.isFinite), isHarmless else {
      try self.init(normalizing: stored)
      return
    }
    let means = try sums.means(of: stored)
    let spread = try ColumnSpread(stored, means: means)
    let tolerance = Double(stored.rows) * Double.ulpOfOne
    let zeroed = (0..<stored.columns).filter {
      spread.largest[$0] > 0 && spread.largest[$0] <= tolerance * sums.largest[$0]
    }
    let centered = StandardizedMatrix(
      stored: stored, means: means, zeroed: zeroed, constantColumns: 0, scale: 1,
      squaredRowNorms: [])
    let norms = zeroed.isEmpty ? spread.squaredRowNorms : try centered.matrix().squaredRowNorms()
    let energy = norms.reduce(0, +)
    // Not by the energy: squares of a spread below 10⁻¹⁶² are 0.
    let isZeroed = Set(zeroed)
    guard
      spread.largest.indices.contains(where: { spread.largest[$0] > 0 && !isZeroed.contains($0) })
    else { throw StandardizationError.constant }
    // The spread may be many orders smaller than the values.
    guard energy >= 0x1p-400 else {
      try self.init(normalized: centered.matrix())
      return
    }
    self.init(
      stored: stored, means: means, zeroed: zeroed,
      constantColumns: zeroed.count + spread.largest.count { $0 == 0 },
      scale: 1 / energy.squareRoot(), squaredRowNorms: norms.map { $0 / energy })
  }

  /// Values that are not finite, or so large or small that sums of them or of their squares are not.
  private init(normalizing stored: StoredMatrix) throws {
    let matrix = try stored.matrix()
    if let (row, column) = matrix.firstNonFinite() {
      throw StandardizationError.notFinite(row: row, column: column)
    }
    try self.init(normalized: matrix)
  }

  private init(normalized matrix: Matrix) throws {
    try self.init(StoredMatrix(matrix.normalizedExponent()))
    let exponent = Int(matrix.elements.reduce(0) { max($0, abs($1)) }.exponent)
    centeredNorm = Double(sign: .plus, exponent: exponent, significand: centeredNorm)
  }

  private init(
    stored: StoredMatrix, means: [Double], zeroed: [Int], constantColumns: Int, scale: Double,
    squaredRowNorms: [Double]
  ) {
    self.stored = stored
    self.means = means
    self.zeroed = zeroed
    self.constantColumns = constantColumns
    self.scale = scale
    centeredNorm = 1 / scale
    self.squaredRowNorms = squaredRowNorms
  }
}

extension StandardizedMatrix {
  /// Some rows, ready to be centred and scaled: those of a file have been read.
  struct Block {
    let matrix: StandardizedMatrix
    let source: StoredMatrix.Rows
    let rows: Int

    /// Writes some columns, rows `stride` elements apart.
    func fill<Element: BLASScalar>(
      columns: Range<Int>, into target: UnsafeMutablePointer<Element>, stride: Int
    ) {
      matrix.means.withUnsafeBufferPointer { means in
        guard let mean = means.baseAddress else { return }
        Element.center(
          source, offset: columns.lowerBound, leading: matrix.columns, rows: rows,
          columns: columns.count, mean: mean + columns.lowerBound,
          rest: mean + matrix.columns + columns.lowerBound, scale: matrix.scale, into: target,
          stride: stride)
      }
      for column in matrix.zeroed where columns.contains(column) {
        for row in 0..<rows { target[row * stride + column - columns.lowerBound] = 0 }
      }
    }
  }

  func withBlock<Result>(
    _ rows: Range<Int>, _ body: (Block) throws -> Result
  ) throws -> Result {
    try stored.withRows(rows) { source in
      try body(Block(matrix: self, source: source, rows: rows.count))
    }
  }

  /// Writes a block, rows `stride` elements apart.
  func fill<Element: BLASScalar>(
    _ rows: Range<Int>, columns: Range<Int>, into target: UnsafeMutablePointer<Element>, stride: Int
  ) throws {
    try withBlock(rows) { $0.fill(columns: columns, into: target, stride: stride) }
  }

  /// The whole matrix, centred and scaled, in double precision.
  ///
  /// - Throws: ``SpillError``.
  public func matrix() throws -> Matrix {
    try Matrix(rows: rows, columns: columns) { target in
      for start in stride(from: 0, to: rows, by: Self.blockRows) {
        let block = start..<min(rows, start + Self.blockRows)
        try fill(block, columns: 0..<columns, into: target + start * columns, stride: columns)
      }
    }
  }
}

/// Per column the sum and the largest magnitude.
private struct ColumnSums {
  var totals: [Double]
  var largest: [Double]

  init(_ matrix: StoredMatrix) throws {
    var totals = [Double](repeating: 0, count: matrix.columns)
    var largest = totals
    for start in stride(from: 0, to: matrix.rows, by: StandardizedMatrix.blockRows) {
      let rows = start..<min(matrix.rows, start + StandardizedMatrix.blockRows)
      try matrix.withRows(rows) { source in
        let columns = matrix.columns
        switch source {
        case .single(let x):
          ub_sum_float(x.baseAddress, columns, rows.count, columns, &totals, &largest)
        case .double(let x):
          ub_sum_double(x.baseAddress, columns, rows.count, columns, &totals, &largest)
        }
      }
    }
    self.totals = totals
    self.largest = largest
  }

  /// The means, followed by the means of what is left after subtracting them.
  func means(of matrix: StoredMatrix) throws -> [Double] {
    let count = Double(matrix.rows)
    let means = totals.map { $0 / count }
    var rests = [Double](repeating: 0, count: matrix.columns)
    for start in stride(from: 0, to: matrix.rows, by: StandardizedMatrix.blockRows) {
      let rows = start..<min(matrix.rows, start + StandardizedMatrix.blockRows)
      try matrix.withRows(rows) { source in
        let columns = matrix.columns
        switch source {
        case .single(let x):
          ub_rest_float(x.baseAddress, columns, rows.count, columns, means, &rests)
        case .double(let x):
          ub_rest_double(x.baseAddress, columns, rows.count, columns, means, &rests)
        }
      }
    }
    return means + rests.map { $0 / count }
  }
}

/// Per column the largest deviation from the mean, per row the squared norm.
private struct ColumnSpread {
  var largest: [Double]
  var squaredRowNorms: [Double]

  init(_ matrix: StoredMatrix, means: [Double]) throws {
    let columns = matrix.columns
    var largest = [Double](repeating: 0, count: columns)
    var norms = [Double](repeating: 0, count: matrix.rows)
    for start in stride(from: 0, to: matrix.rows, by: StandardizedMatrix.blockRows) {
      let rows = start..<min(matrix.rows, start + StandardizedMatrix.blockRows)
      try matrix.withRows(rows) { source in
        norms.withUnsafeMutableBufferPointer { norms in
          means.withUnsafeBufferPointer { means in
            guard let norm = norms.baseAddress, let mean = means.baseAddress else { return }
            switch source {
            case .single(let x):
              ub_spread_float(
                x.baseAddress, columns, rows.count, columns, mean, mean + columns, &largest,
                norm + start)
            case .double(let x):
              ub_spread_double(
                x.baseAddress, columns, rows.count, columns, mean, mean + columns, &largest,
                norm + start)
            }
          }
        }
      }
    }
    self.largest = largest
    squaredRowNorms = norms
  }
}
