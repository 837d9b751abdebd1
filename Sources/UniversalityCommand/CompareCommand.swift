import Activations
import ArgumentParser
import Foundation
import Reports
import Zoo

/// Similarity matrices only.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Similarity matrices of all pairs of layers, without a ranking.",
    discussion: """
      Without -o the pairs are printed as CSV.

      Examples:
        universality compare dumps/ -o pairs.csv
        universality compare a.h5 b.h5 --metric cka-debiased
        universality compare dumps/ --pool flatten -o similarities.nc
      """)

  @OptionGroup(title: "Reading") var reading: ReadingArguments
  @OptionGroup(title: "Metrics") var metric: MetricArguments

  @Option(
    name: [.short, .customLong("output")],
    help: ArgumentHelp(
      "The file to write: .csv, .json, .nc or .h5. (default: CSV on standard output)",
      valueName: "file"))
  var output: String?

  @OptionGroup(title: "Running") var running: RunArguments

  private func format() throws -> ComparisonFile.Format {
    guard let output else { return .csv }
    let ending = (output as NSString).pathExtension.lowercased()
    guard let format = ComparisonFile.Format(rawValue: ending) else {
      throw ValidationError(
        "-o \(output): the name must end in "
          + ComparisonFile.Format.allCases.map { "." + $0.rawValue }.joined(separator: ", "))
    }
    return format
  }

  func run() throws {
    let format = try format()
    let metrics = try metric.metrics()
    var run = Run(reading: reading, arguments: running)
    try withExitCode(run.terminal) {
      let survey = try run.survey()
      if running.dryRun {
        try printResult(Terminal.visible(run.plan(survey, metrics: metrics, permutations: 0)))
        return run.exitCode(skipped: survey.skipped)
      }
      try run.checkMemory(survey)
      try checkOutput()
      let activations = try run.load(survey)
      try run.refuseSkippedIfStrict(activations.skipped)
      let comparison = try run.compare(activations, metrics, withDiagnostics: false)
      let content = ReportContent(
        activations: activations, matrices: comparison.matrices, findings: nil,
        reasonWithoutFindings: "compare makes no ranking", diagnostics: comparison.diagnostics,
        run: run.record(seed: 0, options: [:], layout: try survey.layoutYAML()))
      try write(content, as: format)
      return run.exitCode(skipped: activations.skipped)
    }
  }

  /// Finds out before the work, not after it, that the file cannot be written.
  private func checkOutput() throws {
    guard let output else { return }
    let folder = (output as NSString).deletingLastPathComponent
    guard access(folder.isEmpty ? "." : folder, W_OK) == 0 else {
      throw Failure(
        "\(output) cannot be written: "
          + (FileManager.default.fileExists(atPath: folder)
            ? "the folder is not writable" : "there is no folder \(folder)"),
        help: "make the folder, or choose another with -o", exitCode: Exit.unusable)
    }
  }

  private func write(_ content: ReportContent, as format: ComparisonFile.Format) throws {
    let file = ComparisonFile(content)
    if let output {
      try asWritingFailure { try file.write(to: output, as: format) }
      return
    }
    let temporary = NSTemporaryDirectory() + "universality-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: temporary) }
    try file.write(to: temporary, as: running.json ? .json : .csv)
    let data = try Data(contentsOf: URL(fileURLWithPath: temporary))
    // A program gets the names as they are; a terminal is a machine that names could program.
    if isatty(STDOUT_FILENO) == 1 {
      try writeToStandardOutput(Data(Terminal.visible(String(decoding: data, as: UTF8.self)).utf8))
    } else {
      try writeToStandardOutput(data)
    }
  }
}
