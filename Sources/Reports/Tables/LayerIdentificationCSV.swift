import Universality

/// `layer_identification.csv`: how often the most similar layer of another seed is the one at the same
/// place; one row a metric, training and family. All families together have no name.
struct LayerIdentificationCSV {
  let identifications: [LayerIdentification]

  var table: CSV {
    var csv = CSV([
      "metric", "networks", "family", "models", "trials", "hits", "accuracy", "ci_low", "ci_high",
      "chance", "null_threshold", "p_value",
    ])
    for identification in identifications {
      for row in identification.rows {
        csv.append([
          identification.metric, row.isTrained ? "trained" : "untrained", row.family ?? "",
          String(row.models), String(row.trials), row.hits.exact, row.accuracy.value.exact,
          row.accuracy.low.field, row.accuracy.high.field, row.chance.exact,
          row.nullThreshold.field, row.pValue.field,
        ])
      }
    }
    return csv
  }
}
