import Activations
import Foundation
import LinearAlgebra
import Testing

@testable import Universality

/// Generalised CCA against golden values of an independent NumPy program, the analytic edge against
/// Kesten's law and against draws, and the whole analysis against planted truth.
@Suite struct SharedDirectionsTests {
  /// With 1-based i ≤ 40 and j: X = sin(0.7 i j) + 0.3 cos(1.3 i + 0.5 j²) of width 6,
  /// Y = 0.6 X[i, (j − 1) mod 6 + 1] + cos(0.9 i j + 0.2 j) of width 9,
  /// Z = X[i, (j − 1) mod 6 + 1] X[i, j mod 6 + 1] + 0.5 sin(2.1 i + j) of width 5.
  private static let fixture: [Matrix] = {
    func x(_ row: Int, _ column: Int) -> Double {
      let (i, j) = (Double(row + 1), Double(column % 6 + 1))
      return sin(0.7 * i * j) + 0.3 * cos(1.3 * i + 0.5 * j * j)
    }
    return [
      Matrix(rows: 40, columns: 6) { x($0, $1) },
      Matrix(rows: 40, columns: 9) { row, column in
        let (i, j) = (Double(row + 1), Double(column + 1))
        return 0.6 * x(row, column) + cos(0.9 * i * j + 0.2 * j)
      },
      Matrix(rows: 40, columns: 5) { row, column in
        x(row, column) * x(row, column + 1)
          + 0.5 * sin(2.1 * Double(row + 1) + Double(column + 1))
      },
    ]
  }()

