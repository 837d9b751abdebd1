import ArgumentParser
import Foundation
import LinearAlgebra
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
        universality compare dumps/ --approximate -o pairs.csv
        universality compare dumps/ --shard 2/7 -o shards
        universality compare ours-fingerprints.h5 theirs-fingerprints.h5
      """)

  @OptionGroup(title: "Reading") var reading: ReadingArguments
  @OptionGroup(title: "Metrics") var metric: MetricArguments
  @OptionGroup(title: "Approximation") var approximation: ApproximationArguments

  @Option(
    name: [.short, .customLong("output")],
    help: ArgumentHelp(
      "The file to write: .csv, .json, .nc or .h5. (default: CSV on standard output)",
      valueName: "file"))
  var output: String?

  @OptionGroup(title: "Running") var running: RunArguments
  @OptionGroup(title: "Batches") var shard: ShardArguments
  @OptionGroup(title: "Keeping results") var cache: CacheArguments

  func validate() throws {
    try shard.check(cache)
    if shard.shard != nil, approximation.approximate {
      throw ValidationError(
        "--shard divides exact comparisons; estimates of all pairs are one product (make the "
          + "fingerprints of each file apart with `universality fingerprint`)")
    }
  }

  private func format() throws -> ComparisonFile.Format {
    guard let output else { return .csv }
    guard let format = ComparisonFile.Format(fileName: output) else {
      throw ComparisonFile.Format.unknown(output)
    }
    return format
  }

  func run() throws {
    if let number = try shard.number() { return try compute(number) }
    let format = try format()
    let metrics =
      approximation.approximate
      ? try ApproximationArguments.metrics(metric).map(\.exact) : try metric.metrics()
    var run = Run(reading: reading, arguments: running.settings)
    try withExitCode(run.terminal) {
      if let output { try checkFolder(of: output) }
      try cache.checkFolder()
      if let set = try run.fingerprintInput() {
        try write(try runOnFingerprints(set, &run), as: format)
        return Exit.done
      }
      let survey = try run.survey()
      if let output { try checkNotAnInput(output, of: survey) }
      let plan = try run.memoryPlan(survey, metrics: metrics)
      if running.dryRun {
        let text = run.plan(survey, metrics: metrics, permutations: 0, memory: plan.bytes)
        try printResult(Terminal.visible(text))
        return run.exitCode(skipped: survey.skipped)
      }
      let spill = plan.spills && !approximation.approximate ? try SpillFile() : nil
      if spill != nil {
        run.terminal.note(
          "The values do not fit in the memory budget and are kept in a temporary file in "
            + "\(SpillFile.defaultFolder).")
      }
      var activations = try run.load(survey, withDigests: false, spill: spill)
      try run.refuseSkippedIfStrict(activations.skipped)
      let matrices =
        approximation.approximate
        ? try run.approximation(
          of: activations, try ApproximationArguments.metrics(metric), approximation
        ).matrices
        : try run.compare(
          emptying: &activations, metrics, plan: plan, spill: spill,
          cache: cache.folder(default: nil)
        ).matrices
      let content = ReportContent(
        activations: activations, matrices: matrices, findings: nil,
        reasonWithoutFindings: "compare makes no ranking",
        run: run.record(
          seed: approximation.sketch.seed, options: [:], layout: try survey.layoutYAML()))
      try write(content, as: format)
      return run.exitCode(skipped: activations.skipped)
    }
  }

  private func compute(_ number: ShardNumber) throws {
    let metrics = try metric.metrics()
    var run = Run(reading: reading, arguments: running.settings)
    try withExitCode(run.terminal) {
      try run.compute(
        ShardJob(
          number: number, batch: output ?? ShardArguments.defaultFolder, command: "compare",
          metrics: metrics, options: [:], withDiagnostics: false, isJSON: running.json),
        isDryRun: running.dryRun)
    }
  }

  private func write(_ content: ReportContent, as format: ComparisonFile.Format) throws {
    try ComparisonFile(content).write(to: output, as: format, isJSON: running.json)
  }
}

extension ComparisonFile {
  /// Writes the file, or prints it as CSV or JSON.
  func write(to output: String?, as format: Format, isJSON: Bool) throws {
    if let output {
      try asWritingFailure { try write(to: output, as: format) }
      return
    }
    // A program gets the names as they are; a terminal is a machine that names could program.
    let isTerminal = isatty(STDOUT_FILENO) == 1
    try write(as: isJSON ? .json : .csv) { text in
      try writeToStandardOutput(Data((isTerminal ? Terminal.visible(text) : text).utf8))
    }
  }
}

extension ComparisonFile.Format {
  /// The format that the ending of a name asks for.
  init?(fileName: String) {
    self.init(rawValue: (fileName as NSString).pathExtension.lowercased())
  }

  static func unknown(_ output: String) -> ValidationError {
    ValidationError(
      "-o \(output): the name must end in "
        + allCases.map { "." + $0.rawValue }.joined(separator: ", "))
  }
}
