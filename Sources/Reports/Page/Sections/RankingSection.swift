import Universality

/// The rankings of families, models and layers.
struct RankingSection: PageSection {
  let id: StaticString = "ranking"
  let heading = "Ranking"

  let content: ReportContent
  let findings: Findings
  let outline: ZooOutline

  /// Rows of a ranking in sight; the others are folded away.
  private static let layersShown = 15
  private static let modelsShown = 30

  private var ranking: Ranking { findings.ranking }

  private var isCalibrated: Bool {
    (ranking.families + ranking.models + ranking.layers).contains { $0.score.calibrated != nil }
  }

  private var axisTitle: String {
    let metric = MetricName.display(findings.metric)
    return isCalibrated ? "universality (calibrated \(metric))" : "universality (raw \(metric))"
  }

  var figures: [Figure] {
    let csv = RankingCSV(content)
    var figures: [Figure] = []
    if !ranking.families.isEmpty {
      figures.append(
        RankingFigure(
          name: "ranking-families", title: "Ranking of architecture families",
          rows: familyRows, shown: 40, axisTitle: axisTitle, table: csv.families
        ).figure)
    }
    figures.append(
      RankingFigure(
        name: "ranking-models", title: "Ranking of models", rows: modelRows,
        shown: Self.modelsShown, axisTitle: axisTitle, table: csv.models
      ).figure)
    figures.append(
      RankingFigure(
        name: "ranking-layers", title: "Ranking of layers", rows: layerRows,
        shown: Self.layersShown, axisTitle: axisTitle, table: csv.layers
      ).figure)
    return figures
  }

  var body: HTML {
    var body: HTML = "<p>\(explanation)</p>\n"
    for figure in figures {
      switch figure.name.description {
      case "ranking-families":
        body += "<h3>Families</h3>\n"
        body += figure.block(caption: "\(reading) \(coverage)")
        body += numbers("Numbers of all families", "Family", familyRows)
      case "ranking-models":
        body += "<h3>Models</h3>\n"
        let rows = modelRows
        body += figure.block(caption: "\(first(Self.modelsShown, of: rows.count, "models"))")
        body += numbers("Numbers of all models", "Model", rows)
      default:
        body += "<h3>Layers</h3>\n"
        let rows = layerRows
        let outputs = rows.count { $0.remark == "output" }
        let note: HTML =
          outputs == 0
          ? .empty
          : "\(outputs.counted("layer is an output", "layers are outputs")) (logits): what they share is the task that the models were trained on."
        body += figure.block(
          caption: "\(first(Self.layersShown, of: rows.count, "layers")) \(note)")
        body += numbers("Numbers of all layers", "Layer", rows)
      }
    }
    return body
  }

  private var explanation: String {
    let metric = MetricName.display(findings.metric)
    switch ranking.reference {
    case .otherFamilies:
      return
        "A layer is universal to the degree that the models of the other architecture families "
        + "contain a layer like it: its best match by \(metric) in each of them, averaged, each "
        + "family with one vote. Models and families are averages of their layers."
    case .otherModels:
      return
        "A layer is universal to the degree that all other models contain a layer like it: its best "
        + "match by \(metric) in each of them, averaged. Models are averages of their layers. They "
        + "are compared with all others because the zoo has no two known families."
    }
  }

  private var reading: String {
    let kind = isCalibrated ? "calibrated" : "raw"
    return
      "Filled: \(kind) score with its 95 % interval. \(isCalibrated ? "Open circle: raw score. Vertical tick: what chance reaches in 1 of 20 cases. " : "")"
      + "Rank: in parentheses the ranks that the data allow, at 95 % for all at once: one more than the number of items that are clearly above, to all but those that are clearly below. Overlapping ranges do not mean that two items are equal."
  }

  /// What the intervals of families allow for.
  private var coverage: String {
    ranking.familyIntervalsCoverNetworks
      ? "Intervals of families allow for other stimuli and for other networks of the same families; those of models and layers below for other stimuli alone."
      : "Intervals allow for other stimuli, not for other networks."
  }

  private func first(_ shown: Int, of count: Int, _ noun: String) -> String {
    count > shown
      ? "The first \(shown) of \(count) \(noun); all of them are below." : "All \(count) \(noun)."
  }

  private var familyRows: [RankingFigure.Row] {
    ranking.families.map {
      .init(
        item: $0, name: findings.families[$0.index], remark: nil,
        family: outline.families.firstIndex(of: findings.families[$0.index]))
    }
  }

  private var modelRows: [RankingFigure.Row] {
    ranking.models.map {
      .init(
        item: $0, name: outline.models[$0.index].name, remark: nil,
        family: outline.family(of: $0.index))
    }
  }

  private var layerRows: [RankingFigure.Row] {
    ranking.layers.map {
      let layer = outline.representations[$0.index]
      return .init(
        item: $0, name: outline.label($0.index), remark: layer.isOutput ? "output" : nil,
        family: outline.family(of: layer.model))
    }
  }

  /// The table behind a figure, folded away.
  private func numbers(_ title: String, _ kind: String, _ rows: [RankingFigure.Row]) -> HTML {
    let others = content.matrices.map(\.metric).filter { metric in
      metric != findings.metric && rows.contains { $0.item.otherScores[metric] != nil }
    }
    var columns: [PageTable.Column] = [
      .init(heading: "Rank"), .init(heading: kind, isNumber: false),
    ]
    if kind != "Family" { columns.append(.init(heading: "Family", isNumber: false)) }
    columns += ["Universality [95 %]", "Raw [95 %]", "Chance, 95 % point", "p"].map {
      .init(heading: $0)
    }
    let level: RankingAgreement.Level =
      kind == "Family" ? .families : kind == "Model" ? .models : .layers
    let grades = content.checks.audit?.grades(level)
    if grades != nil { columns.append(.init(heading: "Stability", isNumber: false)) }
    columns += others.map { .init(heading: "Raw \(MetricName.display($0).shortened(to: 40))") }
    var table = PageTable(
      caption:
        "Scores: \(axisTitle), raw score, chance and p (\(findings.permutations) permutations)",
      columns: columns)
    for row in rows {
      let score = row.item.score
      let remark: HTML = row.remark.map { " <span class=\"muted\">(\($0))</span>" } ?? .empty
      var cells: [HTML] = ["\(row.item.rankText)", HTML.name(row.name) + remark]
      if kind != "Family" {
        cells.append(row.family.map { HTML.name(outline.families[$0], columns: 24) } ?? "–")
      }
      cells += [
        "\(score.universality.display(3))", "\(score.raw.display(3))",
        "\(score.nullThreshold?.fixed(3) ?? "–")", "\(score.pText)",
      ]
      if let grades { cells.append("\(grades[row.item.index]?.rawValue ?? "–")") }
      cells += others.map { "\(row.item.otherScores[$0]?.fixed(3) ?? "–")" }
      table.rows.append(cells)
    }
    let isShort = rows.count <= 10
    let state: HTML = isShort ? " open" : .empty
    return "<details\(state)><summary>\(title)</summary>\(table.html)</details>\n"
  }
}
