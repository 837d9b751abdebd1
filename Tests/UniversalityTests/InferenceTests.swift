import Activations
import LinearAlgebra
import Metrics
import Testing
import Zoo

@testable import Universality

@Suite struct InferenceTests {
  private func findings(
    _ zoo: ActivationSet, permutations: Int = 99, resamples: Int = 20, seed: UInt64 = 0,
    threads: Int = 2
  ) throws -> Findings {
    let metric = DebiasedCKA()
    let comparison = try ZooComparison(
      of: zoo, metrics: [metric, LinearCKA()], resources: Resources(threads: threads))
    return try Findings(
      of: zoo, comparison: comparison, rankedBy: metric,
      options: AnalysisOptions(
        permutations: permutations, resamples: resamples, seed: seed, threads: threads))
  }

  private func independentZoo(seed: UInt64) -> ActivationSet {
    PlantedZoo.activations(
      ["a", "a", "b", "b", "c"].map { .init(family: $0, sharedVariance: [0, 0]) }, samples: 40,
      seed: seed)
  }

  /// 60 zoos without any relation, 10 layers each: p ≤ 0.05 in about 5 % of the layers. Layers of one
  /// zoo share data, so that the spread is wider than binomial; 600 tests at 5 % give 30.
  @Test func falsePositivesOccurAtTheNominalRate() throws {
    var rejected = 0
    var total = 0
    var calibrated = 0.0
    for seed in 0..<60 {
      let result = try findings(
        independentZoo(seed: UInt64(seed)), permutations: 59, resamples: 0, seed: UInt64(seed))
      for layer in result.ranking.layers {
        total += 1
        if let p = layer.score.pValue, p <= 0.05 { rejected += 1 }
        calibrated += layer.score.universality.value
      }
    }
    #expect(total == 600)
    #expect((9...51).contains(rejected), "\(rejected) of \(total)")
    #expect(calibrated / Double(total) < 0.02)
  }

  @Test func plantedUniversalityIsFoundAndRanked() throws {
    let families = [
      ("strong", [0.5, 0.95]), ("close", [0.5, 0.9]), ("middle", [0.3, 0.6]), ("none", [0, 0]),
    ]
    let zoo = PlantedZoo.activations(
      families.flatMap { name, shares in
        (0..<2).map { _ in .init(family: name, sharedVariance: shares) }
      }, seed: 5)
    let result = try findings(zoo)
    let names = result.ranking.families.map { result.families[$0.index] }
    #expect(Set(names.prefix(2)) == ["strong", "close"])
    #expect(names.suffix(2) == ["middle", "none"])
    #expect(result.ranking.families.map(\.score.pValue).prefix(3) == [0.01, 0.01, 0.01])
    #expect((result.ranking.families[2].rankRange?.lowerBound ?? 0) >= 2)
    #expect(result.ranking.families[3].rankRange == 4...4)
    #expect(result.ranking.families[3].score.universality.value < 0.02)
    // The second layers are the more universal ones in the two strong families.
    let top = result.ranking.layers.prefix(4).map { zoo.representations[$0.index].layer }
    #expect(top == ["layer1", "layer1", "layer1", "layer1"])
    for item in result.ranking.layers {
      let raw = item.score.raw
      #expect((raw.low ?? 2) <= raw.value && raw.value <= (raw.high ?? -2))
      #expect(item.otherScores.keys.sorted() == ["cka"])
    }
  }

