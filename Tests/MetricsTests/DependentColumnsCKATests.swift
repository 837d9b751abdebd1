import LinearAlgebra
import Metrics
import Testing

@Suite struct DependentColumnsCKATests {
  @Test func goldenValues() throws {
    let a = GoldenFixture.a
    #expect(agree(try DependentColumnsCKA().similarity(a.x, a.y), 1.353867009054, within: 1e-10))
  }

  /// With itself D(X, X)/S(X): both as HSIC₁ of fixture A.
  @Test func withItselfItIsTheRatioOfTheTwoSelfSimilarities() throws {
    let a = GoldenFixture.a
    let cases = [
      (a.x, 2.593247881491 / 0.8498772936104715), (a.y, 4.463582933899 / 0.7290286816060378),
    ]
    for (matrix, expected) in cases {
      #expect(agree(try DependentColumnsCKA().similarity(matrix, matrix), expected, within: 1e-9))
    }
  }

  @Test func oneFeatureIsTooFew() {
    #expect(throws: MetricError.tooFewFeatures(count: 1, needed: 2)) {
      try DependentColumnsCKA().prepare(GoldenFixture.a.x.selectingColumns([0]))
    }
  }

  /// Two orthogonal features share nothing: there is no self-similarity to divide by.
  @Test func unrelatedFeaturesHaveNoSelfSimilarity() {
    let x = Matrix(rows: 8, columns: 2) { $1 == 0 ? Double($0 % 2) : Double($0 / 4) }
    #expect(throws: MetricError.selfSimilarityNotPositive) { try DependentColumnsCKA().prepare(x) }
  }

  /// 40 of 400 features of each of two layers, ten times: on average the corrected value is that of all
  /// features, where plain debiased CKA is far below.
  @Test func itEstimatesTheValueOfThePopulation() throws {
    var generator = SeededGenerator(seed: 4)
    let shared = generator.gaussianMatrix(rows: 200, columns: 6)
    func layer() -> Matrix {
      let noise = generator.gaussianMatrix(rows: 200, columns: 400)
      let signal = shared.times(generator.gaussianMatrix(rows: 6, columns: 400))
      return Matrix(rows: 200, columns: 400) { signal[$0, $1] + 2 * noise[$0, $1] }
    }
    let (x, y) = (layer(), layer())
    func meanOverSmallParts(_ metric: some SimilarityMetric) throws -> Double {
      let values = try (0..<10).map { part in
        let features = Array(40 * part..<40 * (part + 1))
        return try metric.similarity(x.selectingColumns(features), y.selectingColumns(features))
      }
      return values.reduce(0, +) / 10
    }
    let population = try DebiasedCKA().similarity(x, y)
    #expect(abs(try meanOverSmallParts(DependentColumnsCKA()) - population) < 0.1)
    #expect(try meanOverSmallParts(DebiasedCKA()) < population - 0.15)
  }
}
