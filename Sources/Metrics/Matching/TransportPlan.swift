import LinearAlgebra

/// The cheapest way to ship goods from rows to columns, exactly.
///
///     min Σᵢⱼ cᵢⱼ Pᵢⱼ,   Σⱼ Pᵢⱼ = supply,   Σᵢ Pᵢⱼ ≤ capacity,   Pᵢⱼ ≥ 0 and whole
///
/// With supply and capacity 1 and no more rows than columns this is the assignment problem; with total
/// supply equal to total capacity it is the transport problem with uniform marginals.
///
/// Rows are served one after the other along shortest paths in the residual graph, with potentials
/// that keep reduced costs from being negative: Dijkstra's algorithm over dense rows. With supply 1 it
/// is the Hungarian method in the form of Jonker and Volgenant (1987); the general case is the
/// successive-shortest-path method (Ahuja, Magnanti & Orlin, Network Flows, section 9.7).
///
/// - Complexity: O(rows² columns) for assignments; otherwise that for each unit of path capacity, in
///   practice for a small multiple of rows + columns paths.
struct TransportPlan {
  /// What goes from each row to each column.
  private(set) var amounts: Matrix
  private let costs: Matrix
  private var rowPotentials: [Double]
  private var columnPotentials: [Double]
  private var remaining: [Int]
  /// The rows that ship to each column.
  private var suppliers: [[Int]]

  /// - Precondition: the columns can take what the rows have.
  init(costs: Matrix, supply: Int, capacity: Int) {
    precondition(costs.rows * supply <= costs.columns * capacity, "more supply than capacity")
    self.costs = costs
    amounts = Matrix(rows: costs.rows, columns: costs.columns)
    rowPotentials = Array(repeating: 0, count: costs.rows)
    columnPotentials = Array(repeating: 0, count: costs.columns)
    remaining = Array(repeating: capacity, count: costs.columns)
    suppliers = Array(repeating: [], count: costs.columns)
    for row in 0..<costs.rows {
      var left = supply
      while left > 0 { left -= ship(from: row, atMost: left) }
    }
  }

  /// Ships along the cheapest path from `source` to a column with room and returns how much.
  private mutating func ship(from source: Int, atMost limit: Int) -> Int {
    // The cheapest way found to each column, and the row from which it gets there.
    var distances = [Double](repeating: .infinity, count: costs.columns)
    var previousRow = [Int](repeating: source, count: costs.columns)
    var isSettled = [Bool](repeating: false, count: costs.columns)
    // The column from which each row was reached, against the flow; the source has none.
    var previousColumn = [Int?](repeating: nil, count: costs.rows)
    var settledColumns: [Int] = []
    var settledRows = [source]
    var isReached = [Bool](repeating: false, count: costs.rows)
    isReached[source] = true
    var fresh = settledRows

    while true {
      for row in fresh { relax(from: row, &distances, &previousRow, isSettled) }
      var (nearest, distance) = (0, Double.infinity)
      for column in 0..<costs.columns where !isSettled[column] && distances[column] < distance {
        (nearest, distance) = (column, distances[column])
      }
      // Everything reached moves by the distance: the nearest column then costs nothing more.
      for row in settledRows { rowPotentials[row] += distance }
      for column in settledColumns { columnPotentials[column] -= distance }
      for column in 0..<costs.columns where !isSettled[column] { distances[column] -= distance }
      if remaining[nearest] > 0 {
        return augment(
          to: nearest, from: source, atMost: min(limit, remaining[nearest]), previousRow,
          previousColumn)
      }
      isSettled[nearest] = true
      settledColumns.append(nearest)
      fresh = suppliers[nearest].filter { !isReached[$0] }
      for row in fresh {
        isReached[row] = true
        previousColumn[row] = nearest
      }
      settledRows += fresh
    }
  }

  /// Shortens the ways to all columns that are not settled by way of `row`.
  private func relax(
    from row: Int, _ distances: inout [Double], _ previousRow: inout [Int], _ isSettled: [Bool]
  ) {
    let potential = rowPotentials[row]
    costs.elements.withUnsafeBufferPointer { elements in
      for column in 0..<costs.columns where !isSettled[column] {
        let reduced = elements[row * costs.columns + column] - potential - columnPotentials[column]
        if reduced < distances[column] {
          distances[column] = reduced
          previousRow[column] = row
        }
      }
    }
  }

  /// Moves as much as fits along the path that ends in `column`.
  private mutating func augment(
    to column: Int, from source: Int, atMost limit: Int, _ previousRow: [Int],
    _ previousColumn: [Int?]
  ) -> Int {
    var path: [(row: Int, column: Int)] = [(previousRow[column], column)]
    while let last = path.last, let back = previousColumn[last.row] {
      path.append((previousRow[back], back))
    }
    // A row gives back to the column through which it was reached what it ships there.
    let returns = zip(path, path.dropFirst()).map { (row: $0.row, column: $1.column) }
    let amount = returns.reduce(limit) { min($0, Int(amounts[$1.row, $1.column])) }
    for (row, column) in path {
      if amounts[row, column] == 0 { suppliers[column].append(row) }
      amounts[row, column] += Double(amount)
    }
    for (row, column) in returns {
      amounts[row, column] -= Double(amount)
      if amounts[row, column] == 0 { suppliers[column].removeAll { $0 == row } }
    }
    remaining[column] -= amount
    return amount
  }
}
