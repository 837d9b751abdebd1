import Universality

/// Whether the ranking can be trusted: what a few samples or one direction carry, and what is left of it
/// under changes that should not matter.
struct ChecksSection: PageSection {
  let id: StaticString = "checks"
  let heading = "How far the ranking can be trusted"
  let figures: [Figure] = []

  private let content: ReportContent
  private let outline: ZooOutline
  private var checks: ReportChecks { content.checks }

  /// More rows say nothing to a reader; the files have all.
  private static let mostRows = 15

  init?(_ content: ReportContent, outline: ZooOutline) {
    guard !content.checks.isEmpty else { return nil }
    self.content = content
    self.outline = outline
  }

  var body: HTML {
    let words = ChecksInWords(content: content)
    var body = HTML.empty
    if let audit = checks.audit {
      body += "<h3>The ranking made again</h3>\n"
      body += HTML.list(words.stability.map { "\($0)" })
      body += agreements(audit) + items(audit)
    }
    if let influence = checks.influence {
      body += "<h3>What carries the scores</h3>\n"
      body += HTML.list(words.influence.map { "\($0)" })
      body += carried(influence)
    }
    let regime = words.regime
    if !regime.isEmpty {
      body += "<h3>Samples, features and metrics</h3>\n"
      body += HTML.list(regime.map { "\($0)" })
    }
    if !checks.cautions.isEmpty {
      body += """
        <p>\(checks.cautions.count.counted("caution")) about single layers: \
        <a href="cautions.csv">cautions.csv</a>.</p>

        """
    }
    return body
  }

  private func agreements(_ audit: RankingAudit) -> HTML {
    let perturbations = RankingAudit.Perturbation.allCases
    var table = PageTable(
      caption:
        "Kendall’s τ of the ranking with the one made again (in brackets the least of several)",
      columns: [.init(heading: "Ranking of", isNumber: false)]
        + perturbations.map { .init(heading: $0.title) })
    for level in RankingAgreement.Level.allCases {
      let mine = audit.agreements.filter { $0.level == level }
      guard !mine.isEmpty else { continue }
      table.rows.append(
        ["\(level.rawValue)"]
          + perturbations.map { perturbation -> HTML in
            guard let agreement = mine.first(where: { $0.perturbation == perturbation }) else {
              return "–"
            }
            let least: HTML = perturbation.draws > 1 ? " (\(agreement.least.fixed(2)))" : .empty
            return "\(agreement.tau.fixed(2))\(least)"
          })
    }
    let distance = RankingAudit.outlierDistance.fixed(0)
    return table.html + """
      <p>Half of the samples: both halves of two random splits, so that chance errors are larger than in \
      the ranking. Half of the units: four random halves of the features of each layer. Component 1: the \
      first principal component of each layer is taken away. Outlier: in each model one stimulus, another \
      in each, is moved by \(distance) root mean square distances; four times. Scores are set against the \
      chance of the ranking itself. Seed \(String(audit.seed)); all ranks are in \
      <a href="audit.csv">audit.csv</a>.</p>

      """
  }

  /// The ranks of the highest level.
  private func items(_ audit: RankingAudit) -> HTML {
    guard let level = audit.ranks.first?.level else { return .empty }
    let perturbations = RankingAudit.Perturbation.allCases
    var table = PageTable(
      caption: "Ranks when the ranking is made again, and the grade of each rank",
      columns: [.init(heading: "Rank"), .init(heading: level.singular, isNumber: false)]
        + perturbations.map { .init(heading: $0.title) }
        + [.init(heading: "Most turned round"), .init(heading: "Grade", isNumber: false)])
    for rank in audit.ranks.filter({ $0.level == level }).prefix(Self.mostRows) {
      let cells = perturbations.map { perturbation -> HTML in
        guard let ranks = rank.outcomes.first(where: { $0.perturbation == perturbation })?.ranks
        else { return "–" }
        return ranks.lowerBound == ranks.upperBound
          ? "\(ranks.lowerBound)" : "\(ranks.lowerBound)–\(ranks.upperBound)"
      }
      let most = rank.outcomes.map(\.turned).max()
      table.rows.append(
        ["\(rank.rank)", name(level, rank.index)] + cells + [
          most.map { "\((100 * $0).fixed(0)) %" } ?? "–", "\(rank.grade?.rawValue ?? "–")",
        ])
    }
    return table.html + """
      <p>Grade: from the share of the other items whose order with this one is turned round, under the \
      change that turns most (the mean over its draws). A below 1/16, B below 1/8, C below 1/4, D below \
      1/2; F from 1/2 on, where an order drawn by lot is.</p>

      """
  }

  /// The layers that hang most on one sample or direction.
  private func carried(_ influence: Influence) -> HTML {
    let layers = influence.scores.filter { $0.level == .layers }
    let shown = layers.filter { over($0.sampleShare) || over($0.directionShare) }
      .sorted { largest($0) > largest($1) }
    var table = PageTable(
      caption:
        "Scores that change by more than a fifth without one stimulus or the first component",
      columns: [.init(heading: "Layer", isNumber: false), .init(heading: "Raw score")]
        + [.init(heading: "Stimulus", isNumber: false)]
        + ["Score without it", "Share", "Score without component 1", "Share"].map {
          .init(heading: $0)
        })
    for score in shown.prefix(Self.mostRows) {
      table.rows.append([
        name(.layers, score.index), "\(score.score.fixed(3))",
        score.sample.map { HTML.name(content.activations.sampleName($0), columns: 24) } ?? "–",
        "\(score.withoutSample?.fixed(3) ?? "–")", percent(score.sampleShare),
        "\(score.withoutDirection?.fixed(3) ?? "–")", percent(score.directionShare),
      ])
    }
    let first: HTML =
      shown.count > Self.mostRows
      ? "The first \(Self.mostRows) of \(shown.count). " : .empty
    let list: HTML =
      shown.isEmpty
      ? .empty : "<details><summary>The layers concerned</summary>\(table.html)</details>\n"
    return list + """
      <p>\(first)Each stimulus is left out in turn, and the one that changes a score most is shown; best \
      matches stay what they are. A negative share means that the score would be higher without. All \
      scores, and pairs of layers that hang on one stimulus: <a href="influence.csv">influence.csv</a>.</p>

      """
  }

  private func over(_ share: Double?) -> Bool { abs(share ?? 0) > Influence.level }

  private func largest(_ score: ScoreInfluence) -> Double {
    max(abs(score.sampleShare ?? 0), abs(score.directionShare ?? 0))
  }

  private func percent(_ share: Double?) -> HTML {
    share.map { "\((100 * $0).fixed(0)) %" } ?? "–"
  }

  private func name(_ level: RankingAgreement.Level, _ index: Int) -> HTML {
    switch level {
    case .families: HTML.name(content.findings?.families[index] ?? "", columns: 40)
    case .models: HTML.name(outline.models[index].name, columns: 40)
    case .layers: HTML.name(outline.label(index), columns: 40)
    }
  }
}

extension RankingAgreement.Level {
  fileprivate var singular: String {
    switch self {
    case .families: "Family"
    case .models: "Model"
    case .layers: "Layer"
    }
  }
}
