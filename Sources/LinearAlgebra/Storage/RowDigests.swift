/// One 64-bit digest a row, over the rows of several matrices: rows with different digests differ.
///
/// FNV-1a over the bits of the elements as doubles, word by word; 0.0 and −0.0 count as different.
public struct RowDigests: Sendable {
  public private(set) var values: [UInt64]

  public init(rows: Int) {
    values = Array(repeating: 0xcbf2_9ce4_8422_2325, count: rows)
  }

  /// Adds the rows of a matrix to the digests.
  ///
  /// - Throws: ``SpillError`` when they are in a file that cannot be read.
  public mutating func combine(_ matrix: StoredMatrix) throws {
    precondition(matrix.rows == values.count, "\(matrix.rows) rows for \(values.count) digests")
    for start in stride(from: 0, to: matrix.rows, by: StandardizedMatrix.blockRows) {
      let rows = start..<min(matrix.rows, start + StandardizedMatrix.blockRows)
      try matrix.withRows(rows) { source in
        for row in rows {
          let elements = (row - start) * matrix.columns..<(row - start + 1) * matrix.columns
          switch source {
          case .single(let x):
            for index in elements { mix(Double(x[index]).bitPattern, into: row) }
          case .double(let x):
            for index in elements { mix(x[index].bitPattern, into: row) }
          }
        }
      }
    }
  }

  private mutating func mix(_ word: UInt64, into row: Int) {
    var digest = (values[row] ^ word) &* 0x0000_0100_0000_01B3
    digest ^= digest >> 32
    values[row] = digest
  }
}
