import Foundation
import Zoo

/// The similarity matrices as one JSON object: what `compare -o FILE.json` writes.
struct MatricesJSON {
  let content: ReportContent

  /// Rows are written one at a time; numbers have 17 significant digits.
  func write(_ emit: (String) throws -> Void) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    func encoded(_ value: some Encodable) throws -> String {
      String(decoding: try encoder.encode(value), as: UTF8.self)
    }
    let zoo = content.activations
    try emit("{\n\"schema\": 1,\n\"version\": \(try encoded(content.run.version)),\n")
    try emit("\"alignment\": \(try encoded(zoo.alignment.statement)),\n")
    try emit("\"samples\": \(zoo.sampleCount),\n\"representations\": [")
    for (index, layer) in zoo.representations.enumerated() {
      let model = zoo.models[layer.model]
      let entry = Entry(
        model: model.name, layer: layer.layer, family: model.family, depth: layer.depth,
        role: model.role.rawValue)
      try emit((index == 0 ? "\n" : ",\n") + (try encoded(entry)))
    }
    try emit("\n],\n\"metrics\": [")
    for (index, matrix) in content.matrices.enumerated() {
      try emit(index == 0 ? "\n" : ",\n")
      try emit("{\"name\": \(try encoded(matrix.metric)),\n")
      try emit("\"conventions\": \(try encoded(matrix.conventions)),\n")
      try emit("\"symmetric\": \(matrix.isSymmetric),\n\"similarity\": [")
      var missing: [Missing] = []
      for a in 0..<matrix.count {
        var row: [String] = []
        row.reserveCapacity(matrix.count)
        for b in 0..<matrix.count {
          switch matrix[a, b] {
          case .value(let value): row.append(value.isFinite ? value.exact : "null")
          case .missing(let reason):
            row.append("null")
            if a <= b || !matrix.isSymmetric { missing.append(Missing(a: a, b: b, reason: reason)) }
          }
        }
        try emit((a == 0 ? "\n[" : ",\n[") + row.joined(separator: ",") + "]")
      }
      try emit("\n],\n\"missing\": \(try encoded(missing))")
      if matrix.hasEstimates { try writeStandardErrors(of: matrix, emit) }
      try emit("}")
    }
    try emit("\n]\n}\n")
  }

  /// `null` where the similarity is exact or missing.
  private func writeStandardErrors(
    of matrix: SimilarityMatrix, _ emit: (String) throws -> Void
  ) throws {
    try emit(",\n\"standard_error\": [")
    for a in 0..<matrix.count {
      let row = (0..<matrix.count).map { matrix.standardError(a, $0)?.exact ?? "null" }
      try emit((a == 0 ? "\n[" : ",\n[") + row.joined(separator: ",") + "]")
    }
    try emit("\n]")
  }

  private struct Entry: Encodable {
    var model: String
    var layer: String
    var family: String?
    var depth: Double
    var role: String
  }

  private struct Missing: Encodable {
    var a: Int
    var b: Int
    var reason: String
  }
}
