import Universality
import Zoo

/// `calibration.csv`: every pair against chance, for the metrics whose chance is known in closed form.
///
/// One row for every unordered pair of different representations that has a similarity.
struct CalibrationCSV {
  static let header = [
    "metric", "model_a", "layer_a", "model_b", "layer_b", "n", "value", "null_mean", "null_sd",
    "null_skewness", "p_value", "q_value", "calibrated",
  ]

  let content: ReportContent

  /// Writes the table piece by piece: a zoo of 1000 layers has half a million rows a metric.
  func write(_ emit: (String) throws -> Void) throws {
    try emit(CSV.line(Self.header))
    let zoo = content.activations
    let names = zoo.representations.map {
      CSV.quoted(zoo.models[$0.model].name) + "," + CSV.quoted($0.layer)
    }
    for calibration in content.calibrations {
      guard let matrix = content.matrices.first(where: { $0.metric == calibration.metric }) else {
        continue
      }
      let metric = CSV.quoted(matrix.metric)
      for a in 0..<matrix.count {
        var rows = ""
        for b in a + 1..<max(matrix.count, a + 1) {
          guard let value = matrix[a, b].value, let pair = calibration[a, b] else { continue }
          rows += "\(metric),\(names[a]),\(names[b]),\(zoo.sampleCount),\(value.exact)"
          rows += ",\(pair.nullMean.exact),\(pair.nullDeviation.exact),\(pair.nullSkewness.field)"
          rows += ",\(pair.pValue.exact),\(pair.qValue.exact),\(pair.calibrated.exact)\n"
        }
        if !rows.isEmpty { try emit(rows) }
      }
    }
  }
}
