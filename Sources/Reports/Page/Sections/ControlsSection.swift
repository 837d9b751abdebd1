import Universality

/// What the score means: the same score of networks that learned nothing, of the input, of other
/// seeds.
struct ControlsSection: PageSection {
  let id: StaticString = "controls"
  let heading = "Controls"

  let content: ReportContent
  let findings: Findings
  let outline: ZooOutline

  private var comparison: ControlsFigure {
    ControlsFigure(
      controls: findings.controls, metric: findings.metric, reference: findings.ranking.reference)
  }

  private var untrained: Figure? {
    guard let ranking = findings.untrainedRanking else { return nil }
    let items = ranking.families.isEmpty ? ranking.models : ranking.families
    guard !items.isEmpty else { return nil }
    let rows = items.map { item -> RankingFigure.Row in
      if ranking.families.isEmpty {
        return .init(
          item: item, name: outline.models[item.index].name, remark: nil,
          family: outline.family(of: item.index))
      }
      let name = ranking.familyNames[item.index]
      return .init(
        item: item, name: name, remark: nil, family: outline.families.firstIndex(of: name))
    }
    var csv = CSV(["rank", "name", "universality", "ci_low", "ci_high", "raw", "p_value"])
    for row in rows {
      let score = row.item.score
      csv.append([
        String(row.item.rank), row.name, score.universality.value.exact,
        score.universality.low.field, score.universality.high.field, score.raw.value.exact,
        score.pValue.field,
      ])
    }
    return RankingFigure(
      name: "ranking-untrained", title: "The same ranking among untrained models", rows: rows,
      shown: 40, axisTitle: "universality of untrained models", table: csv
    ).figure
  }

  var figures: [Figure] {
    (comparison.hasComparison ? [comparison.figure] : []) + [untrained].compactMap { $0 }
  }

  var body: HTML {
    let comparison = comparison
    guard comparison.hasComparison else {
      return """
        <p>The zoo holds nothing to compare the trained networks with: no untrained twins, no \
        input, no repeated seeds. How much of the similarity is learned cannot be told from it. \
        Add untrained networks of the same architectures and the stimuli themselves.</p>

        """
    }
    var body: HTML = "<p>How to read: \(reading)</p>\n"
    body += comparison.figure.block(
      caption:
        "Raw scores with 95 % intervals for other stimuli. Filled and open marks of a colour belong together."
    )
    body += table(comparison)
    if let untrained {
      body += "<h3>Untrained models among themselves</h3>\n"
      body += untrained.block(
        caption:
          "The ranking that the architectures alone give. Where it resembles the ranking above, that one says little about learning."
      )
    }
    return body
  }

  /// One sentence on what the controls at hand can tell.
  private var reading: String {
    var sentences: [String] = []
    if findings.controls.contains(where: { $0.untrained != nil }) {
      sentences.append(
        "where trained networks agree more than their untrained twins do, the difference came with "
          + "training, by way of the labels or otherwise")
    } else {
      sentences.append(
        "the zoo has no untrained networks among themselves, so how much of the similarity came with "
          + "training cannot be told")
    }
    if findings.controls.contains(where: { $0.input != nil }) {
      sentences.append(
        "similarity to the input is context, not a bound: two networks that both resemble the input "
          + "resemble each other in part for that reason")
    }
    if findings.controls.contains(where: { $0.otherSeeds != nil }) {
      sentences.append(
        "other seeds of the same architecture show, for orientation, how alike two trainings of one "
          + "network are")
    }
    return sentences.joined(separator: "; ") + "."
  }

  private func table(_ comparison: ControlsFigure) -> HTML {
    let present = comparison.present
    var table = PageTable(
      caption: "Raw \(MetricName.display(findings.metric)) of the comparisons",
      columns: [.init(heading: "Family", isNumber: false)]
        + present.map { .init(heading: comparison.label($0)) })
    for row in findings.controls {
      table.rows.append(
        [HTML.name(comparison.label(row), columns: 40)]
          + present.map { "\($0.estimate(row)?.display(2) ?? "–")" })
    }
    return "<details><summary>Numbers of the comparisons</summary>\(table.html)</details>\n"
  }
}
