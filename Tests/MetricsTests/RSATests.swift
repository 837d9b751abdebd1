import LinearAlgebra
import Testing

@testable import Metrics

@Suite struct RSATests {
  @Test(arguments: [
    ("dissimilarity=euclidean,comparison=pearson", 0.251451102220),
    ("dissimilarity=euclidean,comparison=spearman", 0.273069153631),
    ("dissimilarity=euclidean,comparison=cosine", 0.945824190175),
    ("dissimilarity=squared-euclidean,comparison=pearson", 0.312429745904),
    ("dissimilarity=squared-euclidean,comparison=spearman", 0.273069153631),
    ("dissimilarity=squared-euclidean,comparison=cosine", 0.865686345496),
    ("dissimilarity=correlation,comparison=pearson", 0.206278126517),
    ("dissimilarity=correlation,comparison=spearman", 0.241034735934),
    ("dissimilarity=correlation,comparison=cosine", 0.881145188236),
    ("dissimilarity=cosine,comparison=pearson", 0.229929709289),
    ("dissimilarity=cosine,comparison=spearman", 0.245633742128),
    ("dissimilarity=cosine,comparison=cosine", 0.892886988722),
  ])
  func goldenValues(_ parameters: String, _ expected: Double) throws {
    let metric = try MetricCatalogue.metric("rsa:" + parameters)
    let fixture = GoldenFixture.a
    #expect(agree(try metric.similarity(fixture.x, fixture.y), expected, within: 1e-10))
  }

  /// Schütt et al. 2023: the defaults are correlation dissimilarities and Spearman's correlation.
  @Test func defaults() throws {
    let fixture = GoldenFixture.a
    #expect(agree(try RSA().similarity(fixture.x, fixture.y), 0.241034735934, within: 1e-10))
  }

  /// Every pair of pairs counted one by one; quantised activations make ties.
  @Test(arguments: Dissimilarity.allCases)
  func kendallAgreesWithCounting(_ dissimilarity: Dissimilarity) throws {
    let quantised = Matrix(rows: 12, columns: 5) {
      (2 * GoldenFixture.a.x[$0, $1]).rounded() + ($0 == $1 ? 3 : 0)
    }
    for (x, y) in [
      (GoldenFixture.b.x, GoldenFixture.b.y), (quantised, GoldenFixture.a.y.selectingRows(0..<12)),
      (quantised, quantised),
    ] {
      let metric = KendallRSA(dissimilarity: dissimilarity)
      let (first, second) = (try metric.prepare(x), try metric.prepare(y))
      let (a, b) = (first.ranks, second.ranks)
      var (sum, count) = (0, 0)
      for i in a.indices {
        for j in 0..<i {
          sum +=
            (a[i] - a[j]).signum() * (b[i] - b[j]).signum() == 0
            ? 0 : Int((a[i] - a[j]).signum() * (b[i] - b[j]).signum())
          count += 1
        }
      }
      let expected = Double(sum) / Double(count)
      #expect(agree(try metric.compare(first, second), expected, within: 1e-15))
      #expect(agree(try metric.compare(second, first), expected, within: 1e-15))
    }
  }

  /// On the line, dissimilarities are differences: 1, 3, 6, 2, 5, 3 for the points 0, 1, 3, 6.
  @Test func tiedDissimilaritiesShareTheirAverageRank() {
    #expect([1.0, 3, 6, 2, 5, 3].averageRanks() == [1, 3.5, 6, 2, 5, 3.5])
    #expect([7.0, 7, 7].averageRanks() == [2, 2, 2])
    #expect([0.0, 1e-300, 1e300, -0.0].averageRanks() == [1.5, 3, 4, 1.5])
    #expect([Double]().averageRanks() == [])
  }

  /// Between quantised activations many distances are equal; the order of the features is no reason
  /// for them to differ in the last bit.
  @Test(arguments: ["rsa:dissimilarity=euclidean", "rsa:dissimilarity=cosine", "rsa"])
  func tiesSurviveRounding(_ specification: String) throws {
    let quantised = Matrix(rows: 40, columns: 6) {
      $1 == 0 ? 5 : (2 * GoldenFixture.a.x[$0, $1]).rounded() / 3 + Double($1)
    }
    let reversed = quantised.selectingColumns((0..<6).reversed())
    let metric = try MetricCatalogue.metric(specification)
    #expect(agree(try metric.similarity(quantised, reversed), 1, within: 1e-12))
    for neighbours in ["mutual-knn", "mutual-knn:centred=true", "rank-similarity"] {
      let metric = try MetricCatalogue.metric(neighbours)
      #expect(agree(try metric.similarity(quantised, reversed), 1, within: 1e-12))
    }
  }

  @Test func samplesWithoutDirectionAreNamed() throws {
    var x = GoldenFixture.a.x
    for feature in 0..<x.columns { x[7, feature] = 2.5 }
    #expect(
      throws: MetricError.undefinedSample(
        7, "all its features are equal, so it correlates with nothing")
    ) { try RSA().prepare(x) }
    for feature in 0..<x.columns { x[7, feature] = 0 }
    #expect(
      throws: MetricError.undefinedSample(7, "all its features are zero: it has no direction")
    ) { try RSA(dissimilarity: .cosine).prepare(x) }
    _ = try RSA(dissimilarity: .euclidean).prepare(x)
  }

  /// The corners of a simplex are all equally far from each other.
  @Test func equalDissimilaritiesCorrelateWithNothing() {
    let simplex = Matrix(rows: 5, columns: 5) { $0 == $1 ? 1 : 0 }
    for specification in ["rsa", "rsa:comparison=pearson", "rsa:comparison=kendall"] {
      #expect(throws: MetricError.equalDissimilarities) {
        try MetricCatalogue.metric(specification).similarity(simplex, simplex)
      }
    }
  }

  @Test func roundingForOrderKeepsThirtyEightBits() {
    #expect((1 + 0x1p-37).roundedForOrder == 1 + 0x1p-37)
    #expect((1 + 0x1p-39).roundedForOrder == 1)
    #expect(0.0.roundedForOrder == 0)
  }

  /// Two pairs of samples that nearly coincide, far from each other: 10⁻⁶ apart at distance 10⁶.
  @Test func smallDistancesKeepTheirDigits() throws {
    let x = Matrix(rows: [[0, 0], [1e-6, 0], [1e6, 0], [1e6, 1e-3]])
    let distances = try Dissimilarity.euclidean.upperTriangle(of: x)
    #expect(agree(distances[0] / distances[1], 1e-12, within: 1e-16))
    #expect(agree(distances[5] / distances[1], 1e-9, within: 1e-13))
  }
}
