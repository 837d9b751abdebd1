import Activations
import Foundation
import LinearAlgebra
import Metrics
import Testing
import Zoo

@testable import Universality

/// Family statistics on points given by formulas, against values that an independent NumPy program gets
/// from the coordinates of the points (F as the trace form of a MANOVA, PERMDISP from distances to the
/// means of the coordinates, regression by `lstsq`), and against random zoos.
@Suite struct FamilyTests {
  /// With i = 1, 2, … and family g = 0, 1, …: the points (sin i + 0.9 g, cos 1.7 i − 0.5 g,
  /// 0.3 sin 0.4 i²) and the covariates sin 2.3 i and cos 0.6 i.
  private struct Fixture {
    let groups: [Int]
    let distances: Matrix
    let covariates: [Matrix]

    init(sizes: [Int]) {
      let groups = sizes.enumerated().flatMap { Array(repeating: $0, count: $1) }
      let points = groups.enumerated().map { index, group -> [Double] in
        let (i, g) = (Double(index + 1), Double(group))
        return [sin(i) + 0.9 * g, cos(1.7 * i) - 0.5 * g, 0.3 * sin(0.4 * i * i)]
      }
      func differences(_ difference: (Int, Int) -> Double) -> Matrix {
        Matrix(rows: groups.count, columns: groups.count, difference)
      }
      self.groups = groups
      distances = differences { a, b in
        zip(points[a], points[b]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
      }
      covariates = [
        differences { groups[$0] == groups[$1] ? 0 : 1 },
        differences { abs(sin(2.3 * Double($0 + 1)) - sin(2.3 * Double($1 + 1))) },
        differences { abs(cos(0.6 * Double($0 + 1)) - cos(0.6 * Double($1 + 1))) },
      ]
    }

    var similarities: Matrix { distances.scaled(by: -1) }
  }

  private func close(_ x: Double?, _ y: Double) -> Bool { abs((x ?? .nan) - y) <= 1e-10 }

  @Test func statisticsAgreeWithThoseFromCoordinates() throws {
    let cases: [([Int], [Double])] = [
      (
        [4, 3, 2],
        [
          3.476540606529462, 0.5367897489941642, 0.05506514357970079, 0.6970137926951845,
          0.676923076923077, 0.047037994339303536,
        ]
      ),
      (
        [3, 3],
        [
          0.5952765375964106, 0.12954096075092225, 0.44713668994808364, -0.3073178788792597,
          0.4444444444444444, -0.09317515426670138,
        ]
      ),
    ]
    for (sizes, expected) in cases {
      let fixture = Fixture(sizes: sizes)
      let variance = PermutationalVariance(fixture.distances, groups: fixture.groups)
      #expect(close(variance?.f, expected[0]) && close(variance?.rSquared, expected[1]))
      let dispersion = PermutationalDispersion(fixture.distances, groups: fixture.groups)
      #expect(close(dispersion?.f, expected[2]))
      let separability = Separability(
        similarities: fixture.similarities, distances: fixture.distances, groups: fixture.groups)
      #expect(close(separability?.dPrime, expected[3]))
      #expect(close(separability?.auc, expected[4]))
      #expect(close(separability?.silhouette, expected[5]))
    }
  }

  @Test func regressionAgreesWithLeastSquares() throws {
    let fixture = Fixture(sizes: [4, 3, 2])
    let regression = DistanceRegression(
      fixture.distances, covariates: fixture.covariates,
      orders: ModelOrders(of: 9, draws: 9, seed: 0))
    let correlations = [0.28432522182560066, -0.18655362464793138, -0.022908568775771215]
    let slopes = [1.61060833, -0.90168245, -0.47091128]
    for index in 0..<3 {
      #expect(close(regression.correlation(with: index)?.r, correlations[index]))
      #expect(abs((regression.slope(of: index)?.t ?? .nan) - slopes[index]) <= 1e-8)
    }
  }

