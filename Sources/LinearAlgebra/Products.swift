import COpenBLAS

extension Matrix {
  /// `self` · `other`ᵀ, of shape rows × other.rows.
  public func timesTransposed(_ other: Matrix) -> Matrix {
    precondition(columns == other.columns, "\(columns) columns do not meet \(other.columns)")
    return Matrix(rows: rows, columns: other.rows) { result in
      cblas_dgemm(
        CblasRowMajor, CblasNoTrans, CblasTrans, blasInt(rows), blasInt(other.rows),
        blasInt(columns), 1, elements, blasInt(max(1, columns)), other.elements,
        blasInt(max(1, columns)), 0, result, blasInt(max(1, other.rows)))
    }
  }

  /// `self` · `other`, of shape rows × other.columns.
  public func times(_ other: Matrix) -> Matrix {
    precondition(columns == other.rows, "\(columns) columns do not meet \(other.rows) rows")
    return Matrix(rows: rows, columns: other.columns) { result in
      cblas_dgemm(
        CblasRowMajor, CblasNoTrans, CblasNoTrans, blasInt(rows), blasInt(other.columns),
        blasInt(columns), 1, elements, blasInt(max(1, columns)), other.elements,
        blasInt(max(1, other.columns)), 0, result, blasInt(max(1, other.columns)))
    }
  }

  /// `self`ᵀ · `other`, of shape columns × other.columns: all inner products between the columns of
  /// the two matrices.
  public func transposeTimes(_ other: Matrix) -> Matrix {
    precondition(rows == other.rows, "\(rows) rows do not meet \(other.rows) rows")
    return Matrix(rows: columns, columns: other.columns) { result in
      cblas_dgemm(
        CblasRowMajor, CblasTrans, CblasNoTrans, blasInt(columns), blasInt(other.columns),
        blasInt(rows), 1, elements, blasInt(max(1, columns)), other.elements,
        blasInt(max(1, other.columns)), 0, result, blasInt(max(1, other.columns)))
    }
  }

  /// `self`ᵀ · `self`, the columns × columns matrix of inner products between features.
  public func featureGram() -> Matrix {
    symmetricProduct(size: columns, inner: rows, transpose: CblasTrans)
  }

  /// `self` · `self`ᵀ, the rows × rows matrix of inner products between samples.
  public func sampleGram() -> Matrix {
    symmetricProduct(size: rows, inner: columns, transpose: CblasNoTrans)
  }

  /// The sum of the squares of all elements.
  public func squaredFrobeniusNorm() -> Double {
    cblas_ddot(blasInt(elements.count), elements, 1, elements, 1)
  }

  /// The squared Euclidean norm of each row.
  public func squaredRowNorms() -> [Double] {
    elements.withUnsafeBufferPointer { elements in
      (0..<rows).map { row in
        var sum = 0.0
        for index in row * columns..<(row + 1) * columns {
          sum += elements[index] * elements[index]
        }
        return sum
      }
    }
  }

  /// The matrix with every element multiplied by `factor`.
  public func scaled(by factor: Double) -> Matrix {
    var result = self
    result.elements.withUnsafeMutableBufferPointer { elements in
      for index in elements.indices { elements[index] *= factor }
    }
    return result
  }

  /// The upper triangle by `dsyrk`, at half the cost of a general product, then mirrored.
  private func symmetricProduct(size: Int, inner: Int, transpose: CBLAS_TRANSPOSE) -> Matrix {
    Matrix(rows: size, columns: size) { result in
      cblas_dsyrk(
        CblasRowMajor, CblasUpper, transpose, blasInt(size), blasInt(inner), 1, elements,
        blasInt(max(1, columns)), 0, result, blasInt(max(1, size)))
      mirrorTriangle(ofSquare: result, size: size)
    }
  }

  /// A matrix whose elements are written by `fill` into zeroed memory.
  init(
    rows: Int, columns: Int, fill: (UnsafeMutablePointer<Double>) throws -> Void
  ) rethrows {
    var elements = [Double](repeating: 0, count: rows * columns)
    if !elements.isEmpty {
      try elements.withUnsafeMutableBufferPointer { buffer in
        if let base = buffer.baseAddress { try fill(base) }
      }
    }
    self.init(rows: rows, columns: columns, elements: elements)
  }
}

extension Matrix {
  /// Copies the upper triangle into the lower one.
  ///
  /// - Precondition: The matrix is square.
  public mutating func mirrorUpperTriangle() {
    precondition(rows == columns, "the matrix is not square")
    let size = rows
    elements.withUnsafeMutableBufferPointer { elements in
      if let base = elements.baseAddress { mirrorTriangle(ofSquare: base, size: size) }
    }
  }
}

/// Copies the upper triangle of a square into the lower one, in blocks that fit the cache.
func mirrorTriangle(ofSquare square: UnsafeMutablePointer<Double>, size: Int) {
  let side = 64
  for top in stride(from: 0, to: size, by: side) {
    for left in stride(from: 0, through: top, by: side) {
      for row in top..<min(size, top + side) {
        for column in left..<min(row, left + side) {
          square[row * size + column] = square[column * size + row]
        }
      }
    }
  }
}

/// The inner product of two vectors of equal length.
public func dot(_ x: [Double], _ y: [Double]) -> Double {
  precondition(x.count == y.count, "\(x.count) elements do not meet \(y.count)")
  return cblas_ddot(blasInt(x.count), x, 1, y, 1)
}

/// The integer type of BLAS is 32 bits wide; larger sizes are a planning error upstream.
///
/// The sizes of every call pass through here, so that none runs before BLAS is told to use one thread:
/// the bits of a result depend on the number of its threads.
func blasInt(_ value: Int) -> Int32 {
  Parallel.limitBLASThreads
  guard let narrowed = Int32(exactly: value) else {
    preconditionFailure("\(value) exceeds the 32-bit integers of BLAS")
  }
  return narrowed
}
