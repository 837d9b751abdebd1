import Activations
import Foundation

/// `results/record.json`: what a study has used and found, and its files. Without times and threads, so
/// that running it again changes nothing.
struct StudyRecord: Encodable {
  let schema = 1
  var version: String
  var question: String
  var runs: [Run]
  /// Relative to the folder of the study.
  var files: [String]

  struct Run: Encodable {
    var name: String
    var dumps: [String]
    /// As in the file of the study, defaults left out.
    var settings: [String: [String]]
    /// In force, defaults included.
    var options: [String: String]
    var seed: UInt64
    var precision: String
    var models: Int
    var layers: Int
    var samples: Int
    /// The answer in sentences, as at the head of a report.
    var headline: [String]
    var limits: [String]
    var notes: [String]
    var skipped: [SkippedInput]
    var inputs: [InputFile]

    init(_ run: StudyFile.Run, _ content: ReportContent) {
      let zoo = content.activations
      name = run.name
      dumps = run.dumps
      settings = Dictionary(uniqueKeysWithValues: run.settings.map { ($0.option, $0.values) })
      // Routes are chosen by the number of threads and change no result beyond rounding.
      options = content.run.options.filter { !$0.key.hasPrefix("route of ") }
      seed = content.run.seed
      precision = content.run.precision
      models = zoo.models.count
      layers = zoo.representations.count
      samples = zoo.sampleCount
      headline = Headline(content).sentences
      limits = content.findings?.limits ?? [content.reasonWithoutFindings ?? ""]
      notes = zoo.notes
      skipped = zoo.skipped.filter(\.isFault)
      inputs = zoo.inputs
    }
  }

  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
  }
}
