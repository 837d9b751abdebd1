import Universality

/// `layers.csv`, `models.csv` and `families.csv`: the rankings of the trained networks.
///
/// The files exist in every report; without a ranking they hold the header alone.
struct RankingCSV {
  let content: ReportContent
  let outline: ZooOutline

  init(_ content: ReportContent) {
    self.content = content
    outline = ZooOutline(content)
  }

  var layers: CSV {
    table(
      .layers, ["model", "layer", "family", "depth", "is_output"],
      content.findings?.ranking.layers
    ) { item in
      let layer = outline.representations[item.index]
      let model = outline.models[layer.model]
      return [
        model.name, layer.layer, model.family ?? "", layer.depth.exact,
        layer.isOutput ? "true" : "false",
      ]
    }
  }

  var models: CSV {
    table(.models, ["model", "family", "layers"], content.findings?.ranking.models) { item in
      let model = outline.models[item.index]
      return [model.name, model.family ?? "", String(outline.layers(of: item.index).count)]
    }
  }

  var families: CSV {
    table(.families, ["family", "models"], content.findings?.ranking.families) { item in
      let family = content.findings?.families[item.index] ?? ""
      let members = content.findings?.ranking.models.count {
        outline.models[$0.index].familyOrOwnName == family
      }
      return [family, members.field]
    }
  }

  /// The metrics other than the one that ranks: those of the run first, in its order.
  private var otherMetrics: [String] {
    guard let findings = content.findings else {
      return content.matrices.dropFirst().map(\.metric)
    }
    var names = content.matrices.map(\.metric).filter { $0 != findings.metric }
    let ranking = findings.ranking
    let scored = Set(
      (ranking.layers + ranking.models + ranking.families).flatMap(\.otherScores.keys))
    names += scored.subtracting(names).sorted()
    return names
  }

  /// With an audit a last column `stability`, the grade of the rank.
  private func table(
    _ level: RankingAgreement.Level, _ nameColumns: [String], _ items: [RankedItem]?,
    names: (RankedItem) -> [String]
  ) -> CSV {
    let metrics = otherMetrics
    let grades = content.checks.audit?.grades(level)
    var csv = CSV(
      ["rank", "rank_low", "rank_high"] + nameColumns + [
        "universality", "ci_low", "ci_high", "p_value", "q_value", "raw", "raw_ci_low",
        "raw_ci_high",
        "null_mean", "null_threshold",
      ] + metrics.map { "score_" + $0 } + (grades == nil ? [] : ["stability"]))
    for item in items ?? [] {
      let score = item.score
      var fields = [
        String(item.rank), (item.rankRange?.lowerBound).field, (item.rankRange?.upperBound).field,
      ]
      fields += names(item)
      fields += [
        score.universality.value.exact, score.universality.low.field,
        score.universality.high.field, score.pValue.field, score.qValue.field,
        score.raw.value.exact, score.raw.low.field, score.raw.high.field, score.nullMean.field,
        score.nullThreshold.field,
      ]
      fields += metrics.map { item.otherScores[$0].field }
      if let grades { fields.append(grades[item.index]?.rawValue ?? "") }
      csv.append(fields)
    }
    return csv
  }
}