  /// Six models: all 720 orders, so that the p-values are fractions that both programs must agree on.
  @Test func pValuesOverAllOrdersAreExact() throws {
    let fixture = Fixture(sizes: [3, 3])
    let orders = ModelOrders(of: 6, draws: 5, seed: 0)
    #expect(orders.areAll && orders.orders.count == 720)
    let variance = try #require(
      PermutationalVariance(fixture.distances, groups: fixture.groups))
    #expect(close(variance.pValue(fixture.distances, groups: fixture.groups, orders), 0.6))
    let dispersion = try #require(
      PermutationalDispersion(fixture.distances, groups: fixture.groups))
    // From 40,000 rotations in NumPy; the standard error of 999 is 0.016.
    #expect(abs(try dispersion.pValue(draws: 999, seed: 0) - 0.690) <= 0.06)
    let regression = DistanceRegression(
      fixture.distances, covariates: fixture.covariates, orders: orders)
    let correlations = [0.7, 707.0 / 720, 503.0 / 720]
    let slopes = [520.0 / 720, 663.0 / 720, 678.0 / 720]
    for index in 0..<3 {
      #expect(close(regression.correlation(with: index)?.pValue, correlations[index]), "\(index)")
      #expect(close(regression.slope(of: index)?.pValue, slopes[index]), "\(index)")
    }
  }

  @Test func whatTheDataDoNotAllowIsRefused() {
    let fixture = Fixture(sizes: [2, 2, 2])
    let single = [0, 1, 2, 3, 4, 5]
    #expect(PermutationalVariance(fixture.distances, groups: single) == nil)
    #expect(PermutationalVariance(fixture.distances, groups: [0, 0, 0, 0, 0, 0]) == nil)
    // Two models are equally far from their centre, whatever they are.
    #expect(PermutationalDispersion(fixture.distances, groups: fixture.groups) == nil)
    #expect(
      Separability(
        similarities: fixture.similarities, distances: fixture.distances, groups: single) == nil)
    let twice = DistanceRegression(
      fixture.distances, covariates: [fixture.covariates[1], fixture.covariates[1].scaled(by: 3)],
      orders: ModelOrders(of: 6, draws: 9, seed: 0))
    #expect(twice.slope(of: 0) == nil)
    #expect(twice.correlation(with: 0) != nil)
  }

  /// Points without any relation to families or covariates: each test rejects at 5 % in about 5 % of 400
  /// zoos. The standard error is 1.1 %; the bounds are three of them away.
  @Test func falsePositivesOccurAtTheNominalRate() throws {
    let groups = [0, 0, 0, 1, 1, 1, 2, 2, 2]
    let rejections = try Parallel.map(count: 400, threads: 2) { zoo -> [Bool] in
      var generator = SeededGenerator(seed: 31, stream: UInt64(zoo))
      let points = generator.gaussianMatrix(rows: 9, columns: 3)
      let covariate = generator.gaussianMatrix(rows: 9, columns: 2)
      func differences(_ matrix: Matrix, _ columns: Range<Int>) -> Matrix {
        Matrix(rows: 9, columns: 9) { a, b in
          columns.reduce(0) { sum, column in
            let difference = matrix[a, column] - matrix[b, column]
            return sum + difference * difference
          }.squareRoot()
        }
      }
      let distances = differences(points, 0..<3)
      let orders = ModelOrders(of: 9, draws: 99, seed: UInt64(zoo))
      let regression = DistanceRegression(
        distances,
        covariates: [differences(covariate, 0..<1), differences(covariate, 1..<2)],
        orders: orders)
      return [
        PermutationalVariance(distances, groups: groups)?.pValue(distances, groups: groups, orders),
        try PermutationalDispersion(distances, groups: groups)?.pValue(
          draws: 99, seed: UInt64(zoo)),
        regression.correlation(with: 0)?.pValue, regression.slope(of: 1)?.pValue,
      ].map { ($0 ?? .nan) <= 0.05 }
    }
    for test in 0..<4 {
      let rate = Double(rejections.count { $0[test] }) / 400
      #expect(rate >= 0.017 && rate <= 0.083, "test \(test): \(rate)")
    }
  }

  @Test func plantedFamiliesAreFound() throws {
    // The first two families share their signal; the third has none.
    var models: [PlantedZoo.Model] = []
    for family in ["a", "b", "c"] {
      for _ in 0..<3 {
        models.append(.init(family: family, sharedVariance: [0, family == "c" ? 0 : 0.9]))
      }
    }
    models.append(.init(family: nil, sharedVariance: [0.5]))
    models.append(.init(family: "a", sharedVariance: [0.9], role: .untrained, name: "a-untrained"))
    let zoo = PlantedZoo.activations(models, samples: 100, seed: 8)
    let metrics: [any SimilarityMetric] = [DebiasedCKA(), SVCCA(), Procrustes()]
    let comparison = try ZooComparison(of: zoo, metrics: metrics)
    let all = FamilyStatistics.all(of: zoo, comparison: comparison, metrics: metrics, seed: 1)
    #expect(all.map(\.metric) == ["cka-debiased", "procrustes"])
    let first = try #require(all.first)
    #expect(first.models == 9 && first.families == ["a", "b", "c"] && first.orders == 999)
    #expect(first.similarities.map(\.pairs) == [3, 9, 9, 3, 9, 3])
    func mean(_ a: String, _ b: String) -> Double {
      first.similarities.first { ($0.familyA, $0.familyB) == (a, b) }?.mean ?? .nan
    }
    #expect(mean("a", "a") > 0.3 && mean("a", "b") > 0.3)
    #expect(abs(mean("a", "c")) < 0.1 && abs(mean("c", "c")) < 0.1)
    #expect((first.location?.pValue ?? 1) <= 0.02)
    #expect((first.dispersion?.pValue ?? 1) <= 0.02)
    #expect(first.covariates.map(\.name) == ["other family"])
    #expect(FamilyStatistics.all(of: zoo, comparison: comparison, metrics: metrics, seed: 1) == all)
  }
}
