import Universality

/// Whether the metrics recognise the layers of another seed.
struct LayerIdentificationSection: PageSection {
  let id: StaticString = "layer-identification"
  let heading = "Do the metrics recognise layers?"
  let figures: [Figure] = []

  private let identifications: [LayerIdentification]

  init?(_ content: ReportContent) {
    guard !content.layerIdentifications.isEmpty else { return nil }
    identifications = content.layerIdentifications
  }

  var body: HTML {
    """
    <p>For each two seeds of an architecture and each hidden layer of the one: is the most similar layer of \
    the other the one at the same place (the test of Kornblith et al. 2019)? A metric that fails it for two \
    trainings of one network says little about layers of different ones. All families together; each is in \
    <a href="layer_identification.csv">layer_identification.csv</a>.</p>
    \(table)
    """
  }

  private var table: HTML {
    var table = PageTable(
      caption: "Layers whose most similar layer in another seed is their counterpart",
      columns: [
        .init(heading: "Metric", isNumber: false), .init(heading: "Trained"),
        .init(heading: "95 % interval"), .init(heading: "p"), .init(heading: "Untrained"),
        .init(heading: "Guessing"),
      ])
    for identification in identifications {
      let all = identification.rows.filter { $0.family == nil }
      let trained = all.first(where: \.isTrained)
      let untrained = all.first { !$0.isTrained }
      table.rows.append([
        HTML.name(MetricName.display(identification.metric), columns: 40),
        "\(trained.percentage)", "\(trained?.interval ?? "–")",
        "\(trained?.pValue?.fixed(3) ?? "–")", "\(untrained.percentage)",
        "\(((trained ?? untrained)?.chance).map { "\((100 * $0).fixed(0)) %" } ?? "–")",
      ])
    }
    return table.html
  }
}

extension LayerIdentification.Row? {
  fileprivate var percentage: String {
    map { "\((100 * $0.accuracy.value).fixed(0)) %" } ?? "–"
  }
}

extension LayerIdentification.Row {
  fileprivate var interval: String {
    guard let low = accuracy.low, let high = accuracy.high else { return "–" }
    return "\((100 * low).fixed(0))–\((100 * high).fixed(0)) %"
  }
}
