import Activations
import LinearAlgebra
import Metrics
import Testing
import Zoo

@testable import Universality

@Suite struct PearsonIIITests {
  /// P(a, x) from tables: 1 − e⁻ˣ for a = 1, erf √x for a = ½, χ² quantiles.
  @Test func incompleteGammaAgreesWithTables() {
    func lower(_ a: Double, _ x: Double) -> Double {
      IncompleteGamma.regularized(shape: a, offset: x / a - 1).lower
    }
    #expect(abs(lower(1, 0.3) - 0.259181779318282) <= 1e-14)
    #expect(abs(lower(0.5, 0.7) - 0.763276429362143) <= 1e-14)
    // 95 % points of χ² with 10 and with 100 degrees of freedom.
    #expect(abs(lower(5, 18.307038053275146 / 2) - 0.95) <= 1e-13)
    #expect(abs(lower(50, 124.34211340400407 / 2) - 0.95) <= 1e-13)
  }

  /// Far in the tail and for large shapes: a recurrence that ties a to a + 1.
  @Test(arguments: [0.05, 0.7, 9, 11, 400, 1e5, 1e6])
  func theRecurrenceOfTheIncompleteGammaHolds(_ a: Double) {
    for deviation in [-3, -0.5, 0.1, 2, 8] {
      let x = a + deviation * a.squareRoot()
      guard x > 0 else { continue }
      // Q(a + 1, x) = Q(a, x) + xᵃ e⁻ˣ/Γ(a + 1), DLMF 8.8.6; the last is the density at a + 1.
      let upper = IncompleteGamma.regularized(shape: a, offset: x / a - 1).upper
      let next = IncompleteGamma.regularized(shape: a + 1, offset: x / (a + 1) - 1).upper
      let front = IncompleteGamma.density(shape: a + 1, offset: x / (a + 1) - 1)
      #expect(abs(next - upper - front) <= 1e-9 * max(next, 1e-3), "\(a) \(deviation)")
    }
  }

  @Test func theNormalLimitIsContinuous() {
    for z in [-3, -1, 0, 1, 2, 4.0] {
      let (skewed, normal) = (PearsonIII(skewness: 1.01e-3), PearsonIII(skewness: 0))
      #expect(abs(skewed.survival(z) - normal.survival(z)) <= 2e-4)
      let mirrored = PearsonIII(skewness: -0.8).survival(-z)
      #expect(abs(mirrored - (1 - PearsonIII(skewness: 0.8).survival(z))) <= 1e-13)
    }
    #expect(abs(PearsonIII(skewness: 0).upperQuantile(0.05) - 1.6448536269514722) <= 1e-12)
  }

  @Test(arguments: [-2, -0.3, 0, 0.002, 0.5, 2, 3, 9.0])
  func quantilesInvertTheDistribution(_ skewness: Double) {
    let curve = PearsonIII(skewness: skewness)
    for probability in [0.001, 0.05, 0.5] {
      let z = curve.upperQuantile(probability)
      #expect(abs(curve.survival(z) - probability) <= 1e-10, "\(skewness) \(probability)")
    }
  }

  /// By numerical integration the variable itself has mean 0, variance 1 and its skewness.
  @Test(arguments: [-1.5, 0, 0.01, 0.5, 2, 6.0])
  func momentsByIntegrationAreThoseOfTheDistribution(_ skewness: Double) {
    let moments = PearsonIII(skewness: skewness).moments { $0 }
    #expect(abs(moments.mean) <= 1e-10)
    #expect(abs(moments.sd - 1) <= 1e-10)
    #expect(abs((moments.skewness ?? .nan) - skewness) <= 1e-8)
  }
}

@Suite struct CalibrationTests {
  /// Linear CKA of fixture A of the metric tests: mean, standard deviation and skewness of the golden
  /// values, and what an independent program makes of them.
  @Test func goldenTailAndThreshold() {
    let (mean, sd, skewness) = (0.129203955924, 0.031319781128, 0.518177523736)
    let chance = ChanceDistribution(
      ChanceMoments(mean: mean, variance: sd * sd, thirdCentral: skewness * sd * sd * sd),
      link: .identity, samples: 40)
    let value = 0.400694707520
    #expect(abs(chance.threshold - 0.184905991512) <= 1e-10)
    #expect(abs(chance.pValue(of: value) / 5.373013305007286e-09 - 1) <= 1e-7)
    let pair = PairCalibration(of: value, chance: chance, largest: 1)
    #expect(abs(pair.calibrated - 0.264740893395) <= 1e-10)
    #expect(abs((pair.zScore(of: value) ?? .nan) - 8.668347664687) <= 1e-8)
  }

