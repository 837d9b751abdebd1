import LinearAlgebra

/// What is remarkable about the numbers of a representation.
struct DataChecks: Sendable, Equatable {
  /// The rows and columns with NaN or infinite elements, in ascending order.
  var badRows: [Int] = []
  var badColumns: [Int] = []
  var notANumber = 0
  var infinite = 0
  /// The first such element in row order.
  var first: (row: Int, column: Int)?
  /// The number of features that are the same for all samples.
  var constantFeatures = 0

  /// - Throws: `SpillError` when the numbers are in a file that cannot be read.
  init(_ matrix: StoredMatrix) throws {
    let scan = try ColumnScan(matrix)
    constantFeatures = scan.constantCount
    badColumns = scan.notFinite
    guard !badColumns.isEmpty else { return }
    try matrix.forEachNotFinite(in: badColumns) { row, column, isNaN in
      if isNaN { notANumber += 1 } else { infinite += 1 }
      if first == nil { first = (row, column) }
      if badRows.last != row { badRows.append(row) }
    }
  }

  var isFinite: Bool { first == nil }

  /// Such as `1 NaN: first at sample 13 (id test_0013), feature 2`.
  func sentence(ids: [String]?, rows: [Int]) -> String {
    var parts: [String] = []
    if notANumber > 0 { parts.append("\(notANumber) NaN") }
    if infinite > 0 { parts.append("\(infinite) infinite") }
    guard let first else { return "all finite" }
    let id = ids.map { " (id \($0[first.row]))" } ?? ""
    return "\(parts.joined(separator: ", ")): first at sample \(rows[first.row])\(id), "
      + "feature \(first.column)"
  }

  static func == (a: DataChecks, b: DataChecks) -> Bool {
    a.badRows == b.badRows && a.badColumns == b.badColumns && a.notANumber == b.notANumber
      && a.infinite == b.infinite && a.constantFeatures == b.constantFeatures
  }
}
