import Activations
import LinearAlgebra
import Metrics
import Testing
import Zoo

@testable import Universality

@Suite struct InfluenceTests {
  private let metrics: [any CenteredProductMetric] = [LinearCKA(), DebiasedCKA()]

  /// Narrow, wide and with an outlier: the closed form against the metric on the samples that are left.
  @Test func leavingASampleOutAgreesWithComputingAgain() throws {
    var generator = SeededGenerator(seed: 3)
    let x = generator.gaussianMatrix(rows: 14, columns: 5)
    let wide = generator.gaussianMatrix(rows: 14, columns: 40)
    let outlier = Matrix(rows: 14, columns: 3) { ($0 == 6 ? 50 : 1) * x[$0, $1] + 3 }
    for metric in metrics {
      for (a, b) in [(x, wide), (wide, outlier), (outlier, x)] {
        try expectAgreement(metric, a, b)
      }
    }
  }

  private func expectAgreement(
    _ metric: some CenteredProductMetric, _ a: Matrix, _ b: Matrix
  ) throws {
    let first = try LeftOutProducts(metric.prepare(a).matrix)
    let second = try LeftOutProducts(metric.prepare(b).matrix)
    let without = first.similaritiesWithoutSamples(with: second, metric)
    for sample in 0..<14 {
      let kept = (0..<14).filter { $0 != sample }
      let expected = try metric.similarity(a.selectingRows(kept), b.selectingRows(kept))
      #expect(abs(without[sample] - expected) <= 1e-9, "\(metric.name), sample \(sample)")
    }
    let centered = try StandardizedMatrix(checking: StoredMatrix(a)).matrix()
    let leading = try SymmetricEigen(centered.featureGram()).vectors.selectingRows([0])
    let loadings = centered.times(leading.transposed())
    let rest = Matrix(rows: 14, columns: a.columns) {
      centered[$0, $1] - loadings[$0, 0] * leading[0, $1]
    }
    #expect(
      abs(
        first.similarityWithoutComponent(with: second, metric)
          - (try metric.similarity(rest, b))) <= 1e-9, "\(metric.name), component")
  }

  @Test func aLayerOfOneDirectionHasNothingElse() throws {
    var generator = SeededGenerator(seed: 4)
    let metric = LinearCKA()
    let line = try LeftOutProducts(
      metric.prepare(generator.gaussianMatrix(rows: 12, columns: 1)).matrix)
    let other = try LeftOutProducts(
      metric.prepare(generator.gaussianMatrix(rows: 12, columns: 4)).matrix)
    #expect(line.similarityWithoutComponent(with: other, metric).isNaN)
    #expect(!other.similarityWithoutComponent(with: line, metric).isNaN)
  }

  private func influence(
    of zoo: ActivationSet, _ metric: any SimilarityMetric = DebiasedCKA()
  ) throws -> Influence? {
    let comparison = try ZooComparison(of: zoo, metrics: [metric])
    let findings = try Findings(
      of: zoo, comparison: comparison, rankedBy: metric,
      options: AnalysisOptions(permutations: 39, resamples: 0, seed: 1, threads: 2))
    return try Influence(
      of: zoo, comparison: comparison, findings: findings, rankedBy: metric, threads: 2)
  }

  private static let models: [PlantedZoo.Model] = ["a", "a", "b", "c"].map {
    .init(family: $0, sharedVariance: [0.3, 0.8])
  }

  @Test func noSampleCarriesTheScoresOfManyOrdinaryOnes() throws {
    let found = try #require(
      try influence(of: PlantedZoo.activations(Self.models, samples: 300, seed: 7)))
    #expect(
      found.scores.map(\.level).prefix(7) == [.families, .families, .families]
        + .init(
          repeating: .models, count: 4))
    #expect(found.scores.count == 3 + 4 + 8)
    for score in found.scores {
      let share = try #require(score.sampleShare)
      #expect(abs(share) <= 0.05, "\(score)")
    }
    #expect(found.pairs.isEmpty)
  }

  /// One sample far away in the same place everywhere makes unrelated layers alike.
  @Test func theSampleThatMakesLayersAlikeIsNamed() throws {
    var zoo = PlantedZoo.activations(
      Self.models.map { .init(family: $0.family, sharedVariance: [0.2, 0.2]) }, samples: 200,
      seed: 8)
    for index in zoo.representations.indices {
      let matrix = zoo.representations[index].numbers
      zoo.representations[index].numbers = Matrix(rows: 200, columns: matrix.columns) {
        matrix[$0, $1] + ($0 == 41 ? 12 : 0)
      }
    }
    // The biased estimator: the debiased one leaves out what a sample has in common with itself.
    let found = try #require(try influence(of: zoo, LinearCKA()))
    for score in found.scores {
      #expect(score.sample == 41)
      #expect((score.sampleShare ?? 0) > 0.5, "\(score)")
      #expect((score.directionShare ?? 0) > 0.5)
    }
    // Four layers with two models of other families, four with three.
    #expect(found.pairs.count == 4 * 2 + 4 * 3)
    #expect(found.pairs.allSatisfy { $0.sample == 41 && $0.share > Influence.level })
    let cautions = Caution.all(
      of: zoo, diagnostics: [], influence: found, metrics: [LinearCKA()])
    #expect(cautions.count { $0.kind == .oneSample && $0.sample == 41 } == 8)
    #expect(cautions.count { $0.kind == .oneDirection } == 8)
  }

  /// The mean of a model is that of its layers, the mean of a family that of its models, in every
  /// replicate: recomputed from the similarities without the sample.
  @Test func theMeansAreThoseOfTheRanking() throws {
    let zoo = PlantedZoo.activations(
      [
        .init(family: "a", sharedVariance: [0.8]), .init(family: "b", sharedVariance: [0.7]),
        .init(family: "c", sharedVariance: [0.6]),
      ], samples: 40, seed: 9)
    let found = try #require(try influence(of: zoo))
    let metric = DebiasedCKA()
    let score = try #require(found.scores.first { $0.level == .layers && $0.index == 0 })
    let sample = try #require(score.sample)
    let kept = (0..<40).filter { $0 != sample }
    let matrices = zoo.representations.map { $0.numbers.selectingRows(kept) }
    let expected =
      (try metric.similarity(matrices[0], matrices[1])
        + metric.similarity(matrices[0], matrices[2])) / 2
    #expect(abs((score.withoutSample ?? .nan) - expected) <= 1e-9)
    let family = try #require(found.scores.first)
    let layers = found.scores.filter { $0.level == .layers }
    #expect(
      layers.contains { $0.score == family.score && $0.withoutSample == family.withoutSample })
  }

  @Test func metricsWithoutAClosedFormHaveNoInfluence() throws {
    let zoo = PlantedZoo.activations(Self.models, samples: 60, seed: 10)
    #expect(try influence(of: zoo, SVCCA()) == nil)
  }

  @Test func sharesOfScoresWithinChanceAreNotTold() {
    let score = ScoreInfluence(
      level: .layers, index: 0, score: 0.01, threshold: 0.02, sample: 1, withoutSample: -0.01,
      withoutDirection: 0)
    #expect(score.sampleShare == nil && score.directionShare == nil)
    let lower = ScoreInfluence(
      level: .layers, index: 0, score: 0.5, threshold: 0.02, sample: 1, withoutSample: 0.75)
    #expect(lower.sampleShare == -0.5 && lower.directionShare == nil)
  }
}
