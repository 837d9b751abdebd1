import Universality

/// What a card says in sentences.
struct CardSentences {
  let card: FeatureCard
  let content: ReportContent

  var all: [String] {
    let specific: [String?] =
      switch card.subject {
      case .direction(let place):
        content.sharedDirections.map { direction(place, $0) } ?? []
      case .unit(let layer, let feature): unit(layer, feature)
      }
    return (specific + [classes]).compactMap { $0 }
  }

  // MARK: - Directions

  private func direction(_ place: Int, _ found: SharedDirections) -> [String?] {
    let direction = found.directions[place]
    let p = direction.pValue.map { ", p = \($0.fixed(3))" } ?? ""
    let chance = found.nullThreshold.map {
      "; chance stays below \($0.fixed(2)) in 95 of 100 cases"
    }
    return [
      "Families explain \(direction.eigenvalue.fixed(2)) of its variance on average on the "
        + "samples fitted\(p)\(chance ?? ""). Their read-outs of held-out samples correlate by "
        + "\(direction.heldOutAgreement.fixed(2)) on average.",
      direction.meanPredictability.map { mean in
        "Left out in turn, families predict it with a mean R² of \(mean.fixed(2))"
          + (direction.leastPredictability.map { " and at least \($0.fixed(2))" } ?? "")
          + beyond(direction.excessOverInput, direction.excessOverUntrained)
      },
    ]
  }

  // MARK: - Units

  private func unit(_ layer: Int, _ feature: Int) -> [String?] {
    guard let features = content.features,
      let score = features.scores.first(where: { $0.layer == layer && $0.feature == feature })
    else { return [] }
    return [
      matched(score), controls(score),
      score.predictability.map { predicted($0, chance: features.predictabilityByChance) },
      score.clique.map { clique(features.cliques[$0], number: $0 + 1) },
    ]
  }

  private func matched(_ score: FeatureScore) -> String {
    let q = score.qValue.map { " (q = \($0.fixed(3)))" } ?? ""
    let isFound = score.universality > 0 && (score.qValue ?? 1) <= FeatureUniversality.level
    return "Its best matches in other families correlate with it by \(score.correlation.fixed(2)) "
      + "(median over families), \(score.universality.fixed(2)) more than random rotations do\(q): "
      + (isFound ? "the unit stands out." : "not told from chance.")
  }

  private func controls(_ score: FeatureScore) -> String? {
    let seeds = score.betweenSeeds.map {
      "with the units of other seeds of its family \($0.universality.fixed(2))\(p($0.pValue))"
    }
    let untrained = score.untrained.map {
      "before training, among untrained networks, \($0.universality.fixed(2))\(p($0.pValue))"
    }
    let parts = [seeds, untrained].compactMap { $0 }
    return parts.isEmpty ? nil : "The same " + parts.joined(separator: "; ") + "."
  }

  private func predicted(_ found: FeaturePredictability, chance: Double?) -> String {
    "Other families predict it with a mean R² of \(found.r2.value.fixed(2))\(interval(found.r2))"
      + (chance.map { " (95 of 100 reordered units: below \($0.fixed(2)))" } ?? "")
      + beyond(found.excessOverInput, found.excessOverUntrained)
  }

  private func clique(_ clique: FeatureClique, number: Int) -> String {
    "It belongs to clique \(number): best matches of each other in "
      + "\(clique.size.counted("family", "families")), with a mean correlation of "
      + "\(clique.agreement.fixed(2)) (q = \(clique.qValue.fixed(3)))."
  }

  // MARK: - Parts

  private func beyond(_ input: Estimate?, _ untrained: Estimate?) -> String {
    let parts = [
      input.map { "\($0.value.fixed(2))\(interval($0)) beyond the input" },
      untrained.map { "\($0.value.fixed(2))\(interval($0)) beyond untrained twins" },
    ].compactMap { $0 }
    return parts.isEmpty ? "." : "; " + parts.joined(separator: ", ") + "."
  }

  private func interval(_ estimate: Estimate) -> String {
    guard let low = estimate.low, let high = estimate.high else { return "" }
    return " [\(low.fixed(2)), \(high.fixed(2))]"
  }

  private func p(_ value: Double?) -> String {
    value.map { $0 < 0.0005 ? " (p < 0.001)" : " (p = \($0.fixed(3)))" } ?? ""
  }

  private var classes: String? {
    guard let share = card.classShare, card.classMeans.count > 1 else { return nil }
    let shown = min(3, card.classMeans.count / 2)
    func listed(_ means: some Collection<FeatureCard.ClassMean>) -> String {
      means.map { "\($0.label) (\($0.mean.fixed(1)) SD)" }.joined(separator: ", ")
    }
    return "Classes explain \(share.fixed(2)) of its variance (η²): most in class "
      + "\(listed(card.classMeans.prefix(shown))), least in class "
      + "\(listed(card.classMeans.suffix(shown).reversed()))."
  }
}
