import Universality

/// `family_statistics.csv`: whole families and models against each other, one number a row.
struct FamilyStatisticsCSV {
  let content: ReportContent

  var table: CSV {
    var csv = CSV([
      "metric", "layer_rule", "models", "orders", "statistic", "term_a", "term_b", "value",
      "p_value",
    ])
    for statistics in content.familyStatistics {
      for row in Self.rows(statistics) {
        csv.append(
          [
            statistics.metric, FamilyStatistics.layerRule, String(statistics.models),
            String(statistics.orders), row.statistic, row.termA, row.termB, row.value.exact,
            row.pValue.field,
          ])
      }
    }
    return csv
  }

  private struct Row {
    var statistic: String
    var termA = ""
    var termB = ""
    var value: Double
    var pValue: Double?
  }

  private static func rows(_ statistics: FamilyStatistics) -> [Row] {
    var rows = statistics.similarities.map {
      Row(statistic: "mean_similarity", termA: $0.familyA, termB: $0.familyB, value: $0.mean)
    }
    func add(_ name: String, _ test: FamilyTest?, term: String = "") {
      guard let test else { return }
      rows.append(
        Row(statistic: name, termA: term, value: test.statistic, pValue: test.pValue))
    }
    func add(_ name: String, _ value: Double?) {
      if let value { rows.append(Row(statistic: name, value: value)) }
    }
    add("permanova_f", statistics.location)
    add("permanova_r2", statistics.sharedVariance)
    add("permdisp_f", statistics.dispersion)
    add("d_prime", statistics.separability?.dPrime)
    add("auc", statistics.separability?.auc)
    add("silhouette", statistics.separability?.silhouette)
    for covariate in statistics.covariates {
      add("mantel_r", covariate.correlation, term: covariate.name)
      add("mrqap_t", covariate.slope, term: covariate.name)
    }
    return rows
  }
}
