extension StoredMatrix {
  /// The number of rows at the end that are zero throughout.
  ///
  /// - Throws: ``SpillError`` when the numbers are in a file that cannot be read.
  public func zeroRowsAtEnd() throws -> Int {
    for row in (0..<rows).reversed() {
      let isZero = try withRows(row..<row + 1) { source in
        (0..<columns).allSatisfy { source[$0] == 0 }
      }
      if !isZero { return rows - 1 - row }
    }
    return rows
  }

  /// Up to about `limit` elements, evenly spread; equal matrices have equal ones.
  ///
  /// - Throws: ``SpillError`` when the numbers are in a file that cannot be read.
  public func spreadElements(atMost limit: Int) throws -> [Double] {
    let count = rows * columns
    return try stride(from: 0, to: count, by: max(1, count / max(1, limit))).map { place in
      let row = place / columns
      return try withRows(row..<row + 1) { $0[place % columns] }
    }
  }

  /// Whether all numbers are equal, in whatever precision they are held.
  ///
  /// - Throws: ``SpillError`` when the numbers are in a file that cannot be read.
  public func hasSameNumbers(as other: StoredMatrix) throws -> Bool {
    guard rows == other.rows, columns == other.columns else { return false }
    for start in stride(from: 0, to: rows, by: StandardizedMatrix.blockRows) {
      let range = start..<min(rows, start + StandardizedMatrix.blockRows)
      let isSame = try withRows(range) { x in
        try other.withRows(range) { y in
          (0..<range.count * columns).allSatisfy { x[$0] == y[$0] }
        }
      }
      if !isSame { return false }
    }
    return true
  }
}
