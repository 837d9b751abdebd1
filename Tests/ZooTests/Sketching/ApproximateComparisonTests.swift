import Activations
import LinearAlgebra
import Metrics
import Testing

@testable import Zoo

@Suite struct ApproximateComparisonTests {
  /// Errors in standard errors, over seeds and pairs.
  private func scores(
    _ zoo: SketchedZoo, size: Int, metric: SketchedMetric, seeds: Range<UInt64>
  ) throws -> [Double] {
    let exact = try zoo.exact(metric)
    return try seeds.flatMap { seed in
      let design = SketchDesign(samples: zoo.matrices[0].rows, size: size, seed: seed)
      let matrix = try ApproximateComparison(
        of: zoo.fingerprints(design), design: design, metrics: [metric]
      ).matrices[0]
      return try (0..<matrix.count).flatMap { a in
        try (a + 1..<matrix.count).map { b in
          let error = try #require(matrix.standardError(a, b))
          return (try #require(matrix[a, b].value) - exact[a][b]) / error
        }
      }
    }
  }

  /// The promise of a standard error: 95 of 100 errors within ±1.96. Never clearly fewer; a few more
  /// where one direction carries everything.
  @Test(arguments: SketchedZoo.all, [256, 1024, 4096])
  func theStandardErrorsCover(_ zoo: SketchedZoo, _ size: Int) throws {
    for metric in SketchedMetric.allCases {
      let scores = try scores(zoo, size: size, metric: metric, seeds: 0..<300)
      let covered = Double(scores.count { abs($0) <= 1.96 }) / Double(scores.count)
      let square = scores.reduce(0) { $0 + $1 * $1 } / Double(scores.count)
      #expect((0.93...0.985).contains(covered), "\(zoo.name) \(size) \(metric): \(covered)")
      #expect((0.6...1.2).contains(square.squareRoot()), "\(zoo.name) \(size) \(metric): \(square)")
    }
  }

  @Test(arguments: SketchedZoo.all)
  func theBiasIsSmallBesideTheStandardError(_ zoo: SketchedZoo) throws {
    let scores = try scores(zoo, size: 1024, metric: .debiased, seeds: 1000..<1200)
    let mean = scores.reduce(0, +) / Double(scores.count)
    // The pairs of a seed share their fingerprints: 200 independent draws.
    #expect(abs(mean) <= 4 / 200.0.squareRoot())
  }

  @Test func theStandardErrorFallsWithTheRootOfTheSize() throws {
    let zoo = SketchedZoo.all[5]
    func error(_ size: Int) throws -> Double {
      let design = SketchDesign(samples: 1500, size: size)
      let matrix = try ApproximateComparison(
        of: zoo.fingerprints(design), design: design, metrics: [.debiased]
      ).matrices[0]
      let value = try #require(matrix[0, 1].value)
      let error = try #require(matrix.standardError(0, 1))
      return error / (1 - value * value)
    }
    for size in [1024, 4096, 16384] {
      let relative = try error(size) * Double(size).squareRoot()
      #expect((0.7...1.5).contains(relative), "\(size): \(relative)")
    }
  }

  @Test func neitherThreadsNorNeighboursChangeABit() throws {
    let zoo = SketchedZoo.all[0]
    let design = SketchDesign(samples: 200, size: 512)
    let fingerprints = zoo.fingerprints(design)
    let metrics = SketchedMetric.allCases
    let one = try ApproximateComparison(
      of: fingerprints, design: design, metrics: metrics, threads: 1)
    let many = try ApproximateComparison(
      of: fingerprints, design: design, metrics: metrics, threads: 5)
    #expect(one.matrices == many.matrices)
    let reversed = try ApproximateComparison(
      of: fingerprints.reversed(), design: design, metrics: metrics)
    for (straight, mirrored) in zip(one.matrices, reversed.matrices) {
      for a in 0..<4 {
        for b in 0..<4 {
          let x = try #require(straight[a, b].value)
          let y = try #require(mirrored[3 - a, 3 - b].value)
          #expect(abs(x - y) <= 1e-14)
        }
      }
    }
  }

  @Test func aBadLayerSpoilsNoOther() throws {
    var zoo = SketchedZoo.all[0]
    zoo.matrices.insert(Matrix(rows: 200, columns: 3, repeating: 2), at: 1)
    let design = SketchDesign(samples: 200, size: 512)
    let comparison = try ApproximateComparison(
      of: zoo.fingerprints(design), design: design, metrics: SketchedMetric.allCases)
    let whole = try ApproximateComparison(
      of: SketchedZoo.all[0].fingerprints(design), design: design,
      metrics: SketchedMetric.allCases)
    for (matrix, other) in zip(comparison.matrices, whole.matrices) {
      #expect(matrix[0, 1].reason == "constant: all samples have the same activations")
      #expect(matrix[1, 1].reason != nil && matrix[1, 4].reason != nil)
      #expect(matrix.standardError(0, 1) == nil)
      #expect(matrix[0, 0] == .value(1) && matrix.standardError(0, 0) == nil)
      let (x, y) = (try #require(matrix[0, 2].value), try #require(other[0, 1].value))
      #expect(abs(x - y) <= 1e-14)
    }
  }

  /// More than one tile.
  @Test func manyFingerprintsGiveTheCosinesOfThePairs() throws {
    let zoo = SketchedZoo(
      "many", samples: 16, features: (0..<150).map { 1 + $0 % 5 }, directions: 4, seed: 9)
    let design = SketchDesign(samples: 16, size: 256)
    let fingerprints = zoo.fingerprints(design)
    let matrix = try ApproximateComparison(
      of: fingerprints, design: design, metrics: [.debiased]
    ).matrices[0]
    func product(_ a: Int, _ b: Int) throws -> Double {
      zip(try fingerprints[a].get().pairs, try fingerprints[b].get().pairs)
        .reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    for (a, b) in [(0, 149), (3, 4), (128, 127), (140, 149), (127, 129)] {
      let expected =
        try product(a, b) / (product(a, a).squareRoot() * product(b, b).squareRoot())
      #expect(abs(try #require(matrix[a, b].value) - expected) <= 1e-12)
      #expect(matrix[a, b] == matrix[b, a])
    }
  }
}
