import Universality

/// Whether more accurate or larger models are more universal.
struct TrendSection: PageSection {
  let id: StaticString = "trend"
  let heading = "Accuracy and size"
  let figures: [Figure] = []

  private let trends: UniversalityTrends

  init?(_ content: ReportContent) {
    guard let trends = content.checks.trends, !trends.trends.isEmpty || !trends.missing.isEmpty
    else { return nil }
    self.trends = trends
  }

  var body: HTML {
    var body = HTML.list(trends.trends.map(sentence) + trends.missing.map { "\($0)" })
    guard !trends.trends.isEmpty else { return body }
    var table = PageTable(
      caption: "Universality of models against their properties: rank correlations",
      columns: [.init(heading: "Property", isNumber: false)]
        + [
          "Models", "Families", "Over models [95 %]", "Without one family", "Between families",
          "p", "Within families", "p",
        ].map { .init(heading: $0) })
    for trend in trends.trends {
      table.rows.append([
        "\(trend.property)", "\(trend.models)", "\(trend.families)",
        "\(trend.correlation.display(2))", "\(Self.range(trend) ?? "–")",
        "\(trend.between?.statistic.fixed(2) ?? "–")", "\(trend.between?.pValue.fixed(3) ?? "–")",
        "\(trend.within?.statistic.fixed(2) ?? "–")", "\(trend.within?.pValue.fixed(3) ?? "–")",
      ])
    }
    body += table.html
    return body + """
      <p>Spearman’s ρ. Models of one family are not independent of each other: the interval over models \
      comes from leaving out one family at a time (rough below ten families), and p from reordering \
      families as wholes, or models within their families. A correlation does not say what causes what: \
      accuracy, size and family go together. Each family left out: <a href="trend.csv">trend.csv</a>.</p>

      """
  }

  private func sentence(_ trend: UniversalityTrend) -> HTML {
    let interval = trend.correlation
    let words: String
    if let low = interval.low, let high = interval.high {
      words =
        low > 0
        ? "models with a higher \(trend.property.lowercased()) tend to be more universal in this zoo"
        : high < 0
          ? "models with a higher \(trend.property.lowercased()) tend to be less universal in this zoo"
          : "no trend can be told from the interval"
    } else {
      words = "too few families for an interval"
    }
    let stability: HTML =
      Self.range(trend).map { ", and from \($0) when one family is left out" } ?? .empty
    return """
      \(trend.property.prefix(1).uppercased() + trend.property.dropFirst()): ρ = \
      \(interval.display(2)) over \(trend.models.counted("model")) of \
      \(trend.families.counted("family", "families"))\(stability): \(words).
      """
  }

  private static func range(_ trend: UniversalityTrend) -> String? {
    let values = trend.withoutFamily.map(\.correlation)
    guard let least = values.min(), let most = values.max() else { return nil }
    return "\(least.fixed(2)) to \(most.fixed(2))"
  }
}
