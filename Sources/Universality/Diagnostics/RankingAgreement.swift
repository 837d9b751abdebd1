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
}

extension Findings {
  /// The agreement of all pairs of metrics, in the order given; pairs without two items that both
  /// score, or with nothing but ties, are left out.
  ///
  /// - Parameter metrics: Names of metrics of the run, the one that ranks among them.
  /// - Complexity: O(m² n²) for m metrics and n layers.
  public func rankingAgreement(of metrics: [String]) -> [RankingAgreement] {
    RankingAgreement.Level.allCases.flatMap { level in
      let scores = metrics.map { name in
        items(level).map { name == metric ? $0.score.raw.value : $0.otherScores[name] ?? .nan }
      }
      return metrics.indices.flatMap { a in
        metrics.indices.dropFirst(a + 1).compactMap { b -> RankingAgreement? in
          let known = scores[a].indices.filter { scores[a][$0].isFinite && scores[b][$0].isFinite }
          guard let tau = kendallTau(known.map { scores[a][$0] }, known.map { scores[b][$0] })
          else { return nil }
          return RankingAgreement(
            level: level, metricA: metrics[a], metricB: metrics[b], tau: tau, items: known.count)
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
