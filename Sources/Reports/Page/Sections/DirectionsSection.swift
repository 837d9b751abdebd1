import Universality

/// The directions that families share: how many, beyond what, and how well each is predicted.
struct DirectionsSection: PageSection {
  let id: StaticString = "directions"
  let heading = "Shared directions"
  let figures: [Figure]

  private let found: SharedDirections

  init?(_ content: ReportContent) {
    guard let found = content.sharedDirections else { return nil }
    self.found = found
    figures = [SpectrumFigure(found: found).figure]
  }

  var body: HTML {
    let sentences = found.verdict.map { sentence -> HTML in "\(sentence)" }
    let intro: HTML = """
      \(HTML.list(sentences))<p>\(found.layers.count.counted("trained model")) of \
      \(found.families.count) families, each by its last hidden layer, truncated to at most \
      \(found.ranks.max() ?? 0) principal directions. Directions are fitted on \
      \(found.fittedSamples) samples (generalised canonical correlation, one vote a family) and \
      scored on \(found.heldOutSamples) others.</p>

      """
    let figure = figures.map { figure in
      figure.block(
        caption: """
          Chance: the samples of each family reordered, all its models together, \
          \(found.permutations) times. Labels alone: reordered within classes.
          """)
    }.joined()
    return intro + figure + table
  }

  private var table: HTML {
    var table = PageTable(
      caption: "The leading directions",
      columns: [
        "Direction", "Eigenvalue", "p", "Agreement, held out", "R², families left out", "Least R²",
        "Beyond the input", "Beyond untrained twins", "Class η²",
      ].map { .init(heading: $0) })
    for (index, direction) in found.directions.enumerated() {
      table.rows.append([
        "\(index + 1)", "\(direction.eigenvalue.fixed(3))",
        "\(direction.pValue?.fixed(3) ?? "–")", "\(direction.heldOutAgreement.fixed(2))",
        "\(direction.meanPredictability?.fixed(2) ?? "–")",
        "\(direction.leastPredictability?.fixed(2) ?? "–")",
        Self.cell(direction.excessOverInput), Self.cell(direction.excessOverUntrained),
        "\(direction.classShare?.fixed(2) ?? "–")",
      ])
    }
    return table.html + """
      <p>R²: how well the models of a family predict, on held-out samples, the direction of this \
      rank that the <em>other</em> families share (cross-validated ridge regression); the mean over \
      families, and the least. Beyond: by how much this exceeds the R² of the input, or of the \
      untrained twins, with 95 % intervals over families. Directions with nearly equal eigenvalues \
      are defined up to a rotation among them.</p>

      """
  }

  private static func cell(_ estimate: Estimate?) -> HTML {
    guard let estimate else { return "–" }
    guard let low = estimate.low, let high = estimate.high else {
      return "\(estimate.value.fixed(2))"
    }
    return "\(estimate.value.fixed(2)) [\(low.fixed(2)), \(high.fixed(2))]"
  }
}
