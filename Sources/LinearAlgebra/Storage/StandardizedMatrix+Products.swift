import COpenBLAS

extension StandardizedMatrix {
  /// Xᵀ·X, the columns × columns matrix of inner products between features.
  ///
  /// - Throws: ``SpillError``.
  public func featureGram() throws -> Matrix {
    let block = Workspace<Double>(Self.blockRows * columns)
    return try Matrix(rows: columns, columns: columns) { result in
      for start in stride(from: 0, to: rows, by: Self.blockRows) {
        let range = start..<min(rows, start + Self.blockRows)
        try fill(range, columns: 0..<columns, into: block.start, stride: columns)
        Double.syrk(
          CblasTrans, size: columns, inner: range.count, scale: 1, block.start, leadingA: columns,
          adding: start > 0, to: result, leadingC: columns)
      }
      mirrorTriangle(ofSquare: result, size: columns)
    }
  }

  /// X·Xᵀ, the rows × rows matrix of inner products between samples.
  ///
  /// - Throws: ``SpillError``.
  public func sampleGram() throws -> Matrix {
    let width = min(columns, Self.blockRows)
    let panel = Workspace<Double>(rows * width)
    return try Matrix(rows: rows, columns: rows) { result in
      try withBlock(0..<rows) { block in
        for start in stride(from: 0, to: columns, by: width) {
          let range = start..<min(columns, start + width)
          block.fill(columns: range, into: panel.start, stride: range.count)
          Double.syrk(
            CblasNoTrans, size: rows, inner: range.count, scale: 1, panel.start,
            leadingA: range.count, adding: start > 0, to: result, leadingC: rows)
        }
      }
      mirrorTriangle(ofSquare: result, size: rows)
    }
  }

  /// X·Bᵀ, of shape rows × B.rows.
  ///
  /// - Throws: ``SpillError``.
  public func timesTransposed(_ other: Matrix) throws -> Matrix {
    precondition(columns == other.columns, "\(columns) columns do not meet \(other.columns)")
    let block = Workspace<Double>(Self.blockRows * columns)
    return try Matrix(rows: rows, columns: other.rows) { result in
      try other.elements.withUnsafeBufferPointer { elements in
        for start in stride(from: 0, to: rows, by: Self.blockRows) {
          let range = start..<min(rows, start + Self.blockRows)
          try fill(range, columns: 0..<columns, into: block.start, stride: columns)
          Double.gemm(
            CblasNoTrans, CblasTrans, rows: range.count, columns: other.rows, inner: columns,
            block.start, leadingA: columns, elements.baseAddress, leadingB: columns, adding: false,
            to: result + start * other.rows, leadingC: other.rows)
        }
      }
    }
  }
}
