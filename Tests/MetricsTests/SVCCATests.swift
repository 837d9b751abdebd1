import LinearAlgebra
import Metrics
import Testing

@Suite struct SVCCATests {
  @Test func goldenValues() throws {
    let (a, b) = (GoldenFixture.a, GoldenFixture.b)
    let cases: [(SVCCA, GoldenFixture, Double)] = [
      (SVCCA(variance: 0.9), a, 0.635099104164),
      (SVCCA(variance: 0.9, summary: .meanRhoSquared), a, 0.413463717734),
      (SVCCA(), a, 0.671079389912),
      (SVCCA(summary: .meanRhoSquared), a, 0.556139615339),
      (SVCCA(variance: 0.9), b, 0.760494253704),
      // Fixed numbers of components: computed with NumPy.
      (SVCCA(components: 2), a, 0.404288710285),
      (SVCCA(components: 3), a, 0.524351662032),
      (SVCCA(components: 5), a, 0.502085299041),
      // More than there are: all of them.
      (SVCCA(components: 20), a, 0.671079389912),
    ]
    for (metric, fixture, expected) in cases {
      #expect(agree(try metric.similarity(fixture.x, fixture.y), expected, within: 1e-10))
    }
  }

  @Test func theFewestComponentsThatReachTheShareAreKept() throws {
    let (a, b) = (GoldenFixture.a, GoldenFixture.b)
    func ranks(_ variance: Double, _ fixture: GoldenFixture) throws -> [Int] {
      let metric = SVCCA(variance: variance)
      return try [fixture.x, fixture.y].map { try metric.prepare($0).summary.rank }
    }
    #expect(try ranks(0.9, a) == [4, 6])
    #expect(try ranks(0.99, a) == [6, 9])
    #expect(try ranks(0.9, b) == [4, 5])
    #expect(try ranks(1, a) == [6, 9])
    // Ten samples, centred: nine directions at most.
    #expect(try ranks(1, b) == [9, 9])
  }

  @Test func aFixedNumberExcludesAShareOfTheVariance() {
    #expect(throws: MetricSpecificationError.self) {
      try MetricCatalogue.metric("svcca:variance=0.9,components=3")
    }
  }

  @Test func theBasisIsOrthonormal() throws {
    for fixture in [GoldenFixture.a, .b] {
      let basis = try SVCCA().prepare(fixture.x).matrix
      let gram = basis.featureGram()
      for row in 0..<gram.rows {
        for column in 0..<gram.columns {
          #expect(agree(gram[row, column], row == column ? 1 : 0, within: 1e-12))
        }
      }
    }
  }

  /// A representation whose features are all proportional has one component.
  @Test func rankOneRepresentationsHaveOneComponent() throws {
    let line = Matrix(rows: 40, columns: 5) { GoldenFixture.a.x[$0, 0] * Double($1 + 1) }
    #expect(try SVCCA(variance: 1).prepare(line).summary.rank == 1)
    #expect(agree(try SVCCA().similarity(line, line), 1, within: 1e-12))
  }
}
