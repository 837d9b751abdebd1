import COpenBLAS

extension Matrix {
  /// The inner products of each row with the `reach` rows that follow it, around the end:
  /// element (i, s − 1) is row i · row (i + s) mod rows, for s = 1 … `reach`.
  ///
  /// - Precondition: `reach` is below the number of rows.
  /// - Complexity: about 2 · rows · max(32, 2 · reach) · columns operations, in matrix products.
  public func neighbouringRowProducts(reach: Int) -> Matrix {
    precondition(reach >= 0 && reach < rows, "a reach of \(reach) among \(rows) rows")
    // As high as wide, half of a product is used; lower than 32, it would be slow.
    let height = Swift.min(rows, Swift.max(32, reach))
    let width = height + reach - 1
    let extended = selectingRows((0..<rows + reach).lazy.map { $0 % self.rows })
    var product = [Double](repeating: 0, count: height * width)
    return Matrix(rows: rows, columns: reach) { result in
      guard columns > 0 else { return }
      for start in stride(from: 0, to: rows, by: height) {
        let count = Swift.min(height, rows - start)
        extended.elements.withUnsafeBufferPointer { elements in
          guard let base = elements.baseAddress else { return }
          cblas_dgemm(
            CblasRowMajor, CblasNoTrans, CblasTrans, blasInt(count), blasInt(count + reach - 1),
            blasInt(columns), 1, base + start * columns, blasInt(columns),
            base + (start + 1) * columns, blasInt(columns), 0, &product, blasInt(width))
        }
        for row in 0..<count {
          for step in 0..<reach {
            result[(start + row) * reach + step] = product[row * width + row + step]
          }
        }
      }
    }
  }
}
