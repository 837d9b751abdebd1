import LinearAlgebra
import Testing

@testable import Metrics

/// Mean, variance and skewness under chance: against all permutations of a few samples, against random
/// permutations of more, and against golden values.
@Suite struct ClosedFormChanceTests {
  /// Every metric whose chance is known, with the parameters that change the matrix.
  static let metrics: [any ClosedFormChanceMetric] = [
    LinearCKA(), DebiasedCKA(), SpectralCKA(), GCD(), CCA(summary: .meanRhoSquared),
    SVCCA(variance: 0.9, summary: .meanRhoSquared), RBFCKA(), RBFCKA(estimator: .debiased),
    DistanceCorrelation(), DistanceCorrelation(estimator: .biasCorrected), RSA(),
    RSA(dissimilarity: .euclidean, comparison: .pearson),
    RSA(dissimilarity: .squaredEuclidean, comparison: .cosine),
    MutualKNN(NeighbourRule(count: 2)),
    MutualKNN(NeighbourRule(count: 3, nearness: .euclidean)),
  ]

  @Test func everyMetricWithClosedFormChanceIsTested() throws {
    let names = try MetricCatalogue.entries.map { entry in
      (entry.name, try entry.make([:]) is any ClosedFormChanceMetric)
    }.filter(\.1).map(\.0)
    #expect(Set(names) == Set(Self.metrics.map { $0.name.prefix { $0 != ":" } }.map(String.init)))
    #expect(!CCA().hasClosedFormChance && !SVCCA().hasClosedFormChance)
    #expect(SVCCA(summary: .meanRhoSquared).hasClosedFormChance)
  }

  /// All 720 orders of 6 samples: nothing but rounding separates the moments from the formulas.
  @Test(arguments: metrics.indices) func momentsAgreeWithAllPermutations(_ index: Int) throws {
    for (x, y) in [
      (GoldenFixture.a.x, GoldenFixture.a.y), (GoldenFixture.b.y, GoldenFixture.a.z),
      (GoldenFixture.a.z, Samples.outlier),
    ] {
      let (x, y) = (x.selectingRows(0..<6), y.selectingRows(0..<6))
      try expectExactMoments(Self.metrics[index], x, y, seeds: nil)
    }
  }