  /// No p is below the share of the observed order among all, and none is 0.
  @Test func pValuesHaveAFloor() {
    let moments = ChanceMoments(mean: 0, variance: 1e-6, thirdCentral: 1e-10)
    func p(_ samples: Int) -> Double {
      ChanceDistribution(moments, link: .identity, samples: samples).pValue(of: 0.9)
    }
    #expect(abs(p(6) - 1.0 / 720) <= 1e-15)
    #expect(p(1000) == Double.leastNormalMagnitude)
  }

  @Test func chanceThatDoesNotVaryCalibratesNothing() {
    let chance = ChanceDistribution(
      ChanceMoments(mean: 1, variance: 1e-34, thirdCentral: 0), link: .identity, samples: 20)
    let pair = PairCalibration(of: 1, chance: chance, largest: 1)
    #expect(pair.pValue == 1 && pair.calibrated == 0 && pair.nullSkewness == nil)
    #expect(pair.zScore(of: 1) == nil)
  }

  /// 1000 independent pairs: p ≤ 0.05 in 5 % of them. The standard error of such a share is 0.7 %;
  /// the bounds are four of them away.
  @Test(arguments: FalsePositives.cases) func falsePositivesOccurAtTheNominalRate(
    _ item: FalsePositives.Case
  ) throws {
    let rate = try FalsePositives.rate(item, pairs: 1000)
    #expect(rate >= 0.022 && rate <= 0.078, "\(rate)")
  }

  private func planted() throws -> (ActivationSet, ZooComparison, [any SimilarityMetric]) {
    let zoo = PlantedZoo.activations(
      [
        .init(family: "a", sharedVariance: [0.8, 0]), .init(family: "b", sharedVariance: [0.8, 0]),
        .init(family: "c", sharedVariance: [0]),
      ], samples: 60, seed: 3)
    let metrics: [any SimilarityMetric] = [
      DebiasedCKA(), SVCCA(), RSA(), DistanceCorrelation(), MutualKNN(),
    ]
    return (zoo, try ZooComparison(of: zoo, metrics: metrics), metrics)
  }

