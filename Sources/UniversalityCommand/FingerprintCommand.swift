import Activations
import ArgumentParser
import Foundation
import Reports
import Zoo

/// Fingerprints of all layers, to be compared without the activations.
struct FingerprintCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fingerprint",
    abstract: "Fingerprints of all layers, to be compared later without the activations.",
    discussion: """
      A fingerprint has a fixed size, whatever the layer, and depends on the layer, the samples, the
      size and the seed alone. `universality compare` takes the files, also of other places and
      times, and estimates linear and debiased CKA with a standard error each.

      Examples:
        universality fingerprint dumps/ -o ours.h5
        universality compare ours.h5 theirs.h5 -o pairs.csv
      """)

  @OptionGroup(title: "Reading") var reading: ReadingArguments

  @Option(
    name: [.short, .customLong("output")],
    help: ArgumentHelp("The file to write: .h5 or .nc.", valueName: "file"))
  var output: String

  @OptionGroup(title: "Fingerprints") var sketch: SketchArguments
  @OptionGroup(title: "Running") var machine: MachineArguments
  @OptionGroup(title: "Running") var planning: DryRunArguments
  @OptionGroup(title: "Running") var outcome: OutcomeArguments

  func validate() throws {
    guard ["h5", "nc"].contains((output as NSString).pathExtension.lowercased()) else {
      throw ValidationError("-o \(output): the name must end in .h5 or .nc")
    }
  }

  func run() throws {
    var run = Run(
      reading: reading, arguments: RunSettings(machine: machine, outcome: outcome))
    try withExitCode(run.terminal) {
      let survey = try run.survey()
      try checkNotAnInput(output, of: survey)
      if planning.dryRun {
        try printResult(
          "\(survey.models.count) models, \(survey.layers.count) layers; \(sketch.size) coordinates "
            + "each, about \(Run.size(5 * sketch.size * survey.layers.count)) in \(output)")
        return run.exitCode(skipped: survey.skipped)
      }
      try run.checkMemory(survey, metrics: [])
      try checkFolder(of: output)
      let activations = try run.load(survey)
      try run.refuseSkippedIfStrict(activations.skipped)
      let set = try run.fingerprints(of: activations, sketch)
      try asWritingFailure {
        try FingerprintFile(set, version: UniversalityTool.version).write(to: output)
      }
      try printResult(try summary(of: set))
      return run.exitCode(skipped: activations.skipped)
    }
  }

  private func summary(of set: FingerprintSet) throws -> String {
    let made = set.fingerprints.count { (try? $0.get()) != nil }
    guard outcome.json else {
      return Terminal.visible(
        "\(made) of \(set.fingerprints.count) layers, \(set.design.pairCount) pairs each, on "
          + "\(set.design.samples) samples: \(output)")
    }
    return try encodedJSON(
      Summary(
        layers: set.fingerprints.count, fingerprints: made, samples: set.design.samples,
        pairs: set.design.pairCount, sampleDigest: set.sampleDigest, file: output))
  }

  private struct Summary: Encodable {
    let schema = 1
    var layers: Int
    var fingerprints: Int
    var samples: Int
    var pairs: Int
    var sampleDigest: String
    var file: String
  }
}

extension Run {
  /// The fingerprints of a zoo, with progress and time.
  mutating func fingerprints(
    of activations: ActivationSet, _ sketch: SketchArguments
  ) throws -> FingerprintSet {
    let (threads, terminal) = (threads, terminal)
    return try stopwatch.measure("fingerprint") {
      try FingerprintSet(of: activations, size: sketch.size, seed: sketch.seed, threads: threads) {
        terminal.report($0)
      }
    }
  }
}
