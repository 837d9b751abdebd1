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
    let percent = "\((100 * Influence.level).fixed(0)) %"
    func counts(_ isOver: (ScoreInfluence) -> Bool) -> String? {
      let parts = RankingAgreement.Level.allCases.reversed().compactMap { level -> String? in
        let mine = influence.scores.filter { $0.level == level }
        let over = mine.count(where: isOver)
        return mine.isEmpty || over == 0 ? nil : "\(over) of \(mine.count) \(level.rawValue)"
      }
      return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }
    var sentences: [String] = []
    if let over = counts({ abs($0.sampleShare ?? 0) > Influence.level }),
      let most = most(influence, \.sampleShare), let sample = most.score.sample
    {
      sentences.append(
        "A single stimulus carries more than \(percent) of the score of \(over): most, "
          + "\((100 * most.share).fixed(0)) %, stimulus "
          + "\(content.activations.sampleName(sample).shortened(to: 60)) of \(name(most.score)).")
    } else if influence.scores.contains(where: { $0.sampleShare != nil }) {
      sentences.append("No single stimulus carries more than \(percent) of any score.")
    }
    if let over = counts({ abs($0.directionShare ?? 0) > Influence.level }),
      let most = most(influence, \.directionShare)
    {
      sentences.append(
        "A single direction, the first principal component of each layer, carries more than "
          + "\(percent) of the score of \(over): most, \((100 * most.share).fixed(0)) %, of "
          + "\(name(most.score)). Where it does, the score tells mainly whether this one "
          + "direction is shared.")
    } else if influence.scores.contains(where: { $0.directionShare != nil }) {
      sentences.append("No first principal component carries more than \(percent) of any score.")
    }
    return sentences
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

  private func most(
    _ influence: Influence, _ share: KeyPath<ScoreInfluence, Double?>
  ) -> (score: ScoreInfluence, share: Double)? {
    influence.scores.compactMap { score in score[keyPath: share].map { (score, $0) } }
      .max { abs($0.1) < abs($1.1) }
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
