/// A dense matrix of doubles: row-major, contiguous, a value.
///
/// Throughout the package a matrix of activations has **samples in rows** and **features in
/// columns**.
public struct Matrix: Sendable, Equatable {
  /// The number of rows (samples).
  public let rows: Int
  /// The number of columns (features).
  public let columns: Int
  /// The elements, row after row: element (i, j) is `elements[i * columns + j]`.
  public internal(set) var elements: [Double]

  /// A matrix from its elements, row after row.
  ///
  /// - Precondition: `elements.count == rows * columns`.
  public init(rows: Int, columns: Int, elements: [Double]) {
    precondition(
      elements.count == rows * columns,
      "\(elements.count) elements do not fill a \(rows) × \(columns) matrix")
    self.rows = rows
    self.columns = columns
    self.elements = elements
  }

  /// A matrix whose elements are all `value`.
  public init(rows: Int, columns: Int, repeating value: Double = 0) {
    self.init(
      rows: rows, columns: columns, elements: Array(repeating: value, count: rows * columns))
  }

  /// A matrix from a list of rows of equal length.
  public init(rows list: [[Double]]) {
    let columns = list.first?.count ?? 0
    precondition(list.allSatisfy { $0.count == columns }, "the rows differ in length")
    self.init(rows: list.count, columns: columns, elements: list.flatMap { $0 })
  }

  /// A matrix whose element (i, j) is `element(i, j)`.
  public init(rows: Int, columns: Int, _ element: (Int, Int) -> Double) {
    var elements: [Double] = []
    elements.reserveCapacity(rows * columns)
    for row in 0..<rows {
      for column in 0..<columns { elements.append(element(row, column)) }
    }
    self.init(rows: rows, columns: columns, elements: elements)
  }

  /// The element in row `row` and column `column`.
  public subscript(row: Int, column: Int) -> Double {
    get {
      precondition(row >= 0 && row < rows && column >= 0 && column < columns, "index out of range")
      return elements[row * columns + column]
    }
    set {
      precondition(row >= 0 && row < rows && column >= 0 && column < columns, "index out of range")
      elements[row * columns + column] = newValue
    }
  }

  /// One row as a slice of the elements.
  public func row(_ row: Int) -> ArraySlice<Double> {
    elements[row * columns..<(row + 1) * columns]
  }

  /// The matrix with the rows and columns exchanged.
  public func transposed() -> Matrix {
    Matrix(rows: columns, columns: rows) { result in
      elements.withUnsafeBufferPointer { source in
        // Squares that fit the cache: one of the two is walked across its rows.
        let side = 32
        for top in stride(from: 0, to: rows, by: side) {
          for left in stride(from: 0, to: columns, by: side) {
            for row in top..<min(rows, top + side) {
              for column in left..<min(columns, left + side) {
                result[column * rows + row] = source[row * columns + column]
              }
            }
          }
        }
      }
    }
  }

  /// The rows at `indices`, in that order. An index may occur more than once.
  public func selectingRows(_ indices: some Sequence<Int>) -> Matrix {
    var selected: [Double] = []
    selected.reserveCapacity(indices.underestimatedCount * columns)
    var count = 0
    for index in indices {
      selected.append(contentsOf: row(index))
      count += 1
    }
    return Matrix(rows: count, columns: columns, elements: selected)
  }

  /// The columns at `indices`, in that order.
  public func selectingColumns(_ indices: [Int]) -> Matrix {
    Matrix(rows: rows, columns: indices.count) { elements[$0 * columns + indices[$1]] }
  }
}

extension Matrix {
  /// The elements in `rows` and `columns`.
  public func block(rows: Range<Int>, columns: Range<Int>) -> Matrix {
    precondition(rows.upperBound <= self.rows && columns.upperBound <= self.columns)
    var block: [Double] = []
    block.reserveCapacity(rows.count * columns.count)
    for row in rows {
      let start = row * self.columns
      block.append(contentsOf: elements[start + columns.lowerBound..<start + columns.upperBound])
    }
    return Matrix(rows: rows.count, columns: columns.count, elements: block)
  }

  /// The sum of the squares of the elements in `rows` and `columns`.
  public func squaredFrobeniusNorm(rows: Range<Int>, columns: Range<Int>) -> Double {
    precondition(rows.upperBound <= self.rows && columns.upperBound <= self.columns)
    return elements.withUnsafeBufferPointer { elements in
      var sum = 0.0
      for row in rows {
        var rowSum = 0.0
        for index in row * self.columns + columns.lowerBound..<row * self.columns
          + columns.upperBound
        {
          rowSum += elements[index] * elements[index]
        }
        sum += rowSum
      }
      return sum
    }
  }
}
