import Activations
import Universality

/// One card.
struct CardMarkup {
  let card: FeatureCard
  let place: Int
  let content: ReportContent
  let outline: ZooOutline
  let pictures: StimulusPictures?

  var html: HTML {
    let sentences = CardSentences(card: card, content: content).all.map { sentence -> HTML in
      "<p>\(sentence)</p>\n"
    }
    return """
      <article class="card" id="card-\(place + 1)" aria-labelledby="card-title-\(place + 1)">
      <h3 id="card-title-\(place + 1)">\(title)</h3>
      \(sentences)\(samples)\(CardCurve(card: card, outline: outline).html)\(families)\(neighbours)\
      </article>

      """
  }

  private var title: HTML {
    switch card.subject {
    case .direction(let direction): return "Direction \(direction + 1)"
    case .unit(let layer, let feature):
      let representation = outline.representations[layer]
      return """
        Unit \(feature) of \(HTML.name(outline.models[representation.model].name, columns: 28)), \
        \(HTML.name(representation.layer, columns: 28))
        """
    }
  }

  // MARK: - Samples

  private var samples: HTML {
    guard !card.highest.isEmpty else { return .empty }
    return strip("Most", card.highest) + strip("Least", card.lowest)
  }

  private func strip(_ word: String, _ samples: [FeatureCard.Sample]) -> HTML {
    let items = samples.map { sample -> HTML in
      let name = Self.name(of: sample.index, in: content.activations)
      let label = content.activations.labels.map { "class \($0[sample.index])" }
      let full = [name, label, "\(sample.value.fixed(1)) SD"].compactMap { $0 }
        .joined(separator: ", ")
      let picture = pictures?.picture(of: sample.index, label: full) ?? .empty
      let text = content.activations.labels.map { String($0[sample.index]) } ?? name
      let caption: HTML =
        pictures == nil
        ? "\(HTML.name(name, columns: 16))\(label.map { " (\($0))" } ?? "")"
        : HTML.name(text, columns: 12)
      return "<li title=\"\(full)\">\(picture)<span>\(caption)</span></li>"
    }
    return "<div class=\"strip\"><span class=\"muted\">\(word)</span><ul>\(items)</ul></div>\n"
  }

  /// The id of a sample, or its row, from 0.
  static func name(of sample: Int, in activations: ActivationSet) -> String {
    activations.sampleIDs.map { $0[sample] } ?? "row \(sample)"
  }

  // MARK: - Tables

  private var families: HTML {
    var table = PageTable(
      caption: "By family",
      columns: [.init(heading: "Family", isNumber: false)]
        + ["Agreement", "R²", "Emerges at depth"].map { .init(heading: $0) })
    for family in card.families {
      let emergence = CardEmergence(card: card, outline: outline)
      let depths = family.models.map { emergence.depth(inModel: $0) }
      let known = depths.compactMap { $0 }
      let mean = known.reduce(0, +) / Double(max(1, known.count))
      table.rows.append([
        HTML.name(family.name, columns: 24), "\(family.agreement?.fixed(2) ?? "–")",
        "\(family.predictability?.fixed(2) ?? "–")",
        known.isEmpty
          ? "–"
          : "\(mean.fixed(2))\(known.count < depths.count ? " (\(known.count) of \(depths.count))" : "")",
      ])
    }
    return table.html
  }

  private var neighbours: HTML {
    var table = PageTable(
      caption: "Nearest unit in every model",
      columns: ["Model", "Layer"].map { .init(heading: $0, isNumber: false) }
        + ["Unit", "Correlation", "Emerges at"].map { .init(heading: $0) })
    for neighbour in card.neighbours {
      let depth = CardEmergence(card: card, outline: outline).depth(inModel: neighbour.model)
      table.rows.append([
        HTML.name(outline.models[neighbour.model].name, columns: 24),
        HTML.name(outline.representations[neighbour.layer].layer, columns: 24),
        "\(neighbour.feature)", "\(neighbour.correlation.fixed(2))",
        "\(depth?.fixed(2) ?? "–")",
      ])
    }
    guard !table.rows.isEmpty else { return .empty }
    return "<details><summary>Nearest unit in every model</summary>\(table.html)</details>\n"
  }
}

/// Where the feature of a card emerges.
struct CardEmergence {
  let card: FeatureCard
  let outline: ZooOutline

  /// The relative depth, from 0 for the first layer to 1 for the last; `nil` where it does not.
  func depth(inModel model: Int) -> Double? {
    card.emergence(
      among: card.layers.filter { outline.representations[$0.layer].model == model }
    ).map { outline.representations[$0.layer].depth }
  }
}
