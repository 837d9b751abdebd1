import Activations
import ArgumentParser
import Foundation
import Reports
import Universality

/// Single features, ranked by how universal they are.
struct FeaturesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "features",
    abstract: "Single features (units), ranked by how universal they are, and shared directions.",
    discussion: """
      For each unit of each hidden layer of a trained model: its best match among the units of every
      other family, chosen on one half of the samples and scored on the other, minus the same with the
      units of the other family rotated at random; the median over families. Beside it: the same among
      untrained networks and between seeds, how well other families predict the unit, and cliques of
      units that are each other's best match. Then the directions that families share.

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
    help: ArgumentHelp(
      "Permutations of the samples behind the chance of shared directions; 0 for none.",
      valueName: "n"))
  var permutations: Int = 200

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
    if permutations < 0 { throw ValidationError("--permutations must not be negative") }
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
      let directions = try run.sharedDirections(
        of: activations, permutations: permutations, seed: seed)
      let list = FeatureList(found, directions, of: activations, top: top)
      try printResult(outcome.json ? try encodedJSON(list) : list.text)
      return run.exitCode(skipped: activations.skipped)
    }
  }
}
