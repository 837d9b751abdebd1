import Universality

/// Whether the ranking is one of the zoo or of the metric.
struct RankingAgreementSection: PageSection {
  let id: StaticString = "metrics-agree"
  let heading = "Do the metrics agree?"
  let figures: [Figure] = []

  private let agreements: [RankingAgreement]

  /// More columns do not fit a page; the file has all.
  private static let mostMetrics = 12

  init?(_ content: ReportContent) {
    guard !content.rankingAgreements.isEmpty else { return nil }
    agreements = content.rankingAgreements
  }

  var body: HTML {
    let tables = RankingAgreement.Level.allCases.map(table)
    return """
      <p>Kendall’s τ of the raw scores under each two metrics: 1 the same order, 0 unrelated, −1 the \
      reverse. An order that another metric turns round belongs to the metric. All pairs are in \
      <a href="ranking_agreement.csv">ranking_agreement.csv</a>.</p>
      \(tables)
      """
  }

  private func table(_ level: RankingAgreement.Level) -> HTML {
    let mine = agreements.filter { $0.level == level }
    let metrics = mine.flatMap { [$0.metricA, $0.metricB] }.reduce(into: [String]()) {
      if !$0.contains($1) { $0.append($1) }
    }
    guard !mine.isEmpty, metrics.count <= Self.mostMetrics else { return .empty }
    let items = mine.map(\.items).max() ?? 0
    var table = PageTable(
      caption: "Rankings of \(items) \(level.rawValue)",
      columns: [.init(heading: "Metric", isNumber: false)]
        + metrics.map { .init(heading: MetricName.display($0).shortened(to: 24)) })
    for a in metrics {
      let cells = metrics.map { b -> HTML in
        let pair = mine.first {
          ($0.metricA, $0.metricB) == (a, b) || ($0.metricA, $0.metricB) == (b, a)
        }
        return a == b ? "1" : "\(pair?.tau.fixed(2) ?? "–")"
      }
      table.rows.append([HTML.name(MetricName.display(a), columns: 40)] + cells)
    }
    return table.html
  }
}
