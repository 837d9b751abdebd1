import HDF5

/// Sparse matrices in compressed rows or columns.
extension RestatedFile {
  /// How many zeros a sparse matrix may expand to for each byte it stores, and without any question.
  private static let expansion = 1000
  private static let smallCount = 8 << 20

  /// Puts a dense matrix in the place of a group, if its parts fit each other.
  mutating func restateSparse(
    _ group: ObjectOutline, values: ObjectOutline, indices: ObjectOutline, pointers: ObjectOutline,
    rows: Int, columns: Int, isByColumn: Bool, evidence: String
  ) {
    func refuse(_ reason: String) {
      leaveOut(
        group.path, "a sparse matrix whose parts do not fit: \(reason)", isFault: true,
        help: "write it again, or as a dense matrix")
    }
    let (count, overflows) = rows.multipliedReportingOverflow(by: columns)
    let stored = (values.dataset?.storedBytes ?? 0) + (indices.dataset?.storedBytes ?? 0)
    guard rows > 0, columns > 0, !overflows else { return refuse("\(rows) × \(columns)") }
    guard count <= Self.smallCount || count / Self.expansion <= stored else {
      return refuse("\(rows) × \(columns) elements for \(stored) bytes")
    }
    guard let starts = wholeNumbers(pointers.path), values.shape == indices.shape,
      values.shape.count == 1
    else { return refuse("its lists") }
    guard starts.count == (isByColumn ? columns : rows) + 1, starts.first == 0,
      starts.last == values.shape[0], zip(starts, starts.dropFirst()).allSatisfy({ $0 <= $1 })
    else { return refuse("its pointers are not those of \(rows) × \(columns)") }
    let matrix = SparseMatrix(
      values: source(values), indices: source(indices), starts: starts, rows: rows,
      columns: columns, isByColumn: isByColumn)
    absorb([values.path, indices.path, pointers.path])
    add(
      group.path, shape: [rows, columns], type: .float64, .sparse(matrix),
      attributes: group.attributes, like: values,
      axes: Axes(dims: Dims("n d"), evidence: evidence))
  }
}
