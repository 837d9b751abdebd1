import Universality

/// `ranking_agreement.csv`: Kendall's τ_b of the rankings under each two metrics.
struct RankingAgreementCSV {
  let agreements: [RankingAgreement]

  var table: CSV {
    var csv = CSV(["level", "metric_a", "metric_b", "tau_b", "items", "p_value"])
    for agreement in agreements {
      csv.append([
        agreement.level.rawValue, agreement.metricA, agreement.metricB, agreement.tau.exact,
        String(agreement.items), agreement.pValue.field,
      ])
    }
    return csv
  }
}
