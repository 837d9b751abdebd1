import Activations
import ArgumentParser
import Foundation
import LinearAlgebra
import Metrics
import Reports
import Store
import Zoo

/// Puts the shards of a batch together.
struct MergeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Put the shards of a batch together, as if they had been one run.",
    discussion: """
      Shards of `compare` need nothing else. Shards of `report` hold the similarities of all pairs;
      rankings, statistics and the page are made now, and take the dumps, which are read where the
      shards have read them.

      Examples:
        universality merge universality-shards -o my-report
        universality merge shards -o pairs.csv
        universality merge node1/shard-1-of-2 node2/shard-2-of-2 -o similarities.nc
      """)

  @Argument(help: "The folders of the shards, or folders that hold them.")
  var paths: [String]

  @Option(
    name: [.short, .customLong("output")],
    help: ArgumentHelp(
      "The folder for the report, or a file for the similarities alone: .csv, .json, .nc or .h5. "
        + "(default: universality-report; CSV on standard output for shards of compare)",
      valueName: "dir|file"))
  var output: String?

  @OptionGroup(title: "Running") var machine: MachineArguments
  @OptionGroup(title: "Running") var outcome: OutcomeArguments

  func run() throws {
    let terminal = Terminal(isQuiet: outcome.quiet, color: outcome.color)
    try withExitCode(terminal) {
      let shards = try MergedShards(paths: paths)
      for note in shards.notes { terminal.note(note) }
      let format = output.flatMap { ComparisonFile.Format(fileName: $0) }
      if shards.batch.request.command == "report", format == nil {
        return try finishReport(shards)
      }
      return try writeMatrices(shards, as: format, terminal)
    }
  }

  /// The matrices alone, without the dumps.
  private func writeMatrices(
    _ shards: MergedShards, as format: ComparisonFile.Format?, _ terminal: Terminal
  ) throws -> Int32 {
    if let output {
      guard format != nil else { throw ComparisonFile.Format.unknown(output) }
      try checkFolder(of: output)
    }
    let activations = shards.batch.activations
    for note in activations.notes { terminal.note(note) }
    for input in activations.skipped where input.isFault {
      terminal.warning(Run.sentence(input))
    }
    let run = Run(reading: nil, arguments: settings(precision: shards.precision))
    try run.refuseSkippedIfStrict(activations.skipped)
    let content = ReportContent(
      activations: activations, matrices: try shards.matrices(), findings: nil,
      reasonWithoutFindings: "compare makes no ranking",
      run: run.record(seed: 0, options: [:], layout: ""))
    try ComparisonFile(content).write(
      to: output, as: format ?? .csv, isJSON: outcome.json)
    return run.exitCode(skipped: activations.skipped)
  }

  /// The rest of a report, with all pairs known.
  private func finishReport(_ shards: MergedShards) throws -> Int32 {
    var report = try shards.reportCommand()
    report.output = output
    report.running.outcome = outcome
    report.running.machine = machine
    var run = Run(
      reading: report.reading, arguments: settings(precision: shards.precision))
    run.shards = shards
    return try report.run(&run)
  }

  private func settings(precision: Precision) -> RunSettings {
    RunSettings(machine: machine, precision: precision, outcome: outcome)
  }
}
