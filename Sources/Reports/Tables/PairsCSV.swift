import Zoo

/// `pairs.csv`: one row for every unordered pair of different representations, and both orders for
/// a metric that is not symmetric.
///
/// Where there are estimates, a last column `standard_error` follows; it is empty for exact values.
struct PairsCSV {
  static let header = [
    "metric", "model_a", "layer_a", "model_b", "layer_b", "n", "value", "reason",
  ]

  let content: ReportContent

  /// Writes the table piece by piece: a zoo of 1000 layers has half a million rows a metric.
  func write(_ emit: (String) throws -> Void) throws {
    let hasEstimates = content.matrices.contains(where: \.hasEstimates)
    try emit(CSV.line(Self.header + (hasEstimates ? ["standard_error"] : [])))
    let zoo = content.activations
    let names = zoo.representations.map {
      CSV.quoted(zoo.models[$0.model].name) + "," + CSV.quoted($0.layer)
    }
    let samples = String(zoo.sampleCount)
    for matrix in content.matrices {
      let metric = CSV.quoted(matrix.metric)
      for a in 0..<matrix.count {
        var rows = ""
        for b in (matrix.isSymmetric ? a + 1 : 0)..<matrix.count where a != b {
          rows += metric
          rows += ","
          rows += names[a]
          rows += ","
          rows += names[b]
          rows += ","
          rows += samples
          switch matrix[a, b] {
          case .value(let value): rows += "," + value.exact + ","
          case .missing(let reason): rows += ",," + CSV.quoted(reason)
          }
          if hasEstimates { rows += "," + matrix.standardError(a, b).field }
          rows += "\n"
        }
        if !rows.isEmpty { try emit(rows) }
      }
    }
  }
}