  private func fit(limit: Int, directions: Int = 3) throws -> (GeneralizedCCA, [Matrix]) {
    let bases = try Self.fixture.map { matrix in
      try #require(
        try TruncatedRepresentation(
          matrix, fitting: Array(0..<40), heldOut: [], limit: limit, variance: 1)
      ).basis
    }
    return (
      try GeneralizedCCA(
        bases: bases, weights: [Double](repeating: 1.0 / 3, count: 3), limit: directions), bases
    )
  }

  private func agree(_ values: some Collection<Double>, _ golden: [Double]) -> Bool {
    values.count == golden.count && zip(values, golden).allSatisfy { abs($0 - $1) <= 1e-10 }
  }

  @Test func eigenvaluesOfFullRankAreTheGoldenOnes() throws {
    #expect(
      agree(
        try fit(limit: 40).0.eigenvalues.prefix(10),
        [
          0.913776311749, 0.829222016384, 0.633150155794, 0.616362084497, 0.576473411204,
          0.488375942498, 0.405185177276, 0.344126174596, 0.339966361112, 0.332790334551,
        ]))
  }

  @Test func eigenvaluesAndSharesOfThreeComponentsAreTheGoldenOnes() throws {
    let (fit, bases) = try fit(limit: 3)
    #expect(
      agree(
        fit.eigenvalues,
        [
          0.767341891404, 0.526809960602, 0.476137415314, 0.355280397444, 0.334141004123,
          0.210967472303, 0.154929871765, 0.137537957728, 0.036854029317,
        ]))
    let golden = [
      [0.887809573644, 0.772260916598, 0.731596015231],
      [0.604865725429, 0.795066004506, 0.635576306495],
      [0.809350375138, 0.013102960703, 0.061239924217],
    ]
    for (basis, expected) in zip(bases, golden) { #expect(agree(fit.shares(of: basis), expected)) }
    for row in 0..<3 {
      let direction = fit.directions.row(row)
      #expect(abs(direction.reduce(0) { $0 + $1 * $1 } - 1) <= 1e-12)
      #expect((direction.max() ?? 0) >= -(direction.min() ?? 0))
    }
  }

  @Test func theNullEdgeIsThatOfKestensLaw() {
    func edge(parts: Int, rank: Int, dimension: Int) -> Double {
      NullEdge.edge(
        ofSumOf: Array(
          repeating: Array(repeating: 1 / Double(parts), count: rank), count: parts),
        dimension: dimension)
    }
    #expect(abs(edge(parts: 3, rank: 3, dimension: 39) - 0.6102040761828901) <= 1e-10)
    for (parts, rank, dimension) in [(2, 10, 199), (6, 30, 799), (18, 20, 249), (100, 5, 999)] {
      let (m, q) = (Double(parts), Double(rank) / Double(dimension))
      let kesten = (q * (m - 1) + (1 - q) + 2 * (q * (1 - q) * (m - 1)).squareRoot()) / m
      #expect(abs(edge(parts: parts, rank: rank, dimension: dimension) - kesten) <= 1e-10)
    }
    // M(1 − q) < 1: the subspaces must intersect.
    #expect(abs(edge(parts: 3, rank: 80, dimension: 100) - 1) <= 1e-10)
    #expect(abs(NullEdge.edge(ofSumOf: [[0.3, 0.7]], dimension: 9) - 0.7) <= 1e-15)
  }

  @Test func theNullEdgeIsWhereRandomSubspacesOfUnequalRanksAndWeightsEnd() throws {
    let (ranks, weights) = ([5, 20, 40, 10], [0.4, 0.3, 0.2, 0.1])
    let predicted = NullEdge.edge(
      ofSumOf: zip(ranks, weights).map { Array(repeating: $1, count: $0) }, dimension: 400)
    var generator = SeededGenerator(seed: 5)
    let draws = try (0..<8).map { _ in
      let bases = try ranks.map {
        try generator.gaussianMatrix(rows: 400, columns: $0).orthonormalized()
      }
      return try GeneralizedCCA.spectrum(
        ofStack: GeneralizedCCA.stack(bases, weights: weights))[0]
    }
    // Fluctuations are of the order of 400^(−2/3) = 0.018, and the mean of eight draws of a third.
    #expect(abs(draws.reduce(0, +) / 8 - predicted) <= 0.02)
  }

  /// Three families share five signals; the input has them too, untrained twins have none.
  private func planted(share: Double, samples: Int = 400, seed: UInt64) -> ActivationSet {
    var models: [PlantedZoo.Model] = []
    for family in ["a", "b", "c"] {
      for index in 0..<(family == "a" ? 3 : 1) {
        let name = "\(family)-s\(index)"
        models.append(.init(family: family, sharedVariance: [0, 0, 0, share], name: name))
        models.append(
          .init(
            family: family, sharedVariance: [0, 0, 0, 0], role: .untrained,
            name: name + "-untrained"))
      }
    }
    models.append(.init(family: nil, sharedVariance: [0, 0, 0, 1], role: .input, name: "input"))
    return PlantedZoo.activations(models, samples: samples, seed: seed)
  }

  @Test func plantedDirectionsAreFoundAndTheirControlsHold() throws {
    let zoo = planted(share: 0.95, seed: 3)
    let found = try SharedDirections(of: zoo, permutations: 99, seed: 1, threads: 2)
    #expect(found.families == ["a", "b", "c"] && found.layers.count == 5)
    #expect(found.fittedSamples == 200 && found.heldOutSamples == 200)
    #expect(found.shared.count == 5 && found.universal.count == 5)
    #expect(found.labelDirections == nil)
    for direction in found.universal {
      #expect(direction.heldOutAgreement > 0.5)
      #expect((direction.excessOverUntrained?.low ?? 0) > 0)
      #expect((direction.excessOverInput?.value ?? 1) < 0)
    }
    let untrained = try #require(found.untrainedSpectrum?.first)
    #expect(untrained < (found.nullThreshold ?? 0) + 0.05)
    #expect(found.verdict.first?.hasPrefix("5 directions are shared between families") == true)
    #expect(found == (try SharedDirections(of: zoo, permutations: 99, seed: 1, threads: 1)))
  }

  @Test func whatOneFamilyHasToItselfIsNotShared() throws {
    // Four models of family a are copies of each other but for noise.
    var zoo = planted(share: 0, seed: 4)
    var generator = SeededGenerator(seed: 9)
    let own = generator.gaussianMatrix(rows: 400, columns: 12)
    for index in zoo.representations.indices
    where zoo.models[zoo.representations[index].model].family == "a"
      && zoo.models[zoo.representations[index].model].role == .contestant
    {
      zoo.representations[index].numbers = own
    }
    let found = try SharedDirections(of: zoo, permutations: 99, seed: 1, threads: 2)
    #expect(found.shared.isEmpty && found.universal.isEmpty)
    #expect(found.verdict.first?.hasPrefix("No direction is shared") == true)
  }

  /// Zoos of noise: some direction is called shared in about 5 % of 300. The standard error is 1.3 %;
  /// the bounds are three of them away.
  @Test func inNoiseDirectionsAreSharedAtTheNominalRate() throws {
    let hits = try Parallel.map(count: 300, threads: 2) { index -> Bool in
      let zoo = PlantedZoo.activations(
        ["a", "b", "c"].map { .init(family: $0, sharedVariance: [0]) }, samples: 80,
        seed: UInt64(1000 + index))
      let found = try SharedDirections(
        of: zoo, permutations: 39, seed: UInt64(index), threads: 1)
      return !found.shared.isEmpty
    }
    let rate = Double(hits.count { $0 }) / 300
    #expect(rate >= 0.012 && rate <= 0.088, "\(rate)")
  }

  @Test func whatLabelsCarryIsToldFromTheRest() throws {
    // Four classes, and two signals beyond them, in three families.
    var generator = SeededGenerator(seed: 12)
    let labels = (0..<400).map { $0 % 4 }
    let signal = Matrix.sideBySide([
      Matrix(rows: 400, columns: 4) { labels[$0] == $1 ? 2 : 0 },
      generator.gaussianMatrix(rows: 400, columns: 2),
    ])
    var zoo = planted(share: 0, seed: 4)
    zoo.labels = labels
    for index in zoo.representations.indices
    where zoo.models[zoo.representations[index].model].role == .contestant {
      let noise = generator.gaussianMatrix(rows: 400, columns: 12)
      let mixed = signal.times(generator.gaussianMatrix(rows: 6, columns: 12))
      zoo.representations[index].numbers = Matrix(rows: 400, columns: 12) {
        mixed[$0, $1] + 0.3 * noise[$0, $1]
      }
    }
    let found = try SharedDirections(of: zoo, permutations: 99, seed: 1, threads: 2)
    #expect(found.shared.count == 5 && found.labelDirections == 3)
    let classes = found.directions.compactMap(\.classShare)
    #expect(classes.prefix(5).reduce(0, +) > 2.5 && classes.prefix(5).reduce(0, +) < 3.5)
    #expect(found.verdict.last?.contains("2 directions are shared beyond the labels") == true)
  }

  @Test func whatTheDataDoNotAllowIsRefused() {
    let one = PlantedZoo.activations([.init(family: "a", sharedVariance: [0.5])], seed: 1)
    #expect(throws: SharedDirectionsImpossible.self) {
      try SharedDirections(of: one, permutations: 0, seed: 0, threads: 1)
    }
    #expect(throws: SharedDirectionsImpossible.self) {
      try SharedDirections(
        of: planted(share: 0.5, samples: 39, seed: 1), permutations: 0, seed: 0, threads: 1)
    }
    var positions = planted(share: 0.5, seed: 1)
    for index in positions.representations.indices {
      positions.representations[index].source.pooling = Pooling.positions.rawValue
    }
    #expect(throws: SharedDirectionsImpossible.self) {
      try SharedDirections(of: positions, permutations: 0, seed: 0, threads: 1)
    }
  }

  @Test func aConstantLayerIsLeftOutAndWithoutPermutationsNothingIsShared() throws {
    var zoo = planted(share: 0.95, seed: 3)
    let last = try #require(
      zoo.representations.indices.last { zoo.representations[$0].model == 0 })
    zoo.representations[last].numbers = Matrix(rows: 400, columns: 12, repeating: 3)
    let found = try SharedDirections(of: zoo, permutations: 0, seed: 1, threads: 2)
    #expect(found.layers.count == 4 && !found.layers.contains(last))
    #expect(found.nullThreshold == nil && found.shared.isEmpty)
    #expect(found.directions.allSatisfy { $0.pValue == nil })
    #expect(
      found.verdict == [
        "5 eigenvalues exceed the analytic edge of chance; with fewer than 19 permutations no "
          + "direction is called shared."
      ])
  }
}
