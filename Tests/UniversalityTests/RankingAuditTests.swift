import Activations
import LinearAlgebra
import Metrics
import Testing
import Zoo

@testable import Universality

@Suite struct RankingAuditTests {
  private func audit(
    _ zoo: ActivationSet, seed: UInt64 = 0, threads: Int = 2
  ) throws -> RankingAudit? {
    let metric = DebiasedCKA()
    let comparison = try ZooComparison(of: zoo, metrics: [metric])
    let options = AnalysisOptions(permutations: 39, resamples: 0, seed: seed, threads: threads)
    let findings = try Findings(
      of: zoo, comparison: comparison, rankedBy: metric, options: options)
    return try RankingAudit(of: zoo, findings: findings, rankedBy: metric, options: options)
  }

  private func zoo(_ shares: [Double], seed: UInt64) -> ActivationSet {
    PlantedZoo.activations(
      shares.enumerated().flatMap { family, share in
        (0..<2).map { _ in .init(family: "f\(family)", sharedVariance: [share, share]) }
      }, samples: 300, seed: seed)
  }

  /// Far apart, the order of families holds under everything; one that is planted alike does not.
  @Test func clearOrdersHoldAndOrdersByChanceDoNot() throws {
    let clear = try #require(try audit(zoo([0.95, 0.75, 0.5, 0.2], seed: 1)))
    let families = clear.ranks.filter { $0.level == .families }
    #expect(families.map(\.rank) == [1, 2, 3, 4])
    #expect(families.allSatisfy { $0.outcomes.count == 4 })
    for rank in families {
      let half = try #require(rank.outcomes.first { $0.perturbation == .halfOfSamples })
      #expect(half.turned == 0 && half.ranks == rank.rank...rank.rank)
    }
    let equal = try #require(try audit(zoo(Array(repeating: 0.5, count: 6), seed: 2)))
    func turned(_ audit: RankingAudit) -> Double {
      let values = audit.ranks.filter { $0.level == .layers }
        .compactMap { $0.outcomes.map(\.turned).max() }
      return values.reduce(0, +) / Double(values.count)
    }
    #expect(turned(equal) > 1.5 * turned(clear), "\(turned(equal)), \(turned(clear))")
    let taus = clear.agreements.filter {
      $0.level == .families && $0.perturbation == .halfOfSamples
    }
    #expect(taus.map(\.tau) == [1] && taus.map(\.least) == [1])
  }

  @Test func theSeedDecidesAndTheThreadsDoNot() throws {
    let zoo = zoo([0.5, 0.5, 0.5], seed: 3)
    let one = try audit(zoo, threads: 1)
    #expect(try one != nil && audit(zoo, threads: 3) == one)
    #expect(try audit(zoo, seed: 1) != one)
  }

  @Test func gradesHalveTheShareThatIsTurned() {
    let shares = [0, 0.0624, 0.0625, 0.125, 0.2, 0.25, 0.49, 0.5, 1]
    #expect(
      shares.map(StabilityGrade.init(turned:)) == [.a, .a, .b, .c, .c, .d, .d, .f, .f])
    let rank = AuditedRank(
      level: .layers, index: 0, rank: 1,
      outcomes: [
        .init(perturbation: .outlier, turned: 0.01, ranks: 1...1),
        .init(perturbation: .halfOfUnits, turned: 0.3, ranks: 1...4),
      ])
    #expect(rank.grade == .d)
    #expect(AuditedRank(level: .layers, index: 0, rank: 1, outcomes: []).grade == nil)
  }

  @Test func theTwoHalvesOfASplitAreAllSamples() throws {
    let values = StoredMatrix(Matrix(rows: 21, columns: 1) { row, _ in Double(row) })
    func half(_ draw: Int) throws -> [Double] {
      try PerturbedInput(.halfOfSamples, draw: draw, seed: 5)
        .matrix(of: values, layer: 0, model: 0).elements
    }
    #expect(try half(0).count == 10 && (half(0) + half(1)).sorted().count == 20)
    #expect(try Set(half(0) + half(1)).count == 20)
    #expect(try half(2) != half(0))
  }

  @Test func eachPerturbationDoesWhatItSays() throws {
    var generator = SeededGenerator(seed: 6)
    let matrix = generator.gaussianMatrix(rows: 30, columns: 7)
    let values = StoredMatrix(matrix)
    func changed(_ perturbation: RankingAudit.Perturbation, layer: Int = 0) throws -> Matrix {
      try PerturbedInput(perturbation, draw: 0, seed: 5).matrix(of: values, layer: layer, model: 3)
    }
    let units = try changed(.halfOfUnits)
    #expect(units.columns == 4 && units.rows == 30)
    let columns = (0..<4).map { place in
      (0..<7).first { units[0, place] == matrix[0, $0] } ?? -1
    }
    #expect(columns == Set(columns).sorted() && !columns.contains(-1))

    let standard = try StandardizedMatrix(checking: values).matrix()
    let moved = try changed(.outlier)
    let rows = (0..<30).filter { moved.row($0) != standard.row($0) }
    let row = try #require(rows.first)
    #expect(rows.count == 1)
    let distance = zip(moved.row(row), standard.row(row)).reduce(0) {
      $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
    }.squareRoot()
    #expect(abs(distance - 10 / 30.0.squareRoot()) <= 1e-12)
    // The same sample in another layer of the model.
    let other = try changed(.outlier, layer: 1)
    #expect((0..<30).filter { other.row($0) != standard.row($0) } == rows)
    #expect(other != moved)

    let spectrum = try SymmetricEigen.values(of: standard.featureGram())
    let rest = try SymmetricEigen.values(of: try changed(.withoutFirstComponent).featureGram())
    for place in 0..<6 { #expect(abs(rest[place] - spectrum[place + 1]) <= 1e-12) }
    #expect(abs(rest[6]) <= 1e-12)
    let line = StoredMatrix(matrix.selectingColumns([2]))
    #expect(throws: MetricError.constant) {
      try PerturbedInput(.withoutFirstComponent, draw: 0, seed: 5)
        .matrix(of: line, layer: 0, model: 0)
    }
  }

  /// More features than samples take the other way to the first component.
  @Test func theFirstComponentOfAWideLayerIsTakenAway() throws {
    var generator = SeededGenerator(seed: 7)
    let wide = StoredMatrix(generator.gaussianMatrix(rows: 9, columns: 30))
    let input = PerturbedInput(.withoutFirstComponent, draw: 0, seed: 5)
    let rest = try SymmetricEigen.values(
      of: input.matrix(of: wide, layer: 0, model: 0).sampleGram())
    let whole = try SymmetricEigen.values(
      of: StandardizedMatrix(checking: wide).matrix().sampleGram())
    for place in 0..<7 { #expect(abs(rest[place] - whole[place + 1]) <= 1e-12) }
  }

  @Test func tooFewSamplesAreNotAudited() throws {
    let zoo = PlantedZoo.activations(
      ["a", "b", "c"].map { .init(family: $0, sharedVariance: [0.9]) }, samples: 15, seed: 8)
    #expect(try audit(zoo) == nil)
  }
}
