import Universality

/// The checks in sentences of plain text, every number from the results.
struct ChecksInWords {
  let content: ReportContent

  private var checks: ReportChecks { content.checks }

  var all: [String] { stability + influence + regime }

  /// How much of the ranking is left under each perturbation, at its highest level.
  var stability: [String] {
    guard let audit = checks.audit, let level = audit.agreements.first?.level else { return [] }
    let agreements = audit.agreements.filter { $0.level == level }.map {
      "\($0.tau.fixed(2)) \($0.perturbation.words)"
    }
    let grades = StabilityGrade.allCases.compactMap { grade -> String? in
      let count = audit.ranks.count { $0.level == level && $0.grade == grade }
      return count > 0 ? "\(count) × \(grade.rawValue)" : nil
    }
    return [
      "Made again from changed inputs, the ranking of \(level.rawValue) has a Kendall’s τ with "
        + "itself of \(agreements.joined(separator: ", ")) (mean over draws; 1 is the same order). "
        + "Grades of the ranks: \(grades.joined(separator: ", "))."
    ]
  }

  /// What one stimulus and one direction carry.
  var influence: [String] {
    guard let influence = checks.influence else { return [] }
    return [
      sentence(
        influence, "a single stimulus", \.sampleShare, \.withoutSample,
        detail: { score in
          score.sample.map {
            " without stimulus \(content.activations.sampleName($0).shortened(to: 60))"
          } ?? ""
        }),
      sentence(
        influence, "the first principal component of the layers that are scored",
        \.directionShare, \.withoutDirection, detail: { _ in " without it" }),
    ].compactMap { $0 }
  }

  /// How many scores change by more than a fifth without something, and the one that changes most.
  private func sentence(
    _ influence: Influence, _ what: String, _ share: KeyPath<ScoreInfluence, Double?>,
    _ without: KeyPath<ScoreInfluence, Double?>, detail: (ScoreInfluence) -> String
  ) -> String? {
    let known = influence.scores.filter { $0[keyPath: share] != nil }
    guard !known.isEmpty else { return nil }
    let percent = "\((100 * Influence.level).fixed(0)) %"
    let over = known.filter { abs($0[keyPath: share] ?? 0) > Influence.level }
    guard
      let most = over.max(by: { abs($0[keyPath: share] ?? 0) < abs($1[keyPath: share] ?? 0) }),
      let rest = most[keyPath: without]
    else { return "Without \(what), no score changes by more than \(percent)." }
    let counts = RankingAgreement.Level.allCases.reversed().compactMap { level -> String? in
      let mine = over.filter { $0.level == level }
      let falling = mine.count { ($0[keyPath: share] ?? 0) > 0 }
      let all = influence.scores.count { $0.level == level }
      return mine.isEmpty
        ? nil : "\(mine.count) of \(all) \(level.rawValue) (lower in \(falling))"
    }
    return "Without \(what), the score changes by more than \(percent) for "
      + "\(counts.joined(separator: ", ")); most for \(name(most)), from \(most.score.fixed(2)) to "
      + "\(rest.fixed(2))\(detail(most))."
  }

  /// Samples against features, saturation, narrow layers.
  var regime: [String] {
    let layers = content.activations.representations.count
    func cautions(_ kind: Caution.Kind) -> [Caution] {
      checks.cautions.filter { $0.kind == kind }
    }
    var sentences = checks.notes
    let wide = cautions(.moreFeaturesThanSamples)
    if !wide.isEmpty {
      sentences.append(
        "\(wide.count) of \(layers) layers have at least as many features as there are samples: "
          + "similarities with a bias, such as CKA, are high between them whatever they hold. "
          + "calibration.csv says what chance gives.")
    }
    let narrow = cautions(.narrow)
    if let worst = narrow.min(by: { $0.value < $1.value }) {
      sentences.append(
        "\(narrow.count) of \(layers) layers are narrow: if their features were a sample of a "
          + "larger population, debiased CKA with them would read too low by more than "
          + "\((100 * Influence.level).fixed(0)) % (most: \(layer(worst.layer)), by a factor of "
          + "\(worst.value.fixed(2))). Where all features of a layer were dumped this does not apply."
      )
    }
    return sentences
  }

  private func name(_ score: ScoreInfluence) -> String {
    switch score.level {
    case .layers: layer(score.index)
    case .models: content.activations.models[score.index].name.shortened(to: 60)
    case .families:
      (content.findings?.families[score.index] ?? "a family").shortened(to: 60)
    }
  }

  private func layer(_ index: Int) -> String {
    let layer = content.activations.representations[index]
    return (content.activations.models[layer.model].name + "/" + layer.layer).shortened(to: 60)
  }
}

extension RankingAudit.Perturbation {
  /// Behind a number: "0.93 from half of the samples".
  var words: String {
    switch self {
    case .halfOfSamples: "from half of the samples"
    case .halfOfUnits: "from half of the units of each layer"
    case .withoutFirstComponent: "without each layer’s first principal component"
    case .outlier: "with one outlier in each model"
    }
  }

  /// As a heading.
  var title: String {
    switch self {
    case .halfOfSamples: "Half of the samples"
    case .halfOfUnits: "Half of the units"
    case .withoutFirstComponent: "Without component 1"
    case .outlier: "One outlier a model"
    }
  }
}
