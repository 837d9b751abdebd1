import LinearAlgebra
import Testing

@testable import Metrics

@Suite struct MatchingTests {
  @Test(arguments: [
    ("matching-hard", 0.592143241580), ("matching-semi", 0.592143241580),
    ("matching-semi:symmetric=true", 0.573279155225), ("matching-soft", 0.496363234246),
  ])
  func goldenValues(_ specification: String, _ expected: Double) throws {
    let metric = try MetricCatalogue.metric(specification)
    let fixture = GoldenFixture.a
    #expect(agree(try metric.similarity(fixture.x, fixture.y), expected, within: 1e-10))
  }

  @Test func goldenValueOfTheOtherDirection() throws {
    let fixture = GoldenFixture.a
    let value = try SemiMatching().similarity(fixture.y, fixture.x)
    #expect(agree(value, 0.554415068869, within: 1e-10))
  }

  /// Against all ways to give each of p rows a column of its own.
  @Test(arguments: 0..<20 as Range<UInt64>)
  func assignmentsAgreeWithTryingAll(_ seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let rows = 1 + generator.uniform(below: 6)
    let columns = rows + generator.uniform(below: 7 - rows)
    let costs = generator.gaussianMatrix(rows: rows, columns: columns)
    let best = permutations(of: Array(0..<columns)).map { order in
      (0..<rows).reduce(0) { $0 + costs[$1, order[$1]] }
    }.min()
    let plan = TransportPlan(costs: costs, supply: 1, capacity: 1)
    let cost = dot(plan.amounts.elements, costs.elements)
    #expect(agree(cost, best ?? .nan, within: 1e-12), "seed \(seed), \(rows) × \(columns)")
  }

  /// A plan is an assignment of units: with every row and column repeated as often as it has units,
  /// the optimum is the same (the transport polytope has whole vertices).
  @Test(arguments: 0..<20 as Range<UInt64>)
  func plansAgreeWithAssigningUnits(_ seed: UInt64) {
    var generator = SeededGenerator(seed: seed, stream: 1)
    let (p, q) = (2 + generator.uniform(below: 7), 2 + generator.uniform(below: 7))
    let costs = generator.gaussianMatrix(rows: p, columns: q)
    let plan = TransportPlan(costs: costs, supply: q, capacity: p)
    for row in 0..<p { #expect(plan.amounts.row(row).reduce(0, +) == Double(q)) }
    let columnSums = plan.amounts.transposed()
    for column in 0..<q { #expect(columnSums.row(column).reduce(0, +) == Double(p)) }
    #expect(plan.amounts.elements.allSatisfy { $0 >= 0 })
    let units = Matrix(rows: p * q, columns: p * q) { costs[$0 / q, $1 / p] }
    let assignment = TransportPlan(costs: units, supply: 1, capacity: 1)
    #expect(
      agree(
        dot(plan.amounts.elements, costs.elements),
        dot(assignment.amounts.elements, units.elements), within: 1e-10), "seed \(seed)")
  }

  /// Birkhoff: between equal widths the best soft matching is a permutation.
  @Test func softMatchingOfEqualWidthsIsHardMatching() throws {
    let x = GoldenFixture.a.x
    let y = GoldenFixture.a.y.selectingColumns(Array(0..<x.columns))
    let hard = try HardMatching().similarity(x, y)
    #expect(agree(try SoftMatching().similarity(x, y), hard, within: 1e-12))
  }

  /// Doubling every feature changes nothing for soft matching: the weights stay uniform.
  @Test func softMatchingIgnoresCopiesOfAllFeatures() throws {
    let (x, y) = (GoldenFixture.a.x, GoldenFixture.a.y)
    let doubled = x.selectingColumns((0..<2 * x.columns).map { $0 / 2 })
    let value = try SoftMatching().similarity(x, y)
    #expect(agree(try SoftMatching().similarity(doubled, y), value, within: 1e-12))
    #expect(agree(try SoftMatching().similarity(doubled, x), 1, within: 1e-12))
  }

  @Test func absoluteCorrelationsMatchFeaturesOfOppositeSign() throws {
    let x = GoldenFixture.a.x
    let mirrored = x.scaled(by: -1)
    for name in ["matching-hard", "matching-semi", "matching-soft"] {
      let (signed, absolute) = (
        try MetricCatalogue.metric(name), try MetricCatalogue.metric(name + ":absolute=true")
      )
      #expect(try signed.similarity(x, mirrored) < 0.99)
      #expect(agree(try absolute.similarity(x, mirrored), 1, within: 1e-12))
    }
  }

  /// A feature that never changes has no correlation and no part in any mean.
  @Test func constantFeaturesAreLeftOut() throws {
    let (x, y) = (GoldenFixture.a.x, GoldenFixture.a.y)
    let padded = Matrix(rows: x.rows, columns: x.columns + 2) { $1 < x.columns ? x[$0, $1] : 0.3 }
    for name in ["matching-hard", "matching-semi", "matching-soft"] {
      let metric = try MetricCatalogue.metric(name)
      let value = try metric.similarity(x, y)
      #expect(agree(try metric.similarity(padded, y), value, within: 1e-12))
    }
  }
}
