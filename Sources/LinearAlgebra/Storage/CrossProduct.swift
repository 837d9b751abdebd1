import COpenBLAS

/// AᵀB for matrices that are each given in pieces, side by side.
///
/// - Parameters:
///   - left: The pieces of A, all with the same number of rows.
///   - right: The pieces of B, with as many rows; `nil` for AᵀA, of which only the upper triangle is
///     computed, at half the cost.
///   - precision: Of the products; in single precision their sums over blocks of rows are added in
///     double precision.
/// - Returns: ΣA.columns × ΣB.columns.
/// - Throws: ``SpillError`` when pieces are in a file that cannot be read.
public func crossProduct(
  of left: [StoredMatrix], with right: [StoredMatrix]?, precision: Precision = .double
) throws -> Matrix {
  switch precision {
  case .double: try BlockedProduct<Double>(left, right).product()
  case .single: try BlockedProduct<Float>(left, right).product()
  }
}

/// One product, block of rows by block of rows: the pieces are brought side by side in scratch memory.
private struct BlockedProduct<Element: BLASScalar> {
  let left: [StoredMatrix]
  let right: [StoredMatrix]?
  let rows: Int

  init(_ left: [StoredMatrix], _ right: [StoredMatrix]?) {
    self.left = left
    self.right = right
    let all = left + (right ?? [])
    rows = all.first?.rows ?? 0
    precondition(all.allSatisfy { $0.rows == rows }, "the pieces differ in their rows")
  }

  func product() throws -> Matrix {
    let height = left.reduce(0) { $0 + $1.columns }
    let width = right.map { $0.reduce(0) { $0 + $1.columns } } ?? height
    // A block in single precision is summed by the product itself: long, but not too long.
    let blockRows = min(max(1, rows), Element.self == Float.self ? 4096 : 512)
    let x = Workspace<Element>(blockRows * height)
    let y = right == nil ? x : Workspace<Element>(blockRows * width)
    return try Matrix(rows: height, columns: width) { total in
      try withSums(total, count: height * width) { product, addsUp, finish in
        for start in stride(from: 0, to: rows, by: blockRows) {
          let block = start..<min(rows, start + blockRows)
          try gather(left, block, width: height, into: x.start)
          if let right {
            try gather(right, block, width: width, into: y.start)
            Element.gemm(
              CblasTrans, CblasNoTrans, rows: height, columns: width, inner: block.count, x.start,
              leadingA: height, y.start, leadingB: width, adding: addsUp && start > 0, to: product,
              leadingC: width)
          } else {
            Element.syrk(
              CblasTrans, size: height, inner: block.count, scale: 1, x.start, leadingA: height,
              adding: addsUp && start > 0, to: product, leadingC: height)
          }
          finish()
        }
      }
    }
  }

  /// Calls `body` with memory for products: in double precision that of the result itself, which adds
  /// up; in single precision scratch memory, added to the result after each block by `finish`.
  private func withSums(
    _ total: UnsafeMutablePointer<Double>, count: Int,
    _ body: (UnsafeMutablePointer<Element>, _ addsUp: Bool, _ finish: () -> Void) throws -> Void
  ) rethrows {
    if Element.self == Double.self {
      try UnsafeMutableRawPointer(total).withMemoryRebound(to: Element.self, capacity: count) {
        try body($0, true) {}
      }
      return
    }
    let scratch = Workspace<Element>(count)
    scratch.start.update(repeating: 0, count: count)
    try body(scratch.start, false) {
      for index in 0..<count { total[index] += Double(scratch.start[index]) }
    }
  }

  private func gather(
    _ pieces: [StoredMatrix], _ rows: Range<Int>, width: Int,
    into target: UnsafeMutablePointer<Element>
  ) throws {
    var offset = 0
    for piece in pieces {
      try piece.withRows(rows) { source in
        switch source {
        case .single(let values):
          copy(values, columns: piece.columns, rows.count, to: target + offset, width)
        case .double(let values):
          copy(values, columns: piece.columns, rows.count, to: target + offset, width)
        }
      }
      offset += piece.columns
    }
  }

  private func copy<Source: BinaryFloatingPoint>(
    _ source: UnsafeBufferPointer<Source>, columns: Int, _ rows: Int,
    to target: UnsafeMutablePointer<Element>, _ stride: Int
  ) {
    for row in 0..<rows {
      let (from, to) = (row * columns, row * stride)
      for column in 0..<columns { target[to + column] = Element(source[from + column]) }
    }
  }
}
