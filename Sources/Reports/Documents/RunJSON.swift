import Activations
import Foundation
import Universality

/// `run.json`: how the results came about. The only file of a report with times in it.
struct RunJSON {
  let content: ReportContent
  /// The files of the report, relative to its folder.
  var files: [String] = []

  func text() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return String(decoding: try encoder.encode(document), as: UTF8.self) + "\n"
  }

  private var document: Document {
    let zoo = content.activations
    return Document(
      version: content.run.version, command: content.run.command, seed: content.run.seed,
      options: content.run.options, threads: content.run.threads, blas: content.run.blas,
      libraries: content.run.libraries, precision: content.run.precision,
      started: content.run.started, stages: content.run.stages,
      peakMemoryBytes: content.run.peakMemory, samples: zoo.sampleCount,
      alignment: .init(
        kind: zoo.alignment.isPositional ? "positional" : "joined",
        statement: zoo.alignment.statement),
      metrics: content.matrices.map {
        .init(name: $0.metric, conventions: $0.conventions, symmetric: $0.isSymmetric)
      },
      inputs: zoo.inputs, models: zoo.models,
      representations: zoo.representations.indices.map { index in
        let representation = zoo.representations[index]
        let diagnostics = content.diagnostics.isEmpty ? nil : content.diagnostics[index]
        return .init(
          model: zoo.models[representation.model].name, layer: representation.layer,
          depth: representation.depth, isOutput: representation.isOutput,
          n: diagnostics?.samples ?? zoo.sampleCount, d: diagnostics?.features,
          rank: diagnostics?.rank, directions: diagnostics?.directions,
          participationRatio: diagnostics?.participationRatio,
          constantFeatures: diagnostics?.constantFeatures, source: representation.source)
      },
      ranking: content.findings.map {
        .init(
          metric: $0.metric, reference: $0.ranking.reference.rawValue,
          permutations: $0.permutations, jackknifeGroups: $0.jackknifeGroups, seed: $0.seed)
      },
      rankingMissingBecause: content.findings == nil
        ? content.reasonWithoutFindings ?? "no ranking was made" : nil,
      limits: content.findings?.limits ?? [], checks: content.checkSentences, notes: zoo.notes,
      skipped: zoo.skipped,
      files: files)
  }

  /// The schema, version 1. Keys are in snake case in the file.
  private struct Document: Encodable {
    var schema = 1
    var version: String
    var command: [String]
    var seed: UInt64
    var options: [String: String]
    var threads: Int
    var blas: String?
    var libraries: [String: String]
    var precision: String
    var started: String?
    var stages: [RunRecord.Stage]
    var peakMemoryBytes: Int?
    var samples: Int
    var alignment: Alignment
    var metrics: [Metric]
    var inputs: [InputFile]
    var models: [ModelRecord]
    var representations: [Layer]
    var ranking: Ranking?
    var rankingMissingBecause: String?
    var limits: [String]
    var checks: [String]
    var notes: [String]
    var skipped: [SkippedInput]
    var files: [String]

    struct Alignment: Encodable {
      var kind: String
      var statement: String
    }

    struct Metric: Encodable {
      var name: String
      var conventions: String
      var symmetric: Bool
    }

    struct Layer: Encodable {
      var model: String
      var layer: String
      var depth: Double
      var isOutput: Bool
      var n: Int
      var d: Int?
      var rank: Int?
      /// By metric: the directions kept, for SVCCA the principal components.
      var directions: [String: Int]?
      var participationRatio: Double?
      var constantFeatures: Int?
      var source: Representation.Source
    }

    struct Ranking: Encodable {
      var metric: String
      var reference: String
      var permutations: Int
      var jackknifeGroups: Int
      var seed: UInt64
    }
  }
}
