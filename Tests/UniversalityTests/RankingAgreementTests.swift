import Testing

@testable import Universality

@Suite struct RankingAgreementTests {
  private func findings(_ scores: [(raw: Double, cka: Double?, other: Double?)]) -> Findings {
    let items = scores.enumerated().map { index, score in
      var others: [String: Double] = [:]
      others["cka"] = score.cka
      others["other"] = score.other
      return RankedItem(
        index: index, rank: index + 1, score: Score(raw: Estimate(value: score.raw)),
        otherScores: others)
    }
    return Findings(
      metric: "cka-debiased",
      ranking: Ranking(
        reference: .otherModels, layers: items, models: Array(items.prefix(2)), families: [],
        familyNames: []), permutations: 0, jackknifeGroups: 0, seed: 0)
  }

  @Test func equalAndReversedOrdersAreTold() {
    let findings = findings([(0.9, 0.8, 0.1), (0.7, 0.6, 0.2), (0.5, 0.5, 0.3), (0.3, 0.1, nil)])
    let all = findings.rankingAgreement(of: ["cka-debiased", "cka", "other"])
    #expect(all.map(\.level) == [.models, .models, .models, .layers, .layers, .layers])
    let layers = all.filter { $0.level == .layers }
    #expect(layers.map(\.metricA) == ["cka-debiased", "cka-debiased", "cka"])
    #expect(layers.map(\.metricB) == ["cka", "other", "other"])
    #expect(layers.map(\.tau) == [1, -1, -1])
    #expect(layers.map(\.items) == [4, 3, 3])
  }

  /// Of six pairs one is in the other order.
  @Test func oneExchangeOfNeighboursCostsAThird() {
    let findings = findings([(0.9, 0.8, nil), (0.7, 0.5, nil), (0.5, 0.6, nil), (0.3, 0.1, nil)])
    let layers = findings.rankingAgreement(of: ["cka-debiased", "cka"]).filter {
      $0.level == .layers
    }
    #expect(abs((layers.first?.tau ?? .nan) - 2.0 / 3) <= 1e-12)
  }

  @Test func metricsWithoutScoresOrOrderAreLeftOut() {
    let findings = findings([(0.9, 0.5, nil), (0.7, 0.5, nil), (0.5, 0.5, 0.2)])
    #expect(findings.rankingAgreement(of: ["cka-debiased", "cka", "other"]).isEmpty)
  }
}
