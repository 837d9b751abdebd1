/// Whether two metrics put the same things first: the rank correlation of their raw scores.
///
/// Raw scores under the metric that ranks are compared with those under the others, which are not
/// calibrated. A ranking that another metric turns round is a property of the metric, not of the
/// zoo.
public struct RankingAgreement: Sendable, Codable, Equatable {
  /// What is ranked.
  public enum Level: String, Sendable, Codable, CaseIterable {
    case families, models, layers
  }

  public var level: Level
  public var metricA: String
  public var metricB: String
  /// Kendall's τ_b: 1 for the same order, 0 for unrelated orders, −1 for the reverse.
  public var tau: Double
  /// The items that have a score under both metrics, at least two.
  public var items: Int
  /// The probability of a τ at least as large when one of the orders is random: exact for up to seven
  /// families, else from 999 draws. `nil` for models and layers: those of one family go together, and
  /// a random order takes them apart.
  public var pValue: Double?
}

extension Findings {
  /// The agreement of all pairs of metrics, in the order given; pairs without two items that both
  /// score, or with nothing but ties, are left out.
  ///
  /// - Parameter metrics: Names of metrics of the run, the one that ranks among them.
  /// - Complexity: O(m² n²) for m metrics and n layers, and O(m² k² k!) for k ≤ 7 families.
  public func rankingAgreement(of metrics: [String]) -> [RankingAgreement] {
    let orders = ModelOrders(
      of: ranking.families.count, draws: FamilyStatistics.draws, seed: seed)
    return RankingAgreement.Level.allCases.flatMap { level in
      let scores = metrics.map { name in
        items(level).map { name == metric ? $0.score.raw.value : $0.otherScores[name] ?? .nan }
      }
      return metrics.indices.flatMap { a in
        metrics.indices.dropFirst(a + 1).compactMap { b -> RankingAgreement? in
          let known = scores[a].indices.filter { scores[a][$0].isFinite && scores[b][$0].isFinite }
          let (x, y) = (known.map { scores[a][$0] }, known.map { scores[b][$0] })
          guard let tau = kendallTau(x, y) else { return nil }
          let hasChance = level == .families && known.count == ranking.families.count
          return RankingAgreement(
            level: level, metricA: metrics[a], metricB: metrics[b], tau: tau, items: known.count,
            pValue: hasChance
              ? orders.pValue(of: tau) { order in kendallTau(x, order.map { y[$0] }) ?? 0 } : nil)
        }
      }
    }
  }

  private func items(_ level: RankingAgreement.Level) -> [RankedItem] {
    switch level {
    case .families: ranking.families
    case .models: ranking.models
    case .layers: ranking.layers
    }
  }
}