  /// The interval of a score covers its value in the population of stimuli: 200 draws of the
  /// stimuli, truth from one very large draw.
  @Test func intervalsCoverTheTruth() throws {
    let models: [PlantedZoo.Model] = [
      .init(family: "a", sharedVariance: [0.6]), .init(family: "b", sharedVariance: [0.5]),
    ]
    // One set of mixing weights: take disjoint rows of one large zoo.
    let large = PlantedZoo.activations(models, samples: 40_000, seed: 11)
    let metric = DebiasedCKA()
    let truth = try metric.similarity(
      large.representations[0].numbers, large.representations[1].numbers)
    var covered = 0
    for draw in 0..<200 {
      let rows = draw * 200..<(draw + 1) * 200
      let x = large.representations[0].numbers.selectingRows(rows)
      let y = large.representations[1].numbers.selectingRows(rows)
      let jackknife = try Jackknife(
        samples: 200, groups: 20, seed: UInt64(draw), threads: 2, progress: nil
      ) { kept in
        [try metric.similarity(x.selectingRows(kept), y.selectingRows(kept))]
      }
      let estimate = try #require(
        jackknife.estimate(try metric.similarity(x, y), at: 0, range: metric.range))
      if let low = estimate.low, let high = estimate.high, low <= truth, truth <= high {
        covered += 1
      }
    }
    // Binomial(200, 0.95): mean 190, sd 3.1; four standard deviations, and some slack upwards.
    #expect((177...200).contains(covered), "\(covered) of 200")
  }

  @Test func resultsDoNotDependOnTheNumberOfThreads() throws {
    let zoo = independentZoo(seed: 9)
    #expect(try findings(zoo, threads: 1) == findings(zoo, threads: 2))
    #expect(try findings(zoo, seed: 1) != findings(zoo, seed: 2))
  }

  @Test func controlsStandBesideTheRankingNeverInIt() throws {
    let zoo = PlantedZoo.activations(
      [
        .init(family: "a", sharedVariance: [0.8], name: "a-s0"),
        .init(family: "b", sharedVariance: [0.8], name: "b-s0"),
        .init(family: "a", sharedVariance: [0.2], role: .untrained, name: "a-s0-untrained"),
        .init(family: "b", sharedVariance: [0.2], role: .untrained, name: "b-s0-untrained"),
        .init(sharedVariance: [1], role: .input, name: "pixels"),
        .init(family: "a", sharedVariance: [0.5], role: .checkpoint, name: "a-s0-step10"),
      ], seed: 6)
    let result = try findings(zoo)
    #expect(Set(result.ranking.models.map(\.index)) == [0, 1])
    #expect(Set(result.untrainedRanking?.models.map(\.index) ?? []) == [2, 3])
    #expect(result.controls.map(\.family) == [nil, "a", "b"])
    let all = result.controls[0]
    let (trained, untrained) = (try #require(all.trained), try #require(all.untrained))
    #expect(trained.value > untrained.value)
    #expect(abs(trained.value - result.ranking.families[0].score.raw.value) < 1e-12)
    #expect((all.input?.value ?? 0) > trained.value)
    #expect(all.ownInitialisation != nil)
    // One model a family: there is no other seed to compare with.
    #expect(all.otherSeeds == nil)
  }

  @Test func aZooOfOneFamilySaysWhatCannotBeSaid() throws {
    let zoo = PlantedZoo.activations(
      (0..<3).map { _ in .init(family: "cnn", sharedVariance: [0.7]) }, seed: 7)
    let result = try findings(zoo)
    #expect(result.ranking.reference == .otherModels)
    #expect(result.ranking.families.isEmpty)
    #expect(result.limits.contains { $0.contains("one family (cnn)") })
  }

  @Test func oneModelCannotBeRanked() throws {
    let zoo = PlantedZoo.activations([.init(family: "cnn", sharedVariance: [0.7, 0.5])], seed: 8)
    #expect(throws: RankingImpossible.self) { try findings(zoo) }
  }

  @Test func theThresholdIsAnOrderStatisticOfTheCombinedValues() throws {
    let zoo = independentZoo(seed: 3)
    let result = try findings(zoo, permutations: 19, resamples: 0)
    // With 19 permutations the 95 % point of 20 values is the 19th: one value may exceed it.
    for layer in result.ranking.layers {
      let score = layer.score
      let (threshold, p) = (try #require(score.nullThreshold), try #require(score.pValue))
      #expect((score.raw.value > threshold) == (p <= 0.05))
    }
  }

  /// Two models of one layer each agree with each other equally, whatever the permutations say.
  @Test func scoresThatAreEqualByConstructionShareTheirRanks() throws {
    for seed in 0..<4 {
      let zoo = PlantedZoo.activations(
        [.init(sharedVariance: [0.6]), .init(sharedVariance: [0.6])], samples: 60, seed: 21)
      let result = try findings(zoo, permutations: 49, seed: UInt64(seed))
      #expect(result.ranking.models.map(\.rankRange) == [1...2, 1...2])
    }
  }

  /// More features than samples: every canonical correlation is 1, for noise too.
  @Test func aSaturatedMetricNeverWins() throws {
    var zoo = PlantedZoo.activations(
      ["a", "a", "b", "b", "wide"].map { .init(family: $0, sharedVariance: [0.8]) }, samples: 40,
      seed: 22)
    var generator = SeededGenerator(seed: 23)
    zoo.representations[4].numbers = generator.gaussianMatrix(rows: 40, columns: 300)
    let metric = SVCCA(variance: 1)
    let comparison = try ZooComparison(of: zoo, metrics: [metric], resources: Resources(threads: 2))
    let result = try Findings(
      of: zoo, comparison: comparison, rankedBy: metric,
      options: AnalysisOptions(permutations: 39, resamples: 10, seed: 0, threads: 2))
    let last = try #require(result.ranking.families.last)
    #expect(result.families[last.index] == "wide")
    #expect(last.score.universality.value == 0)
    #expect(result.limits.contains { $0.contains("saturated") })
  }

  /// A layer that cannot be scored without some samples must not move the means above it.
  @Test func aLayerThatIsLostInReplicatesDoesNotWidenOtherIntervals() throws {
    let models: [PlantedZoo.Model] = ["a", "a", "b", "b", "c", "c"].map {
      .init(family: $0, sharedVariance: [0.7, 0.7])
    }
    let plain = PlantedZoo.activations(models, samples: 60, seed: 24)
    var sparse = plain
    // Fires for two samples that fall into one group of the jackknife or into two.
    sparse.representations[1].numbers = Matrix(rows: 60, columns: 3) { $0 < 2 && $1 == 0 ? 1 : 0 }
    let (before, after) = (try findings(plain), try findings(sparse))
    func width(_ findings: Findings, _ family: String) throws -> Double {
      let item = try #require(
        findings.ranking.families.first { findings.families[$0.index] == family })
      return try #require(item.score.raw.high) - (try #require(item.score.raw.low))
    }
    #expect(try width(after, "b") < 2 * (try width(before, "b")))
    #expect(after.ranking.layers.count { $0.rankRange != nil } >= 10)
  }

  @Test func tooFewPermutationsCalibrateNothing() throws {
    let result = try findings(independentZoo(seed: 1), permutations: 10, resamples: 0)
    #expect(result.ranking.layers.allSatisfy { $0.score.calibrated == nil })
    #expect(result.limits.contains { $0.contains("cannot show p ≤ 0.05") })
  }

  @Test func repeatedStimuliAreNoticed() throws {
    var zoo = independentZoo(seed: 2)
    for index in zoo.representations.indices {
      let matrix = zoo.representations[index].numbers
      zoo.representations[index].numbers = matrix.selectingRows(
        (0..<40).map { $0 < 3 ? 39 : $0 })
    }
    let result = try findings(zoo, permutations: 0, resamples: 0)
    #expect(result.limits.contains { $0.hasPrefix("3 of 40 samples have the same activations") })
  }

  /// The families of the untrained ranking are its own: here the first one has no twin.
  @Test func theUntrainedRankingNamesItsOwnFamilies() throws {
    let families = ["a", "b", "c"]
    let zoo = PlantedZoo.activations(
      families.map { .init(family: $0, sharedVariance: [0.8]) }
        + families.dropFirst().map {
          .init(family: $0, sharedVariance: [0.3], role: .untrained, name: "\($0)-untrained")
        }, seed: 25)
    let untrained = try #require(try findings(zoo).untrainedRanking)
    #expect(untrained.familyNames == ["b", "c"])
    #expect(untrained.families.map { untrained.familyNames[$0.index] }.sorted() == ["b", "c"])
  }

  @Test func aZooOfConstantLayersSaysThatThereIsNothingToRank() throws {
    var zoo = independentZoo(seed: 4)
    for index in zoo.representations.indices {
      zoo.representations[index].numbers = Matrix(rows: 40, columns: 3, repeating: 1)
    }
    #expect(throws: RankingImpossible.self) { try findings(zoo) }
    // One model without a usable layer among others.
    var some = independentZoo(seed: 4)
    for index in [0, 1] {
      some.representations[index].numbers = Matrix(rows: 40, columns: 3, repeating: 1)
    }
    let result = try findings(some, permutations: 19)
    #expect(Set(result.ranking.models.map(\.index)) == [1, 2, 3, 4])
  }

  @Test func positionsAreNotTakenForIndependentStimuli() throws {
    var zoo = independentZoo(seed: 5)
    for index in zoo.representations.indices {
      zoo.representations[index].source.pooling = Pooling.positions.rawValue
    }
    let result = try findings(zoo)
    #expect(result.ranking.layers.allSatisfy { $0.score.pValue == nil && $0.score.raw.low == nil })
    #expect(result.limits.contains { $0.contains("positions of stimuli") })
  }
}
