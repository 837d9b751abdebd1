import Activations
import Foundation
import Reports
import Universality

/// The leading features, cliques and directions, for people and for programs.
struct FeatureList: Encodable {
  struct Item: Encodable {
    var rank: Int
    var model: String
    var family: String?
    var layer: String
    var feature: Int
    var universality: Double
    var correlation: Double
    var baseline: Double
    var z: Double?
    var pValue: Double?
    var qValue: Double?
    var betweenSeeds: FeatureControl?
    var untrained: FeatureControl?
    var predictability: FeaturePredictability?
    /// From 1, in the order of ``cliques``.
    var clique: Int?
  }

  struct Clique: Encodable {
    struct Member: Encodable {
      var model: String
      var family: String?
      var layer: String
      var feature: Int
    }

    var clique: Int
    var size: Int
    var agreement: Double
    var leastAgreement: Double
    var expectedByChance: Double
    var qValue: Double
    var members: [Member]
  }

  let schema = 1
  var features: Int
  var universal: Int
  var constant: Int
  var comparisons: [FeatureComparison]
  var predictabilityByChance: Double?
  var top: [Item]
  var cliques: [Clique]
  var directions: DirectionList?

  init(
    _ found: FeatureUniversality, _ directions: SharedDirections?, of activations: ActivationSet,
    top: Int
  ) {
    features = found.scores.count
    universal = found.universal.count
    constant = found.constantFeatures
    comparisons = found.comparisons
    predictabilityByChance = found.predictabilityByChance
    self.top = found.scores.prefix(top).enumerated().map { index, score in
      let layer = activations.representations[score.layer]
      let model = activations.models[layer.model]
      return Item(
        rank: index + 1, model: model.name, family: model.family, layer: layer.layer,
        feature: score.feature, universality: score.universality, correlation: score.correlation,
        baseline: score.baseline, z: score.z, pValue: score.pValue, qValue: score.qValue,
        betweenSeeds: score.betweenSeeds, untrained: score.untrained,
        predictability: score.predictability, clique: score.clique.map { $0 + 1 })
    }
    cliques = found.cliques.prefix(top).enumerated().map { index, clique in
      Clique(
        clique: index + 1, size: clique.size, agreement: clique.agreement,
        leastAgreement: clique.leastAgreement, expectedByChance: clique.expectedByChance,
        qValue: clique.qValue,
        members: clique.members.map { member in
          let layer = activations.representations[member.layer]
          let model = activations.models[layer.model]
          return .init(
            model: model.name, family: model.family, layer: layer.layer, feature: member.feature)
        })
    }
    self.directions = directions.map { DirectionList($0) }
    universalCliques = found.universalCliques.count
    allCliques = found.cliques.count
    fewestFamilies = min(3, found.families.count)
  }

  var universalCliques: Int
  private var allCliques: Int
  private var fewestFamilies: Int

  private enum CodingKeys: CodingKey {
    case schema, features, universal, constant, comparisons, predictabilityByChance, top, cliques
    case universalCliques, directions
  }

  // MARK: - Text

  var text: String {
    var lines =
      ["\(universal) of \(features) features are universal at a false-discovery rate of 5 %."]
      + comparisonLines + [""] + table
    if !cliques.isEmpty { lines += [""] + cliqueLines }
    if let directions { lines += [""] + directions.verdict }
    return Terminal.visible(lines.joined(separator: "\n"))
  }

  private var comparisonLines: [String] {
    let parts = comparisons.compactMap { comparison -> String? in
      let counts = "\(comparison.found) of \(comparison.units)"
      return switch comparison.kind {
      case .trained: nil
      case .untrained: "\(counts) among untrained networks"
      case .trainedSeeds: "\(counts) between seeds of a family"
      case .untrainedSeeds: "\(counts) between untrained seeds"
      }
    }
    return parts.isEmpty ? [] : ["For comparison: " + parts.joined(separator: ", ") + "."]
  }

  private var table: [String] {
    let names = top.map { "\($0.model) \($0.layer) \($0.feature)".visible() }
    let width = max(19, names.map(\.displayWidth).max() ?? 0)
    func padded(_ text: String) -> String {
      text + String(repeating: " ", count: max(0, width - text.displayWidth))
    }
    func printed(_ value: Double?, _ format: String) -> String {
      value.map { String(format: format, $0) } ?? "–"
    }
    let header =
      "rank  " + padded("model layer feature")
      + "  universality  correlation  rotated  q      R²     beyond input  beyond untrained"
    return [header]
      + zip(top, names).map { item, name in
        let predicted = item.predictability
        let q = printed(item.qValue, "%.3f").padding(toLength: 5, withPad: " ", startingAt: 0)
        let r2 = printed(predicted?.r2.value, "%.2f")
          .padding(toLength: 5, withPad: " ", startingAt: 0)
        let input = printed(predicted?.excessOverInput?.value, "%.2f")
          .padding(toLength: 12, withPad: " ", startingAt: 0)
        return String(format: "%-4d  ", item.rank) + padded(name)
          + String(
            format: "  %-12.3f  %-11.3f  %-7.3f  ", item.universality, item.correlation,
            item.baseline) + "\(q)  \(r2)  \(input)  "
          + printed(predicted?.excessOverUntrained?.value, "%.2f")
      }
  }

  private static let cliquesPrinted = 5

  private var cliqueLines: [String] {
    [
      "\(allCliques) cliques of units of at least \(fewestFamilies) families are each other's best "
        + "match; \(universalCliques) of them at a false-discovery rate of 5 %."
    ]
      + cliques.prefix(Self.cliquesPrinted).map { clique in
        "clique \(clique.clique): "
          + String(
            format: "agreement %.2f, %.1f as good by chance, q %.3f: ", clique.agreement,
            clique.expectedByChance, clique.qValue)
          + clique.members.map { "\($0.model) \($0.layer) \($0.feature)".visible() }
          .joined(separator: ", ")
      }
  }
}
