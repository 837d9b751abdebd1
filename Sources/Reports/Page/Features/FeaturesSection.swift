import Activations
import Universality

/// Single features: which units have a counterpart in other families, beyond what their layers share
/// anyway.
struct FeaturesSection: PageSection {
  let id: StaticString = "features"
  let heading = "Single features"
  let figures: [Figure] = []

  private let found: FeatureUniversality
  private let activations: ActivationSet

  private static let mostRows = 20

  init?(_ content: ReportContent) {
    guard let found = content.features else { return nil }
    self.found = found
    activations = content.activations
  }

  var body: HTML {
    let universal = found.universal.count
    return """
      <p>\(universal) of \(found.scores.count.counted("feature")) have a better counterpart among the \
      units of other families than among rotations of these (false-discovery rate 5 %). Matches are \
      chosen on \(found.fittedSamples) samples and scored on \(found.heldOutSamples) others; each \
      layer is rotated \(found.rotations) times. All are in \
      <a href="features.csv">features.csv</a>.\(constant)</p>
      \(FeatureControlsMarkup(found: found).html)\(top)\(layers)\
      \(FeatureCliquesMarkup(found: found, activations: activations).html)
      """
  }

  private var constant: HTML {
    found.constantFeatures == 0
      ? .empty
      : " \(found.constantFeatures.counted("constant feature")) have no score."
  }

  private var top: HTML {
    var table = PageTable(
      caption: "The most universal features",
      columns: [.init(heading: "Rank")]
        + ["Model", "Layer"].map { .init(heading: $0, isNumber: false) }
        + [
          "Feature", "Universality", "Correlation", "Rotated", "z", "q", "R² from other families",
          "Beyond the input", "Beyond untrained twins",
        ].map {
          .init(heading: $0)
        })
    for (index, score) in found.scores.prefix(Self.mostRows).enumerated() {
      let layer = activations.representations[score.layer]
      table.rows.append([
        "\(index + 1)", HTML.name(activations.models[layer.model].name, columns: 32),
        HTML.name(layer.layer, columns: 32), "\(score.feature)", "\(score.universality.fixed(3))",
        "\(score.correlation.fixed(3))", "\(score.baseline.fixed(3))",
        "\(score.z?.fixed(1) ?? "–")", "\(score.qValue?.fixed(3) ?? "–")",
        Self.cell(score.predictability?.r2), Self.cell(score.predictability?.excessOverInput),
        Self.cell(score.predictability?.excessOverUntrained),
      ])
    }
    return table.html + """
      <p>Correlation: with the best match in each model of another family, the mean over its models, \
      the median over families. Rotated: the same when the units of the other layers are rotated, so \
      that none of them is special. Universality: the median over families of the difference. \
      Outputs are left out. R²: how well other families predict the unit (ridge regression, each \
      model by the layer that fits best on the first half, scored on the other), the mean over \
      families with a 95 % interval over them\(chance); beyond: less that of the input, or of the \
      untrained twins.</p>

      """
  }

  private var chance: HTML {
    found.predictabilityByChance.map {
      "; 95 of 100 units whose samples are reordered stay below \($0.fixed(3))"
    } ?? .empty
  }

  private static func cell(_ estimate: Estimate?) -> HTML {
    guard let estimate else { return "–" }
    guard let low = estimate.low, let high = estimate.high else {
      return "\(estimate.value.fixed(2))"
    }
    return "\(estimate.value.fixed(2)) [\(low.fixed(2)), \(high.fixed(2))]"
  }

  /// Layers of all models with the same name and family together.
  private var layers: HTML {
    var groups: [[String]: [FeatureScore]] = [:]
    for score in found.scores {
      let layer = activations.representations[score.layer]
      let family = activations.models[layer.model].familyOrOwnName
      groups[[family, layer.layer], default: []].append(score)
    }
    let ranked = groups.map { key, scores in
      (
        key: key, scores: scores,
        mean: scores.reduce(0) { $0 + $1.universality } / Double(scores.count)
      )
    }.sorted { ($1.mean, $0.key[0], $0.key[1]) < ($0.mean, $1.key[0], $1.key[1]) }
    var table = PageTable(
      caption: "Layers by the mean universality of their units",
      columns: ["Family", "Layer"].map { .init(heading: $0, isNumber: false) }
        + [
          "Units", "Mean universality", "Untrained", "Other seeds", "Found at 5 %",
        ].map { .init(heading: $0) })
    for group in ranked.prefix(Self.mostRows) {
      let universal = group.scores.count {
        $0.universality > 0 && ($0.qValue ?? 1) <= FeatureUniversality.level
      }
      table.rows.append([
        HTML.name(group.key[0], columns: 24), HTML.name(group.key[1], columns: 32),
        "\(group.scores.count)", "\(group.mean.fixed(3))",
        Self.mean(group.scores.compactMap { $0.untrained?.universality }),
        Self.mean(group.scores.compactMap { $0.betweenSeeds?.universality }), "\(universal)",
      ])
    }
    return table.html + """
      <p>Units of all models of a family in the layer of that name. A mean clearly above zero would say \
      that the units themselves, and not only the space they span, agree between families; means have no \
      intervals here, and those of layers without units found at 5 % may be chance. Untrained: the same \
      of the untrained twins, among untrained networks; what lies above it came with training. Other \
      seeds: with the other models of its own family.</p>

      """
  }

  private static func mean(_ values: [Double]) -> HTML {
    values.isEmpty ? "–" : "\((values.reduce(0, +) / Double(values.count)).fixed(3))"
  }
}
