import Activations
import ArgumentParser
import Foundation
import Reports
import Universality

/// Single features, ranked by how universal they are.
struct FeaturesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "features",
    abstract: "Single features (units), ranked by how universal they are.",
    discussion: """
      For each unit of each hidden layer of a trained model: its best match among the units of every
      other family, chosen on one half of the samples and scored on the other, minus the same with the
      units of the other family rotated at random; the median over families.

      Examples:
        universality features dumps/
        universality features dumps/ --top 100
        universality features dumps/ -o features.csv
        universality features dumps/ --select '*/conv*' --json
      """)

  @OptionGroup(title: "Reading") var reading: ReadingArguments

  @Option(
    parsing: .unconditional, help: ArgumentHelp("How many features to print.", valueName: "n"))
  var top: Int = 20

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Random rotations of each layer for the baseline, at least 3.", valueName: "n"))
  var rotations: Int = FeatureUniversality.usualRotations

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The seed of all random draws.", valueName: "n"),
    transform: Seed.parse)
  var seed: UInt64 = 0

  @Option(
    name: [.short, .customLong("output")],
    help: ArgumentHelp("A CSV file for all features.", valueName: "file"))
  var output: String?

  @OptionGroup(title: "Running") var machine: MachineArguments
  @OptionGroup(title: "Running") var planning: DryRunArguments
  @OptionGroup(title: "Running") var outcome: OutcomeArguments

  func validate() throws {
    if top < 0 { throw ValidationError("--top must not be negative") }
    if rotations < 3 { throw ValidationError("--rotations must be at least 3") }
    if let output, (output as NSString).pathExtension.lowercased() != "csv" {
      throw ValidationError("-o \(output): the name must end in .csv")
    }
  }

  func run() throws {
    var run = Run(
      reading: reading, arguments: RunSettings(machine: machine, outcome: outcome))
    try withExitCode(run.terminal) {
      let survey = try run.survey()
      if planning.dryRun {
        try printResult(
          "\(survey.models.count) models, \(survey.layers.count) layers, "
            + "\(survey.layers.reduce(0) { $0 + $1.features }) features")
        return run.exitCode(skipped: survey.skipped)
      }
      try run.checkMemory(survey, metrics: [])
      if let output { try checkFolder(of: output) }
      let activations = try run.load(survey)
      try run.refuseSkippedIfStrict(activations.skipped)
      let found = try run.features(of: activations, rotations: rotations, seed: seed)
      if let output {
        try asWritingFailure { try FeaturesCSV(found, of: activations).write(to: output) }
      }
      let list = FeatureList(found, of: activations, top: top)
      try printResult(outcome.json ? try encodedJSON(list) : list.text)
      return run.exitCode(skipped: activations.skipped)
    }
  }
}

/// The leading features, for people and for programs.
struct FeatureList: Encodable {
  struct Item: Encodable {
    var rank: Int
    var model: String
    var family: String?
    var layer: String
    var feature: Int
    var universality: Double
    var correlation: Double
    var baseline: Double
    var z: Double?
    var pValue: Double?
    var qValue: Double?
  }

  let schema = 1
  var features: Int
  var universal: Int
  var constant: Int
  var top: [Item]

  init(_ found: FeatureUniversality, of activations: ActivationSet, top: Int) {
    features = found.scores.count
    universal = found.universal.count
    constant = found.constantFeatures
    self.top = found.scores.prefix(top).enumerated().map { index, score in
      let layer = activations.representations[score.layer]
      let model = activations.models[layer.model]
      return Item(
        rank: index + 1, model: model.name, family: model.family, layer: layer.layer,
        feature: score.feature, universality: score.universality, correlation: score.correlation,
        baseline: score.baseline, z: score.z, pValue: score.pValue, qValue: score.qValue)
    }
  }

  var text: String {
    let names = top.map { "\($0.model) \($0.layer) \($0.feature)".visible() }
    let width = max(19, names.map(\.displayWidth).max() ?? 0)
    func padded(_ text: String) -> String {
      text + String(repeating: " ", count: max(0, width - text.displayWidth))
    }
    var lines = [
      "\(universal) of \(features) features are universal at a false-discovery rate of 5 %.", "",
      "rank  " + padded("model layer feature") + "  universality  correlation  rotated  q",
    ]
    for (item, name) in zip(top, names) {
      lines.append(
        String(format: "%-4d  ", item.rank) + padded(name)
          + String(
            format: "  %-12.3f  %-11.3f  %-7.3f  ", item.universality, item.correlation,
            item.baseline) + (item.qValue.map { String(format: "%.3f", $0) } ?? "–"))
    }
    return Terminal.visible(lines.joined(separator: "\n"))
  }
}
