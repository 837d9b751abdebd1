import Universality

/// `audit.csv`, `influence.csv`, `cautions.csv` and `trend.csv`: what stands beside the ranking.
struct ChecksCSV {
  let content: ReportContent
  let outline: ZooOutline

  init(_ content: ReportContent) {
    self.content = content
    outline = ZooOutline(content)
  }

  /// One row an item and perturbation.
  func audit(_ audit: RankingAudit) -> CSV {
    var csv = CSV([
      "level", "model", "layer", "family", "rank", "grade", "perturbation", "draws",
      "turned_share", "rank_low", "rank_high",
    ])
    for rank in audit.ranks {
      for outcome in rank.outcomes {
        csv.append(
          [rank.level.rawValue] + names(rank.level, rank.index) + [
            String(rank.rank), rank.grade?.rawValue ?? "", outcome.perturbation.rawValue,
            String(outcome.perturbation.draws), outcome.turned.exact,
            String(outcome.ranks.lowerBound), String(outcome.ranks.upperBound),
          ])
      }
    }
    return csv
  }

  /// One row a score, and one a pair of layers that hangs on one sample.
  func influence(_ influence: Influence) -> CSV {
    var csv = CSV([
      "level", "model", "layer", "family", "match_model", "match_layer", "score", "sample_id",
      "score_without_sample", "sample_share", "score_without_component", "component_share",
    ])
    for score in influence.scores {
      csv.append(
        [score.level.rawValue] + names(score.level, score.index) + [
          "", "", score.score.exact, score.sample.map(content.activations.sampleName) ?? "",
          score.withoutSample.field, score.sampleShare.field, score.withoutDirection.field,
          score.directionShare.field,
        ])
    }
    for pair in influence.pairs {
      let match = outline.representations[pair.match]
      csv.append(
        ["pairs"] + names(.layers, pair.layer) + [
          outline.models[match.model].name, match.layer, pair.similarity.exact,
          content.activations.sampleName(pair.sample), pair.withoutSample.exact, pair.share.exact,
          "", "",
        ])
    }
    return csv
  }

  /// One row a caution.
  var cautions: CSV {
    var csv = CSV([
      "caution", "model", "layer", "family", "role", "value", "metric", "sample_id",
    ])
    for caution in content.checks.cautions {
      let layer = outline.representations[caution.layer]
      let model = outline.models[layer.model]
      csv.append([
        caution.kind.rawValue, model.name, layer.layer, model.family ?? "", model.role.rawValue,
        caution.value.exact, caution.metric ?? "",
        caution.sample.map(content.activations.sampleName) ?? "",
      ])
    }
    return csv
  }

  /// One number a row.
  func trend(_ trends: UniversalityTrends) -> CSV {
    var csv = CSV([
      "property", "statistic", "left_out", "models", "families", "value", "ci_low", "ci_high",
      "p_value",
    ])
    for trend in trends.trends {
      func add(
        _ statistic: String, leftOut: String = "", _ value: Estimate, p: Double? = nil
      ) {
        csv.append([
          trend.property, statistic, leftOut, String(trend.models), String(trend.families),
          value.value.exact, value.low.field, value.high.field, p.field,
        ])
      }
      add("spearman", trend.correlation)
      for left in trend.withoutFamily {
        add("spearman", leftOut: left.family, Estimate(value: left.correlation))
      }
      if let between = trend.between {
        add("spearman_between_families", Estimate(value: between.statistic), p: between.pValue)
      }
      if let within = trend.within {
        add("correlation_within_families", Estimate(value: within.statistic), p: within.pValue)
      }
    }
    return csv
  }

  /// Model, layer and family of what is ranked, empty where it has none.
  private func names(_ level: RankingAgreement.Level, _ index: Int) -> [String] {
    switch level {
    case .families: return ["", "", content.findings?.families[index] ?? ""]
    case .models: return [outline.models[index].name, "", outline.models[index].family ?? ""]
    case .layers:
      let layer = outline.representations[index]
      let model = outline.models[layer.model]
      return [model.name, layer.layer, model.family ?? ""]
    }
  }
}
