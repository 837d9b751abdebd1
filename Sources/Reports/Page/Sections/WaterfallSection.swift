import Universality

/// Data structure, inductive bias or learning: the similarity of families taken apart.
struct WaterfallSection: PageSection {
  let id: StaticString = "waterfall"
  let heading = "Data, bias or learning"

  let waterfall: Waterfall

  /// More rows say nothing to a reader; the file has all.
  private static let mostPairs = 100

  init?(_ content: ReportContent) {
    guard let waterfall = content.waterfall, !waterfall.ladder(.last).isEmpty else { return nil }
    self.waterfall = waterfall
  }

  private var figure: Figure {
    WaterfallFigure(waterfall: waterfall, table: WaterfallCSV(waterfall: waterfall).table).figure
  }

  var figures: [Figure] { [figure] }

  var body: HTML {
    var body = HTML.empty
    if let sentence = WaterfallSentence(waterfall: waterfall).text {
      body += "<p>\(sentence)</p>\n"
    }
    body += figure.block(
      caption: """
        How to read: from top to bottom more and more is taken away. Small grey points are single \
        pairs of \(families).
        """)
    for stage in Waterfall.Stage.allCases.reversed() { body += table(stage) }
    body += pairs
    if !waterfall.gaps.isEmpty {
      body += HTML.list(waterfall.gaps.map { gap -> HTML in "\(gap.reason)" })
    }
    body += method
    return body
  }

  /// What the intervals of a ladder allow for.
  private func coverage(_ ladder: [WaterfallRow]) -> String {
    ladder.allSatisfy(\.coversNetworks)
      ? "other stimuli and other networks of these families" : "other stimuli, not other networks"
  }

  private var families: String { waterfall.isAcrossFamilies ? "families" : "models" }

  private func table(_ stage: Waterfall.Stage) -> HTML {
    let ladder = waterfall.ladder(stage)
    guard !ladder.isEmpty else { return .empty }
    var table = PageTable(
      caption: "\(stage.title), different \(families) (intervals at 95 %: \(coverage(ladder)))",
      columns: [.init(heading: "Step", isNumber: false)]
        + [
          "Taken away", "Left", "Debiased CKA of what is left", "This step alone",
          "Untrained twins", "Share of the seed ceiling",
        ].map { .init(heading: $0) })
    let untrained = waterfall.ladder(stage, isTrained: false)
    for row in ladder {
      let twins = untrained.first { $0.step == row.step }
      let numbers = [row.part, row.left, row.value, row.alone, twins?.value, row.ofCeiling]
      table.rows.append(
        ["\(row.step.title)"] + numbers.map { "\($0?.display(2) ?? "–")" })
    }
    return table.html
  }

  /// Each pair at the last hidden layer.
  private var pairs: HTML {
    let steps = waterfall.ladder(.last).map(\.step).filter { $0 != .chance }
    var table = PageTable(
      caption:
        "Last hidden layer: debiased CKA of what is left, by pairs of \(families) (\(pairCoverage))",
      columns: [.init(heading: "Pair", isNumber: false)]
        + steps.map { .init(heading: $0.title) })
    let rows = waterfall.rows.filter {
      $0.stage == .last && $0.isTrained && $0.step == .raw && $0.familyA != nil
    }
    guard rows.count <= Self.mostPairs else { return .empty }
    for row in rows {
      guard let a = row.familyA, let b = row.familyB else { continue }
      let ladder = waterfall.ladder(.last, families: (a, b))
      let label: HTML =
        a == b
        ? "\(HTML.name(a, columns: 20)), seeds"
        : "\(HTML.name(a, columns: 20)) · \(HTML.name(b, columns: 20))"
      table.rows.append(
        [label]
          + steps.map { step in
            "\(ladder.first { $0.step == step }?.value?.display(2) ?? "–")"
          })
    }
    return "<details><summary>Each pair of \(families)</summary>\(table.html)</details>\n"
  }

  private var pairCoverage: String {
    let pairs = waterfall.rows.filter { $0.stage == .last && $0.isTrained && $0.familyA != nil }
    let covered = pairs.count(where: \.coversNetworks)
    if covered == pairs.count { return "intervals: other stimuli and other networks" }
    return covered == 0
      ? "intervals: other stimuli, not other networks"
      : "intervals: other stimuli, and other networks where both families have three or more"
  }

  private var method: HTML {
    let exchanged = waterfall.ladder(.last).last?.exchanged
    let labels: HTML =
      exchanged.map { estimate -> HTML in
        """
         When the stimuli of one side are exchanged within their classes, the mean debiased CKA is \
        \(estimate.display(2)): the labels alone give that much.
        """
      } ?? .empty
    return """
      <p>Each step is an orthogonal projection of the U-centred Gram matrices, on top of those before: away \
      from the Gram matrix of the input; from those of both untrained twins at the same layer; from all that \
      depends on the class means. So the parts add up to the raw similarity, for this order of the \
      steps. The debiased CKA of what is left is a partial correlation. Chance has mean exactly 0 and, for one pair, a \
      standard deviation of \(waterfall.chanceDeviation.fixed(4)).\(labels) The seed ceiling is the \
      geometric mean of what the seeds of both families reach among themselves at the same step. Intervals \
      (95 %) allow for other stimuli, and for other networks of the same families where each family has \
      three or more; never for other families. “Goes with” is not “is caused by”: what \
      networks learn about the input counts as input where a linear kernel of the input has it. All numbers: \
      <a href="waterfall.csv">waterfall.csv</a>.</p>

      """
  }
}
