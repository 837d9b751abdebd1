import Activations
import Metrics
import Reports
import Universality
import Zoo

extension Run {
  /// What stands beside the ranking: its audit, what carries its scores, cautions and trends.
  mutating func checks(
    of activations: ActivationSet, _ comparison: ZooComparison, findings: Findings?,
    metrics: [any SimilarityMetric], rankedBy ranking: any SimilarityMetric, seed: UInt64
  ) throws -> ReportChecks {
    let (threads, terminal, precision) = (threads, terminal, arguments.precision)
    return try stopwatch.measure("check") {
      var checks = ReportChecks(notes: comparison.notes)
      if let findings {
        checks.audit = try RankingAudit(
          of: activations, findings: findings, rankedBy: ranking,
          options: AnalysisOptions(seed: seed, threads: threads, precision: precision)
        ) { terminal.report($0) }
        checks.influence = try Influence(
          of: activations, comparison: comparison, findings: findings, rankedBy: ranking,
          threads: threads
        ) { terminal.report($0) }
        checks.trends = UniversalityTrends(of: activations, findings: findings, seed: seed)
      }
      checks.cautions = Caution.all(
        of: activations, diagnostics: comparison.diagnostics, influence: checks.influence,
        metrics: metrics)
      return checks
    }
  }
}