  /// With four and five samples some of the ways in which indices coincide do not exist.
  @Test(arguments: [4, 5]) func momentsOfVeryFewSamples(_ samples: Int) throws {
    for metric in Self.metrics where !(metric is MutualKNN) {
      try expectExactMoments(
        metric, GoldenFixture.a.x.selectingRows(0..<samples),
        GoldenFixture.a.z.selectingRows(0..<samples), seeds: nil)
    }
    #expect(throws: MetricError.tooFewSamples(count: 3, needed: 4)) {
      let metric = LinearCKA()
      return try metric.chanceInvariants(
        of: metric.prepare(GoldenFixture.a.x.selectingRows(0..<3)))
    }
  }

  /// 2000 random orders: the mean within 5 standard errors, the standard deviation within 15 % (its
  /// standard error is about 2 %, of heavy tails up to 3 %), the skewness within 0.5.
  @Test(arguments: Samples.pairs) func momentsAgreeWithRandomPermutations(_ pair: Samples.Pair)
    throws
  {
    for metric in Self.metrics {
      try expectExactMoments(metric, pair.x, pair.y, seeds: 0..<2000)
    }
  }

  /// Ties, hubs and mutual neighbours: lists relabelled directly, so that equal distances cannot be
  /// broken otherwise than before.
  @Test func momentsOfNeighbourListsWithTies() throws {
    let metric = MutualKNN(NeighbourRule(count: 2))
    let tied = Matrix(rows: 6, columns: 2) { $1 == 0 ? Double($0 / 2 + 1) : 1 }
    let x = try metric.prepare(tied)
    let y = try metric.prepare(GoldenFixture.a.x.selectingRows(0..<6))
    let values = permutations(of: Array(0..<6)).map { order in
      let shared = (0..<6).reduce(0) { sum, sample in
        let others = y.neighbours(of: order[sample])
        return sum + x.neighbours(of: sample).count { others.contains(Int32(order[Int($0)])) }
      }
      return Double(shared) / 12
    }
    let expected = try metric.chanceMoments(
      metric.chanceInvariants(of: x), metric.chanceInvariants(of: y))
    expect(expected, MomentsOfValues(values), tolerance: 1e-12, "ties")
  }

  /// From independent NumPy programs on fixture A.
  @Test func goldenValues() throws {
    let a = GoldenFixture.a
    func moments(_ metric: some ClosedFormChanceMetric, _ x: Matrix, _ y: Matrix) throws
      -> ChanceMoments
    {
      try metric.chanceMoments(
        metric.chanceInvariants(of: metric.prepare(x)),
        metric.chanceInvariants(of: metric.prepare(y)))
    }
    let linear = try moments(LinearCKA(), a.x, a.y)
    #expect(agree(linear.mean, 0.129203955924, within: 1e-10))
    #expect(agree(linear.standardDeviation, 0.031319781128, within: 1e-10))
    #expect(agree(linear.skewness ?? .nan, 0.518177523736, within: 1e-10))
    let debiased = try moments(DebiasedCKA(), a.x, a.y)
    #expect(agree(debiased.mean, 0, within: 1e-15))
    #expect(agree(debiased.standardDeviation, 0.036760731105, within: 1e-10))
    #expect(agree(debiased.skewness ?? .nan, 0.508294151680, within: 1e-10))
    let kernel = try moments(RBFCKA(), a.x, a.y)
    #expect(agree(kernel.mean, 0.187564848697, within: 1e-10))
    #expect(agree(kernel.standardDeviation, 0.029221831398, within: 1e-10))
    #expect(agree(kernel.skewness ?? .nan, 0.477421711545, within: 1e-10))
    let rsa = try moments(RSA(dissimilarity: .euclidean), a.x, a.y)
    #expect(agree(rsa.mean, 0, within: 1e-14))
    #expect(agree(rsa.standardDeviation, 0.057574407169, within: 1e-10))
    let neighbours = try moments(MutualKNN(NeighbourRule(count: 5)), a.x, a.y)
    #expect(agree(neighbours.mean, 0.128205128205, within: 1e-10))
    #expect(agree(neighbours.standardDeviation, 0.029258281664, within: 1e-10))
    let narrow = try moments(LinearCKA(), GoldenFixture.b.x, GoldenFixture.b.y)
    #expect(agree(narrow.mean, 0.518342818075, within: 1e-10))
  }

  /// Means that the documentation of the metrics states.
  @Test func meansAreThoseOfTheory() throws {
    let a = GoldenFixture.a
    for (metric, expected) in [
      (CCA(summary: .meanRhoSquared), 9.0 / 39),
      (CCA(summary: .meanRhoSquared, tolerance: 0.01), 9.0 / 39),
    ] {
      let moments = try metric.chanceMoments(
        metric.chanceInvariants(of: metric.prepare(a.x)),
        metric.chanceInvariants(of: metric.prepare(a.y)))
      #expect(agree(moments.mean, expected, within: 1e-13))
    }
    let gcd = GCD()
    let moments = try gcd.chanceMoments(
      gcd.chanceInvariants(of: gcd.prepare(a.x)), gcd.chanceInvariants(of: gcd.prepare(a.z)))
    #expect(agree(moments.mean, 30.0.squareRoot() / 39, within: 1e-13))
  }

  /// A representation of rank n − 1 has the same projection in every order.
  @Test func saturatedProjectionsDoNotVary() throws {
    let metric = GCD()
    let full = try metric.chanceInvariants(of: metric.prepare(GoldenFixture.b.x))
    let other = try metric.chanceInvariants(
      of: metric.prepare(GoldenFixture.a.z.selectingRows(0..<10)))
    let moments = metric.chanceMoments(full, other)
    #expect(agree(moments.mean, (5.0 / 9).squareRoot(), within: 1e-12))
    #expect(moments.standardDeviation <= 1e-12)
    #expect(moments.skewness == nil)
  }

  private func expectExactMoments(
    _ metric: some ClosedFormChanceMetric, _ x: Matrix, _ y: Matrix, seeds: Range<UInt64>?
  ) throws {
    let prepared = try metric.prepare(x)
    let expected = try metric.chanceMoments(
      metric.chanceInvariants(of: prepared), metric.chanceInvariants(of: metric.prepare(y)))
    let orders =
      seeds.map { seeds in
        seeds.map { seed -> [Int] in
          var generator = SeededGenerator(seed: seed)
          return generator.permutation(of: x.rows)
        }
      } ?? permutations(of: Array(0..<x.rows))
    let values = try orders.map { order in
      metric.chanceLink.statistic(
        ofValue: try metric.compare(prepared, metric.prepare(y.selectingRows(order))))
    }
    let observed = MomentsOfValues(values)
    guard seeds != nil else {
      return expect(expected, observed, tolerance: 1e-11, "\(metric.name)")
    }
    let error = expected.standardDeviation / Double(values.count).squareRoot()
    #expect(agree(observed.mean, expected.mean, within: 5 * error + 1e-12), "\(metric.name)")
    #expect(
      agree(
        observed.variance.squareRoot(), expected.standardDeviation,
        within: 0.15 * expected.standardDeviation + 1e-12), "\(metric.name)")
    if let skewness = expected.skewness {
      let seen = observed.thirdCentral / (observed.variance * observed.variance.squareRoot())
      #expect(agree(seen, skewness, within: 0.5 + 0.15 * abs(skewness)), "\(metric.name)")
    }
  }

  private func expect(
    _ expected: ChanceMoments, _ observed: MomentsOfValues, tolerance: Double, _ what: String
  ) {
    #expect(agree(observed.mean, expected.mean, within: tolerance), "mean, \(what)")
    #expect(agree(observed.variance, expected.variance, within: tolerance), "variance, \(what)")
    #expect(
      agree(observed.thirdCentral, expected.thirdCentral, within: tolerance), "third, \(what)")
  }
}

