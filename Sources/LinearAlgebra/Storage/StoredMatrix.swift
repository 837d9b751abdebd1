/// A matrix that keeps its numbers as they came: in single or double precision, in memory or in a
/// file beside it. Samples in rows, features in columns, row after row.
///
/// Activations are single precision almost always; holding them so takes half the memory, and every
/// computation converts a few rows at a time. All elements convert to `Double` exactly.
public struct StoredMatrix: Sendable {
  /// The number of rows (samples).
  public let rows: Int
  /// The number of columns (features).
  public let columns: Int
  var storage: Storage

  enum Storage: Sendable {
    case single([Float])
    case double([Double])
    case file(FileRows)
  }

  /// - Precondition: `elements.count == rows * columns`.
  public init(rows: Int, columns: Int, elements: [Float]) {
    Self.check(rows, columns, elements.count)
    self.rows = rows
    self.columns = columns
    storage = .single(elements)
  }

  /// - Precondition: `elements.count == rows * columns`.
  public init(rows: Int, columns: Int, elements: [Double]) {
    Self.check(rows, columns, elements.count)
    self.rows = rows
    self.columns = columns
    storage = .double(elements)
  }

  /// The same numbers, held in double precision.
  public init(_ matrix: Matrix) {
    rows = matrix.rows
    columns = matrix.columns
    storage = .double(matrix.elements)
  }

  init(rows: Int, columns: Int, storage: Storage) {
    self.rows = rows
    self.columns = columns
    self.storage = storage
  }

  private static func check(_ rows: Int, _ columns: Int, _ count: Int) {
    precondition(
      count == rows * columns, "\(count) elements do not fill a \(rows) × \(columns) matrix")
  }

  /// Whether the numbers are held in single precision.
  public var isSingle: Bool {
    switch storage {
    case .single: true
    case .double: false
    case .file(let rows): rows.isSingle
    }
  }

  /// Whether the numbers are in a file instead of in memory.
  public var isInFile: Bool {
    if case .file = storage { true } else { false }
  }

  /// The bytes that the numbers take, in memory or in the file.
  public var bytes: Int { rows * columns * (isSingle ? 4 : 8) }
}

extension StoredMatrix {
  /// Some consecutive rows, one after the other.
  enum Rows {
    case single(UnsafeBufferPointer<Float>)
    case double(UnsafeBufferPointer<Double>)
  }

  /// Calls `body` with the rows in `range`, read from the file where they are in one.
  ///
  /// - Throws: ``SpillError`` when the file cannot be read; what `body` throws.
  func withRows<Result>(_ range: Range<Int>, _ body: (Rows) throws -> Result) throws -> Result {
    precondition(range.lowerBound >= 0 && range.upperBound <= rows, "rows \(range) of \(rows)")
    let elements = range.lowerBound * columns..<range.upperBound * columns
    switch storage {
    case .single(let values):
      return try values.withUnsafeBufferPointer { try body(.single(.init(rebasing: $0[elements]))) }
    case .double(let values):
      return try values.withUnsafeBufferPointer { try body(.double(.init(rebasing: $0[elements]))) }
    case .file(let file):
      return try file.withRows(range, columns: columns, body)
    }
  }

  /// Calls `body` with the bytes of all elements, some rows at a time, row after row.
  ///
  /// - Throws: ``SpillError`` when they are in a file that cannot be read; what `body` throws.
  public func forEachBlock(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    for start in stride(from: 0, to: rows, by: StandardizedMatrix.blockRows) {
      try withRows(start..<min(rows, start + StandardizedMatrix.blockRows)) { source in
        switch source {
        case .single(let values): try body(UnsafeRawBufferPointer(values))
        case .double(let values): try body(UnsafeRawBufferPointer(values))
        }
      }
    }
  }

  /// All rows in double precision, in memory.
  ///
  /// - Throws: ``SpillError`` when they are in a file that cannot be read.
  public func matrix() throws -> Matrix {
    if case .double(let elements) = storage {
      return Matrix(rows: rows, columns: columns, elements: elements)
    }
    let count = rows * columns
    return Matrix(
      rows: rows, columns: columns,
      elements: try withRows(0..<rows) { source in
        switch source {
        case .single(let values):
          [Double](unsafeUninitializedCapacity: count) { target, initialized in
            for index in 0..<count { target[index] = Double(values[index]) }
            initialized = count
          }
        case .double(let values): Array(values)
        }
      })
  }

  /// The rows at `indices`, in that order. Rows in a file stay there; only their order is noted.
  public func selectingRows(_ indices: [Int]) -> StoredMatrix {
    precondition(indices.allSatisfy { $0 >= 0 && $0 < rows }, "a row beyond the \(rows)")
    let selected: Storage =
      switch storage {
      case .single(let elements): .single(gathered(elements, rows: indices))
      case .double(let elements): .double(gathered(elements, rows: indices))
      case .file(let file): .file(file.selecting(indices))
      }
    return StoredMatrix(rows: indices.count, columns: columns, storage: selected)
  }

  private func gathered<Element>(_ elements: [Element], rows: [Int]) -> [Element] {
    var result: [Element] = []
    result.reserveCapacity(rows.count * columns)
    for row in rows { result.append(contentsOf: elements[row * columns..<(row + 1) * columns]) }
    return result
  }

  /// The columns at `indices`, in that order, in memory.
  ///
  /// - Throws: ``SpillError`` when they are in a file that cannot be read.
  public func selectingColumns(_ indices: [Int]) throws -> StoredMatrix {
    func picked<Element>(_ source: UnsafeBufferPointer<Element>) -> [Element] {
      var result: [Element] = []
      result.reserveCapacity(rows * indices.count)
      for row in 0..<rows {
        for index in indices { result.append(source[row * columns + index]) }
      }
      return result
    }
    precondition(indices.allSatisfy { $0 >= 0 && $0 < columns }, "a column beyond \(columns)")
    return StoredMatrix(
      rows: rows, columns: indices.count,
      storage: try withRows(0..<rows) { source in
        switch source {
        case .single(let values): .single(picked(values))
        case .double(let values): .double(picked(values))
        }
      })
  }
}

extension StoredMatrix {
  /// The numbers rounded to single precision.
  public init(rounding matrix: Matrix) {
    self.init(rows: matrix.rows, columns: matrix.columns, elements: matrix.elements.map(Float.init))
  }
}
