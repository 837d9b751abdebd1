import LinearAlgebra
import Metrics
import Testing

@Suite struct RBFCKATests {
  @Test func goldenValues() throws {
    let a = GoldenFixture.a
    let cases: [(RBFCKA, Double)] = [
      (RBFCKA(median: .all), 0.381014355849),
      (RBFCKA(), 0.381281819747),
      (RBFCKA(bandwidth: 0.5, median: .all), 0.372695532499),
      (RBFCKA(estimator: .debiased), 0.238220649674),
    ]
    for (metric, expected) in cases {
      #expect(agree(try metric.similarity(a.x, a.y), expected, within: 1e-10), "\(metric.name)")
    }
  }

  @Test func wideKernelsAreLinear() throws {
    let a = GoldenFixture.a
    let pairs: [(RBFCKA.Estimator, any SimilarityMetric)] = [
      (.biased, LinearCKA()), (.debiased, DebiasedCKA()),
    ]
    for (estimator, linear) in pairs {
      let wide = RBFCKA(bandwidth: 1e6, estimator: estimator)
      let expected = try linear.similarity(a.x, a.y)
      #expect(agree(try wide.similarity(a.x, a.y), expected, within: 1e-11))
    }
  }

  /// Narrow kernels are the identity: the biased form is 1 for any two representations.
  @Test func narrowKernelsSayNothing() throws {
    let a = GoldenFixture.a
    #expect(agree(try RBFCKA(bandwidth: 0.01).similarity(a.x, a.y), 1, within: 1e-12))
    #expect(throws: MetricError.selfSimilarityNotPositive) {
      try RBFCKA(bandwidth: 0.01, estimator: .debiased).prepare(a.x)
    }
  }

  @Test func coincidingSamplesHaveNoMedianDistance() {
    let oneApart = Matrix(rows: 20, columns: 2) { row, _ in row == 0 ? 1 : 0.3 }
    #expect(throws: MetricError.zeroMedianDistance) { try RBFCKA().prepare(oneApart) }
  }
}
