/// The cells of a square in the order of Hilbert's curve: neighbours on the curve are neighbours in
/// the square, so that a stretch of it stays within few rows and few columns.
///
/// D. Hilbert, Über die stetige Abbildung einer Linie auf ein Flächenstück, Mathematische Annalen 38,
/// 1891.
struct HilbertCurve {
  /// The number of rows and of columns, a power of two.
  let side: Int

  /// The curve through the smallest square with at least `size` rows.
  init(covering size: Int) {
    var side = 1
    while side < size { side *= 2 }
    self.side = side
  }

  /// The cells (row, column) on and above the diagonal among the first `size` rows and columns, in
  /// the order of the curve.
  ///
  /// - Complexity: O(s² log s) for s = `side`.
  func upperTriangle(size: Int) -> [(row: Int, column: Int)] {
    (0..<side * side).lazy.map(cell).filter { $0.row <= $0.column && $0.column < size }
  }

  /// The cell at a place of the curve: from quarter to quarter of ever larger squares, each turned so
  /// that the curve enters where it has left the one before.
  func cell(at place: Int) -> (row: Int, column: Int) {
    var (row, column) = (0, 0)
    var (rest, size) = (place, 1)
    while size < side {
      let lower = rest / 2 & 1
      let right = (rest ^ lower) & 1
      if right == 0 {
        if lower == 1 { (row, column) = (size - 1 - row, size - 1 - column) }
        (row, column) = (column, row)
      }
      row += size * lower
      column += size * right
      rest /= 4
      size *= 2
    }
    return (row, column)
  }
}
