/// A first look at a matrix: whether all elements are finite, and which columns vary.
public struct ColumnScan: Sendable, Equatable {
  /// The columns with NaN or infinite elements.
  public let notFinite: [Int]
  /// The number of columns that have the same value in all rows.
  public let constantCount: Int

  /// - Throws: ``SpillError`` when the numbers are in a file that cannot be read.
  /// - Complexity: one pass along the rows.
  public init(_ matrix: StoredMatrix) throws {
    var flags = ColumnFlags(columns: matrix.columns)
    for start in stride(from: 0, to: matrix.rows, by: StandardizedMatrix.blockRows) {
      let rows = start..<min(matrix.rows, start + StandardizedMatrix.blockRows)
      try matrix.withRows(rows) { source in
        switch source {
        case .single(let values):
          if start == 0 { flags.first = values.prefix(matrix.columns).map(Double.init) }
          flags.add(values, rows: rows.count)
        case .double(let values):
          if start == 0 { flags.first = Array(values.prefix(matrix.columns)) }
          flags.add(values, rows: rows.count)
        }
      }
    }
    notFinite = flags.isNotFinite.indices.filter { flags.isNotFinite[$0] != 0 }
    constantCount = flags.varies.count { $0 == 0 }
  }
}

/// Per column a byte that is set when something was seen: loops over bytes become vector code.
private struct ColumnFlags {
  var isNotFinite: [UInt8]
  var varies: [UInt8]
  var first: [Double] = []

  init(columns: Int) {
    isNotFinite = Array(repeating: 0, count: columns)
    varies = isNotFinite
  }

  mutating func add<Element: BinaryFloatingPoint>(
    _ values: UnsafeBufferPointer<Element>, rows: Int
  ) {
    let columns = varies.count
    let first = first.map { Element($0) }
    isNotFinite.withUnsafeMutableBufferPointer { isNotFinite in
      varies.withUnsafeMutableBufferPointer { varies in
        first.withUnsafeBufferPointer { first in
          for row in 0..<rows {
            for column in 0..<columns {
              let value = values[row * columns + column]
              // x − x is 0 for every finite x, and NaN for all others.
              isNotFinite[column] |= value - value == 0 ? 0 : 1
              varies[column] |= value == first[column] ? 0 : 1
            }
          }
        }
      }
    }
  }
}

extension StoredMatrix {
  /// Calls `body` for every element that is NaN or infinite, in row order.
  ///
  /// - Throws: ``SpillError`` when the numbers are in a file that cannot be read.
  public func forEachNotFinite(
    in suspects: [Int], _ body: (_ row: Int, _ column: Int, _ isNaN: Bool) -> Void
  ) throws {
    for start in stride(from: 0, to: rows, by: StandardizedMatrix.blockRows) {
      let range = start..<min(rows, start + StandardizedMatrix.blockRows)
      try withRows(range) { source in
        for row in range {
          for column in suspects {
            let value = source[(row - start) * columns + column]
            if !value.isFinite { body(row, column, value.isNaN) }
          }
        }
      }
    }
  }
}

extension StoredMatrix.Rows {
  subscript(index: Int) -> Double {
    switch self {
    case .single(let values): Double(values[index])
    case .double(let values): values[index]
    }
  }
}