/// The central moments of a list of values, each as likely as the others.
struct MomentsOfValues {
  let mean: Double
  let variance: Double
  let thirdCentral: Double

  init(_ values: [Double]) {
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    self.mean = mean
    variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
    thirdCentral = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) * ($1 - mean) } / count
  }
}

/// Representations of the kinds that break approximations.
enum Samples {
  struct Pair: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let x: Matrix
    let y: Matrix
  }

  /// Ten samples, one of them far from all others.
  static let outlier = Matrix(rows: 10, columns: 4) { row, column in
    (row == 2 ? 40 : 1) * GoldenFixture.a.y[row, column]
  }

  static let pairs: [Pair] = {
    var generator = SeededGenerator(seed: 11)
    let wide = generator.gaussianMatrix(rows: 30, columns: 80)
    let tall = generator.gaussianMatrix(rows: 30, columns: 5)
    let thin = generator.gaussianMatrix(rows: 30, columns: 2)
    let mixing = generator.gaussianMatrix(rows: 2, columns: 12)
    let lowRank = thin.times(mixing)
    let outlier = Matrix(rows: 30, columns: 5) { ($0 == 7 ? 30 : 1) * tall[$0, $1] }
    let doubled = Matrix(rows: 30, columns: 5) { tall[$0 / 2 * 2, $1] + 0.1 * Double($0 % 2) }
    return [
      Pair(testDescription: "more features than samples", x: wide, y: tall),
      Pair(testDescription: "low rank", x: lowRank, y: wide),
      Pair(testDescription: "an outlier on one side", x: outlier, y: tall),
      Pair(testDescription: "near-duplicates", x: doubled, y: lowRank),
    ]
  }()
}
