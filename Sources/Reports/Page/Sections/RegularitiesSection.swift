import Universality
import Zoo

/// Coarse regularities: the spectra of the layers, and how they come about in training.
struct RegularitiesSection: PageSection {
  let id: StaticString = "regularities"
  let heading = "Regularities and training"

  let content: ReportContent
  let outline: ZooOutline

  init?(_ content: ReportContent, outline: ZooOutline) {
    guard content.dynamics != nil || content.diagnostics.contains(where: { $0.spectrum != nil })
    else { return nil }
    self.content = content
    self.outline = outline
  }

  private var dynamics: Figure? {
    content.dynamics.map {
      DynamicsFigure(dynamics: $0, models: content.activations.models).figure
    }
  }

  var figures: [Figure] { [dynamics].compactMap { $0 } }

  var body: HTML {
    var body = content.diagnostics.isEmpty ? HTML.empty : spectra
    guard let dynamics = content.dynamics, let figure = self.dynamics else { return body }
    body += "<h3>Over training</h3>\n"
    body += HTML.list(dynamics.summaries.map(sentence))
    body += figure.block(
      caption: """
        Open points are outputs. The other families are in their final state throughout. Values as they \
        are, without intervals. Data also in <a href="dynamics.csv">dynamics.csv</a>.
        """)
    return body
  }

  /// Means over the last hidden layers of the trained models, a row a family.
  private var spectra: HTML {
    let models = content.activations.models
    let layers = models.indices.filter { models[$0].role == .contestant }.compactMap { model in
      outline.layers(of: model).last { !outline.representations[$0].isOutput }
    }
    let byFamily = Dictionary(grouping: layers) {
      models[outline.representations[$0].model].familyOrOwnName
    }
    var table = PageTable(
      caption: "Spectra of the last hidden layers of trained models: means by family",
      columns: [.init(heading: "Family", isNumber: false)]
        + [
          "Features", "Rank", "Participation ratio", "Effective rank", "Share of component 1",
          "Power-law exponent", "Constant features",
        ].map { .init(heading: $0) })
    for family in byFamily.keys.sorted() {
      let mine = (byFamily[family] ?? []).map { content.diagnostics[$0] }
      func mean(_ value: (RepresentationDiagnostics) -> Double?) -> Double? {
        let known = mine.compactMap(value)
        return known.isEmpty ? nil : known.reduce(0, +) / Double(known.count)
      }
      let exponents = mine.compactMap { $0.spectrum?.powerLaw?.exponent }
      let range =
        exponents.count < 2
        ? "" : " (\((exponents.min() ?? 0).fixed(2))–\((exponents.max() ?? 0).fixed(2)))"
      table.rows.append([
        HTML.name(family, columns: 24), "\(mean { Double($0.features) }?.fixed(0) ?? "–")",
        "\(mean { Double($0.rank) }?.fixed(0) ?? "–")",
        "\(mean { $0.participationRatio }?.fixed(1) ?? "–")",
        "\(mean { $0.spectrum?.effectiveRank }?.fixed(1) ?? "–")",
        "\(mean { $0.spectrum?.topShare }?.fixed(2) ?? "–")",
        "\(mean { $0.spectrum?.powerLaw?.exponent }?.fixed(2) ?? "–")\(range)",
        "\(mean { Double($0.constantFeatures) }?.fixed(1) ?? "–")",
      ])
    }
    return table.html + """
      <p>Participation ratio: (Σλ)²/Σλ² of the variances λ of the principal components. Effective rank: the \
      exponential of their entropy. Exponent α: of λ ∝ rank^−α, fitted from rank 11 (or an eighth of the \
      rank, where that is less) to half the rank; in brackets the least and the largest of the family. None \
      where fewer than six ranks are in the range. All layers, with ranges and errors of the fits, are in \
      <a href="regularities.csv">regularities.csv</a>.</p>

      """
  }

  private func sentence(_ summary: Dynamics.Summary) -> HTML {
    let name = content.activations.models[summary.model].name
    let others = content.dynamics?.reference == .otherModels ? "models" : "families"
    let change = summary.last > summary.first ? "rises" : "falls"
    let order: HTML =
      summary.depthOrder.map { tau -> HTML in
        let words =
          tau <= -0.5
          ? "layers near the input settle first"
          : tau >= 0.5 ? "layers near the output settle first" : "no clear order of settling"
        return """
          ; \(words) (Kendall’s τ of depth with the mean similarity to the end: \(tau.fixed(2)))
          """
      } ?? .empty
    return """
      \(HTML.name(name)): over training the mean best match of the hidden layers in other \(others) \(change) \
      from \(summary.first.fixed(2)) to \(summary.last.fixed(2)) (up in \(String(summary.rising)) of \
      \(summary.layers.counted("layer")))\(order).
      """
  }
}
