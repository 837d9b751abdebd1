import Activations
import ArgumentParser
import Foundation
import Metrics
import Reports
import Universality
import Zoo

/// Similarity matrices, rankings and the report.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Similarity matrices, rankings and a report (the default command).",
    discussion: """
      Examples:
        universality report dumps/
        universality report dumps/ -o my-report --permutations 1000 --seed 1
        universality report dumps/ --metric cka --metric svcca:variance=0.95 --rank-by cka
        universality report dumps/ --metadata models.csv --select '*/conv*'
        universality report dumps/ --shard 2/7 -o shards
      """)

  @OptionGroup(title: "Reading") var reading: ReadingArguments
  @OptionGroup(title: "Metrics") var metric: MetricArguments

  @Option(help: ArgumentHelp("The metric that orders the ranking.", valueName: "name"))
  var rankBy: String = "cka-debiased"

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Permutations of the samples for calibration against chance; 0 for none.", valueName: "n"))
  var permutations: Int = 200

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Resamples for the intervals; 0 for none. Groups of samples are left out in turn (a "
        + "delete-a-group jackknife with at most n groups, never more than 50), because drawing "
        + "samples twice would raise every similarity.", valueName: "n"))
  var bootstrap: Int = 200

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The seed of all random draws.", valueName: "n"),
    transform: Seed.parse)
  var seed: UInt64 = 0

  @Option(
    help: ArgumentHelp(
      "A negative control: put the samples of each model in a random order of its own, all of them or "
        + "within-classes.", valueName: "which"))
  var shuffle: SampleShuffling = .none

  @Option(
    name: [.short, .customLong("output")],
    help: ArgumentHelp(
      "The folder for the report. (default: universality-report)", valueName: "dir"))
  var output: String?

  @OptionGroup(title: "Running") var running: RunArguments
  @OptionGroup(title: "Batches") var shard: ShardArguments
  @OptionGroup(title: "Keeping results") var cache: CacheArguments

  func validate() throws {
    if permutations < 0 { throw ValidationError("--permutations must not be negative") }
    if bootstrap < 0 { throw ValidationError("--bootstrap must not be negative") }
    try shard.check(cache)
    if shard.shard != nil, shuffle != .none {
      throw ValidationError("--shuffle is for whole runs; leave out --shard")
    }
  }

  func run() throws {
    let number = try shard.number()
    let (metrics, ranking) = try metrics()
    var run = Run(reading: reading, arguments: running.settings)
    try withExitCode(run.terminal) {
      guard let number else { return try self.run(&run) }
      return try run.compute(
        ShardJob(
          number: number, batch: output ?? ShardArguments.defaultFolder, command: "report",
          metrics: metrics, options: options(rankedBy: ranking), withDiagnostics: true,
          isJSON: running.json),
        isDryRun: running.dryRun)
    }
  }

  /// The report, with the results that the run knows already.
  func run(_ run: inout Run) throws -> Int32 {
    let (metrics, ranking) = try metrics()
    return try report(&run, metrics, rankedBy: ranking, in: output ?? "universality-report")
  }

  /// The metrics of the run, and the one among them that ranks.
  func metrics() throws -> ([any SimilarityMetric], ranking: any SimilarityMetric) {
    let ranking = try MetricArguments.metric(rankBy)
    guard ranking is any FactorMetric, ranking.direction == .similarity,
      ranking.range.upperBound <= 1
    else {
      throw ValidationError(
        "--rank-by \(rankBy): \(ranking.direction == .distance ? "a distance ranks nothing" : "it is not calibrated against chance")"
          + "; use a similarity such as cka-debiased, cka or svcca")
    }
    var metrics = try metric.metrics()
    if !metrics.contains(where: { $0.name == ranking.name }) { metrics.insert(ranking, at: 0) }
    return (metrics, ranking)
  }

  /// What beside reading and metrics decides about the results.
  private func options(rankedBy ranking: any SimilarityMetric) -> [String: String] {
    [
      "rank-by": ranking.name, "permutations": "\(permutations)", "bootstrap": "\(bootstrap)",
      "seed": "\(seed)",
    ]
  }

  private func report(
    _ run: inout Run, _ metrics: [any SimilarityMetric], rankedBy ranking: any SimilarityMetric,
    in output: String
  ) throws -> Int32 {
    let survey = try run.survey()
    if running.dryRun {
      try printResult(
        Terminal.visible(
          run.plan(
            survey, metrics: metrics, permutations: permutations,
            memory: run.memoryForRanking(survey, metrics: metrics))))
      try run.checkMemory(survey, metrics: metrics)
      return run.exitCode(skipped: survey.skipped)
    }
    try run.checkMemory(survey, metrics: metrics)
    try check(output)
    try cache.checkFolder()
    let folder = try OutputFolder(output)
    defer { folder.release() }
    let content = try content(
      &run, survey, metrics, rankedBy: ranking, cache: cache.folder(default: output + "/.cache"))
    // What the comparison noted was told when it was noted.
    for sentence in content.checkSentences where !content.checks.notes.contains(sentence) {
      run.terminal.note(sentence)
    }
    _ = try run.stopwatch.measure("write") {
      try asWritingFailure { try Report(content).write(to: folder) }
    }
    let page = output + "/report.html"
    if running.json {
      try printResult(ReportSummary(content, page: page).json())
    } else {
      try printResult(ShortRanking(content, page: page).text)
    }
    return run.exitCode(skipped: content.activations.skipped)
  }

  /// Everything that the report tells.
  func content(
    _ run: inout Run, _ survey: Survey, _ metrics: [any SimilarityMetric],
    rankedBy ranking: any SimilarityMetric, cache: String?
  ) throws -> ReportContent {
    let activations = try shuffled(try run.load(survey), run.terminal)
    try run.refuseSkippedIfStrict(activations.skipped)
    let comparison = try run.compare(activations, metrics, cache: cache)
    let calibrations = try calibrations(&run, activations, comparison, metrics)
    let waterfall = try waterfall(&run, activations)
    let (findings, reason) = try findings(&run, activations, comparison, ranking)
    let directions = try run.sharedDirections(
      of: activations, permutations: permutations, seed: seed)
    let features = try run.featuresForReport(of: activations, seed: seed)
    let cards = try run.cards(of: activations, directions: directions, features: features)
    let checks = try run.checks(
      of: activations, comparison, findings: findings, metrics: metrics, rankedBy: ranking,
      seed: seed)
    var content = ReportContent(
      activations: activations, matrices: comparison.matrices, calibrations: calibrations,
      familyStatistics: FamilyStatistics.all(
        of: activations, comparison: comparison, metrics: metrics, seed: seed),
      sharedDirections: directions, features: features, cards: cards,
      waterfall: waterfall,
      dynamics: comparison.matrices.first { $0.metric == ranking.name }.flatMap {
        Dynamics(of: activations, $0)
      },
      layerIdentifications: comparison.matrices.compactMap {
        LayerIdentification(of: activations, $0, permutations: permutations, seed: seed)
      },
      findings: findings,
      reasonWithoutFindings: reason, diagnostics: comparison.diagnostics,
      run: run.record(
        seed: seed,
        options: [
          "metric": metrics.map(\.name).joined(separator: " "), "rank-by": ranking.name,
          "pool": reading.pool.rawValue, "join": reading.join.rawValue,
          "nan": reading.nan.rawValue, "permutations": "\(permutations)",
          "bootstrap": "\(bootstrap)", "shuffle": shuffle.rawValue,
        ].merging(comparison.routes.map { ("route of \($0)", $1) }) { mine, _ in mine },
        layout: try survey.layoutYAML()))
    content.checks = checks
    return content
  }

  /// The zoo, or the negative control that was asked for instead.
  private func shuffled(
    _ activations: ActivationSet, _ terminal: Terminal
  ) throws -> ActivationSet {
    guard let warning = shuffle.warning else { return activations }
    terminal.note(warning)
    do {
      var control = try activations.shuffled(shuffle, seed: seed)
      control.notes.append(warning)
      return control
    } catch {
      throw Failure(
        error.description, help: "add labels to the dumps, or use --shuffle all",
        exitCode: Exit.unusable)
    }
  }

  /// What chance gives for each pair, where that is known without a permutation.
  private func calibrations(
    _ run: inout Run, _ activations: ActivationSet, _ comparison: ZooComparison,
    _ metrics: [any SimilarityMetric]
  ) throws -> [CalibrationMatrix] {
    let (threads, terminal) = (run.threads, run.terminal)
    return try run.stopwatch.measure("calibrate") {
      try CalibrationMatrix.matrices(
        of: activations, comparison: comparison, metrics: metrics, threads: threads
      ) { terminal.report($0) }
    }
  }

  /// How much of the similarity goes with the input, untrained twins and labels.
  private func waterfall(_ run: inout Run, _ activations: ActivationSet) throws -> Waterfall? {
    let options = AnalysisOptions(resamples: bootstrap, seed: seed, threads: run.threads)
    let terminal = run.terminal
    return try run.stopwatch.measure("waterfall") {
      try Waterfall(of: activations, options: options) { terminal.report($0) }
    }
  }

  /// The ranking, or the reason why there is none: the matrices are worth a report of their own.
  private func findings(
    _ run: inout Run, _ activations: ActivationSet, _ comparison: ZooComparison,
    _ ranking: any SimilarityMetric
  ) throws -> (Findings?, String?) {
    let options = AnalysisOptions(
      permutations: permutations, resamples: bootstrap, seed: seed, threads: run.threads,
      precision: run.arguments.precision, memory: run.memoryForGrams)
    let terminal = run.terminal
    do {
      var findings = try run.stopwatch.measure("rank") {
        try Findings(
          of: activations, comparison: comparison, rankedBy: ranking, options: options
        ) { terminal.report($0) }
      }
      if let warning = shuffle.warning { findings.limits.insert(warning, at: 0) }
      return (findings, nil)
    } catch let error as RankingImpossible {
      terminal.warning("no ranking: \(error)")
      return (nil, error.description)
    }
  }

  /// Finds out before the work, not after it, that the folder cannot be written to.
  private func check(_ output: String) throws {
    var isDirectory: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: output, isDirectory: &isDirectory)
    if exists, !isDirectory.boolValue {
      throw Failure(
        "\(output) is a file, not a folder", help: "choose another folder with -o",
        exitCode: Exit.unusable)
    }
    if let stranger = OutputFolder.stranger(in: output) {
      throw Failure(
        "\(output) holds files that are no report (\(stranger.visible())), which a report could "
          + "overwrite", help: "choose a new or empty folder with -o", exitCode: Exit.usage)
    }
    do {
      try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
    } catch {
      throw Failure(
        "the folder \(output) cannot be made: \(error.localizedDescription)",
        help: "choose another folder with -o", exitCode: Exit.unusable)
    }
    guard access(output, W_OK) == 0 else {
      throw Failure(
        "the folder \(output) cannot be written to", help: "choose another folder with -o",
        exitCode: Exit.unusable)
    }
  }
}
