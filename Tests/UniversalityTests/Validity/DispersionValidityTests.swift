import LinearAlgebra
import Testing

@testable import Universality

/// The test of dispersion on families that differ in place and not in spread.
@Suite struct DispersionValidityTests {
  private static func distances(_ points: Matrix) -> Matrix {
    Matrix(rows: points.rows, columns: points.rows) { a, b in
      zip(points.row(a), points.row(b)).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        .squareRoot()
    }
  }

  /// Normal points about centres of their own: rejected at 5 % in 5 % of cases, for equal and unequal
  /// families.
  @Test(arguments: [[3, 3, 3], [3, 3, 3, 3, 3, 3], [3, 4, 8], [2, 3, 6], [5, 5]])
  func equalSpreadIsRejectedAtTheNominalRate(sizes: [Int]) throws {
    let groups = sizes.enumerated().flatMap { Array(repeating: $0, count: $1) }
    let draws = ValidityScale.draws(300, full: 4000)
    for columns in [2, 8] {
      let rejected = try Parallel.map(count: draws, threads: 2) { draw -> Bool in
        var generator = SeededGenerator(seed: UInt64(columns), stream: UInt64(draw))
        let noise = generator.gaussianMatrix(rows: groups.count, columns: columns)
        let points = Matrix(rows: groups.count, columns: columns) { row, column in
          noise[row, column] + (column == 0 ? 3 * Double(groups[row]) : 0)
        }
        let test = PermutationalDispersion(Self.distances(points), groups: groups)
        return (try test?.pValue(draws: 99, seed: UInt64(draw)) ?? .nan) <= 0.05
      }.count { $0 }
      ValidityScale.report(
        "PERMDISP, families of \(sizes), \(columns) dimensions: \(rejected) of \(draws)")
      let rate = Double(rejected) / Double(draws)
      #expect(
        abs(rate - 0.05) <= (ValidityScale.isFull ? 0.01 : ValidityScale.slack(0.05, draws)),
        "\(rate)")
    }
  }

  @Test func unequalSpreadIsFound() throws {
    let groups = (0..<18).map { $0 / 6 }
    var generator = SeededGenerator(seed: 3)
    let noise = generator.gaussianMatrix(rows: 18, columns: 6)
    let points = Matrix(rows: 18, columns: 6) { (groups[$0] == 2 ? 4 : 1) * noise[$0, $1] }
    let test = try #require(PermutationalDispersion(Self.distances(points), groups: groups))
    #expect(try test.pValue(draws: 999, seed: 1) <= 0.01)
  }

  /// Who stands first in a family does not change F, and the centres do not matter for p.
  @Test func onlySpreadCounts() throws {
    let groups = [0, 0, 0, 1, 1, 1, 1]
    var generator = SeededGenerator(seed: 4)
    let points = generator.gaussianMatrix(rows: 7, columns: 3)
    let moved = Matrix(rows: 7, columns: 3) { points[$0, $1] + 10 * Double(groups[$0]) }
    let order = [2, 5, 0, 3, 6, 1, 4]
    let first = try #require(PermutationalDispersion(Self.distances(points), groups: groups))
    let second = try #require(PermutationalDispersion(Self.distances(moved), groups: groups))
    let third = try #require(
      PermutationalDispersion(
        Self.distances(points.selectingRows(order)), groups: order.map { groups[$0] }))
    #expect(abs(first.f - second.f) <= 1e-8 && abs(first.f - third.f) <= 1e-8)
    #expect(try first.pValue(draws: 99, seed: 1) == second.pValue(draws: 99, seed: 1))
  }
}
