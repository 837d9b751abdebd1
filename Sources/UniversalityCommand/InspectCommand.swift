import Activations
import ArgumentParser
import Foundation
import HDF5
import Reports

/// What is in the dumps and how each decision was made.
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "What is in the dumps, and how each decision about them was made.",
    discussion: """
      Reads outlines, ids and labels, but no activations.

      Examples:
        universality inspect dumps/
        universality inspect dumps/ --verbose
        universality inspect dumps/ --write-layout layout.yaml
      """)

  @OptionGroup(title: "Reading") var reading: ReadingArguments

  @Flag(name: .shortAndLong, help: "One line a layer, with the evidence for its axes.")
  var verbose = false

  @Option(
    help: ArgumentHelp("Write every decision to a file that --layout replays.", valueName: "file"))
  var writeLayout: String?

  @OptionGroup(title: "Running") var outcome: OutcomeArguments

  func run() throws {
    var run = Run(reading: reading, arguments: RunSettings(outcome: outcome))
    try withExitCode(run.terminal) {
      let survey = try run.survey()
      if let writeLayout {
        try checkFolder(of: writeLayout, option: "--write-layout")
        try TextFile(try survey.layoutYAML()).write(to: writeLayout)
      }
      if outcome.json {
        try printResult(encodedJSON(SurveyListing(survey)))
      } else {
        try printResult(Terminal.visible(text(survey)))
      }
      return run.exitCode(skipped: survey.skipped)
    }
  }

  private func text(_ survey: Survey) -> String {
    var lines: [String] = []
    let names = survey.models.map { $0.name.visible() }
    let width = names.map(\.displayWidth).max() ?? 0
    for (index, model) in survey.models.enumerated() {
      let layers = survey.layers(ofModel: index)
      guard let first = layers.first else { continue }
      let features = layers.map(\.features)
      let span =
        features.min() == features.max()
        ? "\(features[0])" : "{\(features.min() ?? 0)…\(features.max() ?? 0)}"
      let ids = survey.idCount(of: first).map { "ids: \($0)" } ?? "no ids"
      var facts = [model.family ?? "family unknown", model.role.rawValue]
      if let step = model.step { facts.append("step \(step)") }
      if let accuracy = model.accuracy { facts.append(String(format: "accuracy %.3f", accuracy)) }
      lines.append(
        names[index] + String(repeating: " ", count: width - names[index].displayWidth)
          + "  \(layers.count) layers  \(first.samples) × \(span)  \(describe(first.storage))  \(ids)"
          + "  (\(facts.joined(separator: ", ")))")
      if verbose {
        for layer in layers {
          lines.append(
            "    \(layer.name): \(layer.shape.map(String.init).joined(separator: " × ")) as "
              + "'\(layer.dims)' (\(layer.evidence)) → \(layer.samples) × \(layer.features)")
        }
      }
    }
    if verbose {
      for file in survey.files where file.dataChecksums == 0 {
        lines.append("no checksum in \(file.path): damage to its numbers can go unnoticed")
      }
    }
    lines += (survey.notes + [survey.rowMismatch].compactMap { $0 }).map { "note: \($0)" }
    lines = lines.map { $0.visible() }
    for input in survey.skipped where input.isFault || verbose { lines.append(Run.sentence(input)) }
    let others = survey.skipped.count { !$0.isFault }
    if others > 0, !verbose {
      lines.append(
        "\(others) objects that are no activations (ids, labels, …): --verbose lists them")
    }
    return lines.joined(separator: "\n")
  }

  private func describe(_ storage: DatasetOutline) -> String {
    let type =
      switch storage.elementType {
      case .float16: "float16"
      case .float32: "float32"
      case .float64: "float64"
      case .integer(let bits, let signed): (signed ? "int" : "uint") + "\(bits)"
      case .boolean: "bool"
      case .smallFloat(let format): format.rawValue
      default: "\(storage.elementType)"
      }
    return ([type] + storage.filters.map(\.name)).joined(separator: " ")
  }
}

/// `inspect --json`.
private struct SurveyListing: Encodable {
  struct Layer: Encodable {
    var model: String
    var layer: String
    var order: Int
    var depth: Double
    var file: String
    var dataset: String
    var shape: [Int]
    var dims: String
    var evidence: String
    var samples: Int
    var features: Int
    var ids: String?
  }

  let schema = 1
  var files: [String]
  var models: [ModelRecord]
  var layers: [Layer]
  var notes: [String]
  var skipped: [SkippedInput]

  init(_ survey: Survey) {
    files = survey.files.map(\.path)
    models = survey.models
    layers = survey.layers.map {
      Layer(
        model: survey.models[$0.model].name, layer: $0.name, order: $0.order, depth: $0.depth,
        file: survey.files[$0.file].path, dataset: $0.dataset, shape: $0.shape, dims: $0.dims,
        evidence: $0.evidence, samples: $0.samples, features: $0.features, ids: $0.ids)
    }
    notes = survey.notes
    skipped = survey.skipped
  }
}