  @Test func plantedPairsStandOutAndOthersDoNot() throws {
    let (zoo, comparison, metrics) = try planted()
    let matrices = try CalibrationMatrix.matrices(
      of: zoo, comparison: comparison, metrics: metrics, threads: 2)
    #expect(
      matrices.map(\.metric) == ["cka-debiased", "rsa", "distance-correlation", "mutual-knn"])
    for matrix in matrices {
      #expect(matrix.testedPairs == 10)
      let pValues = (0..<5).flatMap { a in (a + 1..<max(5, a + 1)).map { matrix[a, $0]?.pValue } }
      let expected = falseDiscoveryRates(pValues)
      var place = 0
      for a in 0..<5 {
        #expect(matrix[a, a] == nil)
        for b in a + 1..<max(5, a + 1) {
          let pair = try #require(matrix[b, a])
          #expect(pair.qValue == expected[place])
          place += 1
          let isPlanted = (a, b) == (0, 2)
          #expect(isPlanted ? pair.qValue < 1e-4 : pair.pValue > 1e-3, "\(matrix.metric) \(a) \(b)")
          #expect(isPlanted ? pair.calibrated > 0.05 : pair.calibrated < 0.2)
        }
      }
    }
  }

  /// Against 2000 random orders of one side, for a pair whose similarity is by chance alone.
  @Test func theTableAgreesWithRandomPermutations() throws {
    let (zoo, comparison, metrics) = try planted()
    for matrix in try CalibrationMatrix.matrices(
      of: zoo, comparison: comparison, metrics: metrics, threads: 2)
    {
      let metric = try #require(metrics.first { $0.name == matrix.metric })
      let pair = try #require(matrix[1, 4])
      let (x, y) = (zoo.representations[1].numbers, zoo.representations[4].numbers)
      let observed = try metric.similarity(x, y)
      let values = try (0..<2000).map { draw -> Double in
        var generator = SeededGenerator(seed: 5, stream: UInt64(draw))
        return try metric.similarity(x, y.selectingRows(generator.permutation(of: 60)))
      }
      let mean = values.reduce(0, +) / 2000
      let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 2000).squareRoot()
      // Standard errors: sd/√2000 = 0.022 sd, about 2 % of the sd, and at most 1.1 % for the shares.
      #expect(abs(mean - pair.nullMean) <= 0.11 * pair.nullDeviation, "\(matrix.metric)")
      #expect(abs(deviation / pair.nullDeviation - 1) <= 0.1, "\(matrix.metric)")
      let share = Double(values.count { $0 >= observed - 1e-12 }) / 2000
      #expect(abs(share - pair.pValue) <= 0.05, "\(matrix.metric)")
      let beyond = Double(values.count { $0 >= pair.threshold - 1e-12 }) / 2000
      #expect(abs(beyond - 0.05) <= 0.025, "\(matrix.metric) \(beyond)")
    }
  }

  @Test func missingSimilaritiesAndPositionsHaveNoCalibration() throws {
    var zoo = PlantedZoo.activations(
      [.init(family: "a", sharedVariance: [0.5, 0.5])], samples: 20, seed: 1)
    zoo.representations[0].numbers = Matrix(rows: 20, columns: 3, repeating: 2)
    let metrics: [any SimilarityMetric] = [LinearCKA()]
    let comparison = try ZooComparison(of: zoo, metrics: metrics)
    let matrix = try #require(
      CalibrationMatrix.matrices(of: zoo, comparison: comparison, metrics: metrics, threads: 1)
        .first)
    #expect(matrix[0, 1] == nil && matrix.testedPairs == 0)
    zoo.representations[1].source.pooling = "positions"
    #expect(
      try CalibrationMatrix.matrices(of: zoo, comparison: comparison, metrics: metrics, threads: 1)
        .isEmpty)
  }
}

/// How often independent representations are called related.
enum FalsePositives {
  struct Case: Sendable, CustomTestStringConvertible {
    let metric: String
    let samples: Int
    let widths: (Int, Int)
    var testDescription: String { "\(metric), \(samples) × \(widths.0) and \(widths.1)" }
  }

  static let cases: [Case] =
    [
      "cka-debiased", "cka", "svcca:summary=mean-rho-squared", "gcd", "cka-rbf",
      "distance-correlation", "rsa", "mutual-knn:k=5",
    ].map { Case(metric: $0, samples: 40, widths: (4, 12)) } + [
      Case(metric: "cka", samples: 20, widths: (60, 8)),
      Case(metric: "cka-debiased", samples: 20, widths: (1, 1)),
    ]

  static func rate(_ item: Case, pairs: Int) throws -> Double {
    let metric = try MetricCatalogue.metric(item.metric)
    guard let metric = metric as? any ClosedFormChanceMetric else { return .nan }
    return try rate(metric, item, pairs: pairs)
  }

  private static func rate(
    _ metric: some ClosedFormChanceMetric, _ item: Case, pairs: Int
  ) throws -> Double {
    let isRejected = try Parallel.map(count: pairs, threads: 2) { pair in
      var generator = SeededGenerator(seed: 17, stream: UInt64(pair))
      let x = try metric.prepare(
        generator.gaussianMatrix(rows: item.samples, columns: item.widths.0))
      let y = try metric.prepare(
        generator.gaussianMatrix(rows: item.samples, columns: item.widths.1))
      let moments = try metric.chanceMoments(
        metric.chanceInvariants(of: x), metric.chanceInvariants(of: y))
      let chance = ChanceDistribution(moments, link: metric.chanceLink, samples: item.samples)
      return chance.pValue(of: try metric.compare(x, y)) <= 0.05
    }
    return Double(isRejected.count { $0 }) / Double(pairs)
  }
}
