import Activations
import LinearAlgebra
import Testing

@testable import Universality

@Suite struct UniversalityTrendTests {
  private typealias Case = (family: String, score: Double, accuracy: Double?)

  /// One model a case, in the order of the cases.
  private func trends(_ cases: [Case], seed: UInt64 = 0) -> UniversalityTrends {
    let zoo = ActivationSet(
      models: cases.enumerated().map { index, one in
        ModelRecord(name: "m\(index)", family: one.family, accuracy: one.accuracy)
      }, representations: [], alignment: .positional(samples: 10))
    let findings = Findings(
      metric: "cka",
      ranking: Ranking(
        reference: .otherFamilies, layers: [],
        models: cases.enumerated().map { index, one in
          RankedItem(index: index, rank: 1, score: Score(raw: Estimate(value: one.score)))
        }, families: [], familyNames: []), permutations: 0, jackknifeGroups: 0, seed: 0)
    return UniversalityTrends(of: zoo, findings: findings, seed: seed)
  }

  /// Against `scipy.stats.spearmanr`, with ties.
  @Test func rankCorrelationsAreThoseOfOtherPrograms() {
    let x = [1.0, 2, 2, 4, 5, 7, 6]
    let y = [2.0, 1, 3, 3, 9, 8, 8]
    #expect(averageRanks(y) == [2, 1, 3.5, 3.5, 7, 5.5, 5.5])
    #expect(abs((spearmanRho(x, y) ?? .nan) - 0.7981987297166115) <= 1e-12)
    #expect(spearmanRho(x, Array(repeating: 1, count: 7)) == nil)
  }

  /// Four families in one order: 1 and its reverse among 24 orders.
  @Test func theOrderOfFamiliesIsTestedOverFamilies() throws {
    var cases: [Case] = []
    for family in 0..<4 {
      for seed in 0..<3 {
        let (high, low) = (0.1 * Double(family), 0.001 * Double(seed))
        cases.append(("f\(family)", high + low, 0.5 + high - low))
      }
    }
    let trend = try #require(trends(cases).trends.first)
    #expect(trend.property == "accuracy" && trend.models == 12 && trend.families == 4)
    #expect(trend.between?.statistic == 1)
    #expect(abs((trend.between?.pValue ?? .nan) - 2.0 / 24) <= 1e-12)
    // Within the families the order is the reverse.
    #expect(abs((trend.within?.statistic ?? .nan) + 1) <= 1e-12)
    #expect((trend.within?.pValue ?? 1) <= 0.02)
    #expect(trend.withoutFamily.map { $0.family } == ["f0", "f1", "f2", "f3"])
    #expect((trend.correlation.low ?? 1) <= trend.correlation.value)
  }

  /// One family makes the trend, and without it there is none.
  @Test func aTrendOfOneFamilyIsSeenToBeOne() throws {
    var cases: [Case] = []
    for family in 0..<5 {
      for seed in 0..<2 {
        let score = Double((family * 2 + seed * 3) % 5)
        let accuracy = Double((family * 3 + seed) % 5)
        cases.append(("f\(family)", 0.5 + 0.01 * score, 0.9 + 0.001 * accuracy))
      }
    }
    cases += [("bad", 0.1, 0.3), ("bad", 0.12, 0.28), ("bad", 0.11, 0.29)]
    let trend = try #require(trends(cases).trends.first)
    let without = try #require(trend.withoutFamily.first { $0.family == "bad" })
    #expect(trend.correlation.value > 0.3)
    #expect(abs(without.correlation) < 0.3 || without.correlation < 0)
  }

  @Test func whatIsMissingIsSaid() {
    let all = trends([
      ("a", 0.1, 0.2), ("a", 0.2, 0.3), ("b", 0.3, nil), ("b", 0.4, 0.5), ("c", 0.5, 0.6),
    ])
    #expect(all.trends.map { $0.models } == [4])
    #expect(
      all.missing == [
        "The accuracy is known for 4 of 5 models.",
        "The number of parameters is known for 0 of 5 models.",
      ])
    let same = trends((0..<5).map { family -> Case in ("f\(family)", Double(family), 0.9) })
    #expect(same.trends.isEmpty && same.missing.first?.contains("the same for all") == true)
  }

  /// Without any relation both tests reject at 5 % in about 5 % of 400 zoos; the bounds are four standard
  /// errors (1.1 %) away, and lower between families: of the 720 orders of six no |ρ| has a p from 3.3 to
  /// 5.8 %.
  @Test func falsePositivesOccurAtTheNominalRate() {
    var (between, within) = (0, 0)
    for seed in 0..<400 {
      var generator = SeededGenerator(seed: 77, stream: UInt64(seed))
      var cases: [Case] = []
      for family in 0..<6 {
        let (level, accuracy) = (generator.gaussian(), generator.gaussian())
        for _ in 0..<3 {
          let (own, other) = (0.3 * generator.gaussian(), 0.3 * generator.gaussian())
          cases.append(("f\(family)", level + own, accuracy + other))
        }
      }
      let trend = trends(cases, seed: UInt64(seed)).trends.first
      if (trend?.between?.pValue ?? 1) <= 0.05 { between += 1 }
      if (trend?.within?.pValue ?? 1) <= 0.05 { within += 1 }
    }
    #expect((2...38).contains(between), "\(between)")
    #expect((4...38).contains(within), "\(within)")
  }
}
