import LinearAlgebra
import Metrics
import Testing

@Suite struct DistanceCorrelationTests {
  @Test func goldenValues() throws {
    let a = GoldenFixture.a
    let corrected = DistanceCorrelation(estimator: .biasCorrected)
    #expect(agree(try DistanceCorrelation().similarity(a.x, a.y), 0.676426607981, within: 1e-10))
    #expect(agree(try corrected.similarity(a.x, a.y), 0.222403992387, within: 1e-10))
  }

  /// y = x² on symmetric points: uncorrelated, so that linear CKA sees nothing, but dependent.
  @Test func itSeesDependenceWithoutCorrelation() throws {
    let x = Matrix(rows: 41, columns: 1) { row, _ in Double(row - 20) }
    let y = Matrix(rows: 41, columns: 1) { row, _ in Double((row - 20) * (row - 20)) }
    #expect(try LinearCKA().similarity(x, y) < 1e-20)
    #expect(try DistanceCorrelation().similarity(x, y) > 0.4)
    #expect(try DistanceCorrelation(estimator: .biasCorrected).similarity(x, y) > 0.1)
  }

  /// The corners of a simplex: all distances are equal, and nothing is left after centring.
  @Test func equalDistancesHaveNoCorrectedValue() {
    let corners = Matrix(rows: 6, columns: 6) { $0 == $1 ? 1 : 0 }
    #expect(throws: MetricError.selfSimilarityNotPositive) {
      try DistanceCorrelation(estimator: .biasCorrected).prepare(corners)
    }
  }

  @Test func equalSamplesAreAtDistanceZero() throws {
    let a = GoldenFixture.a
    let doubled = Matrix(rows: 40, columns: 6) { a.x[$0 / 2, $1] + 1e3 }
    let exact = Matrix(rows: 40, columns: 6) { a.x[$0 / 2, $1] }
    let value = try DistanceCorrelation().similarity(doubled, a.y)
    #expect(agree(value, try DistanceCorrelation().similarity(exact, a.y), within: 1e-12))
  }
}
