import Activations
import Foundation
import HDF5
import LinearAlgebra
import Metrics
import Reports
import Zoo

/// The part that all analyses have in common: survey, plan, read, compare.
struct Run {
  /// Where the dumps are; `nil` for a run without any.
  let reading: ReadingArguments?
  let arguments: RunSettings
  let terminal: Terminal
  /// Opens the dumps, each in a process of its own.
  let reader: any FileReading
  /// What opens them if they may not lead to others.
  private let isolated: IsolatedReader
  var stopwatch = Stopwatch()
  /// Shards whose results are to be used, all of them and nothing else.
  var shards: MergedShards?

  var threads: Int { arguments.threads ?? Parallel.coreCount }

  init(reading: ReadingArguments?, arguments: RunSettings) {
    self.reading = reading
    self.arguments = arguments
    terminal = Terminal(isQuiet: arguments.quiet, color: arguments.color)
    isolated = IsolatedReader(threads: arguments.threads ?? Parallel.coreCount)
    let allowed = reading?.allowed ?? []
    reader = allowed.isEmpty ? isolated : LinkingReader(isolated, allowing: allowed)
  }

  mutating func survey() throws -> Survey {
    guard let reading else { preconditionFailure("a survey without paths") }
    let options = try reading.options()
    let (paths, reader) = (reading.paths, reader)
    let survey = try stopwatch.measure("survey") {
      try Survey.of(paths: paths, options: options, reader: reader)
    }
    if !reading.allowed.isEmpty {
      let names = reading.allowed.map(\.rawValue).sorted().joined(separator: ", ")
      terminal.note(
        "As --unsafe-allow asks, dumps may lead to files below their folders: \(names).")
    }
    if let confinement = try? isolated.confinement(), !confinement.isComplete {
      terminal.note(
        "This system does not confine the process that reads files by all means "
          + "(\(confinement.inWords)); SECURITY.md says what that leaves open.")
    }
    return survey
  }

  /// The bytes that the run may take: `--memory`, else three quarters of what is available.
  private var budget: Int {
    arguments.memory?.bytes ?? Stopwatch.availableMemory.map { $0 / 4 * 3 } ?? .max
  }

  /// The plan for the matrices alone. What does not fit in memory is moved to a temporary file.
  ///
  /// - Throws: ``Failure`` before anything is read, with the smallest budget that would do.
  ///
  /// - Parameter layers: Those of the survey that are read; all when it is `nil`.
  func memoryPlan(
    _ survey: Survey, layers: [Int]? = nil, metrics: [any SimilarityMetric]
  ) throws -> MemoryPlan {
    let all = shapes(of: survey)
    do throws(MemoryShortage) {
      return try MemoryPlan(
        shapes: layers.map { $0.map { all[$0] } } ?? all, metrics: metrics, threads: threads,
        budget: budget)
    } catch {
      throw Self.shortage(
        "the similarities need about \(Self.size(error.usual)), or, with values in a temporary file, "
          + "at least \(Self.size(error.smallest))", smallest: error.smallest, budget: budget)
    }
  }

  func shapes(of survey: Survey) -> [RepresentationShape] {
    survey.layers.map {
      RepresentationShape(
        samples: survey.rowCount(of: $0), features: $0.features,
        elementBytes: survey.elementBytes(of: $0), isPooled: $0.shape.count != 2)
    }
  }

  /// Refuses a ranking that cannot fit before anything is read.
  func checkMemory(_ survey: Survey, metrics: [any SimilarityMetric]) throws {
    let needed = memoryForRanking(survey, metrics: metrics)
    guard needed > budget else { return }
    throw Self.shortage(
      "the run needs about \(Self.size(needed))", smallest: needed, budget: budget)
  }

  /// A report keeps the values, and beside them at any time what its hungriest stage needs: the
  /// similarities; the factors of one metric and their Gram matrices, reordered again and again; or, for
  /// the jackknife, everything in double precision.
  func memoryForRanking(_ survey: Survey, metrics: [any SimilarityMetric]) -> Int {
    let shapes = shapes(of: survey)
    let comparison =
      (try? MemoryPlan(shapes: shapes, metrics: metrics, threads: threads, budget: .max))?
      .bytes
    let values = survey.bytesWhenLoaded
    let factors = shapes.reduce(0) { $0 + 8 * $1.samples * min($1.samples, $1.features) }
    let grams = min(memoryForGrams, shapes.reduce(0) { $0 + 4 * $1.samples * $1.samples })
    let doubles = shapes.reduce(0) { $0 + 8 * $1.samples * $1.features }
    let perThread = 96 << 20
    return max(
      comparison ?? 0, values + max(factors + grams, 2 * doubles) + perThread * (1 + threads))
  }

  /// What Gram matrices may take of the budget.
  var memoryForGrams: Int { min(4 << 30, budget / 4) }

  private static func shortage(_ need: String, smallest: Int, budget: Int) -> Failure {
    Failure(
      "the memory budget of \(size(budget)) is too small: \(need)",
      help:
        "--memory \(smallest / 1_000_000 + 1)MB is the least that would do; or leave layers out with "
        + "--select and --exclude",
      exitCode: Exit.outOfResources)
  }

  static func size(_ bytes: Int) -> String {
    let value = Double(bytes)
    return value >= 1e9
      ? String(format: "%.1f GB", value / 1e9) : String(format: "%.0f MB", value / 1e6)
  }

  /// - Parameters:
  ///   - spill: Where the values are kept when they are not to be in memory.
  ///   - layers: Those of the survey that are wanted; all when it is `nil`.
  mutating func load(
    _ survey: Survey, withDigests: Bool = true, spill: SpillFile? = nil, layers: Set<Int>? = nil
  ) throws -> ActivationSet {
    let (threads, terminal, reader) = (threads, terminal, reader)
    let set = try stopwatch.measure("read") {
      try survey.load(
        reader: reader, threads: threads, spill: spill, withDigests: withDigests, layers: layers
      ) { done, total in
        terminal.report(WorkProgress(stage: "reading", done: done, total: total))
      }
    }
    for note in set.notes { terminal.note(note) }
    for input in set.skipped where input.isFault { terminal.warning(Self.sentence(input)) }
    return set
  }

  /// Compares all pairs; what the cache in a folder knows is not computed again, and what is
  /// computed is kept there.
  mutating func compare(
    _ activations: ActivationSet, _ metrics: [any SimilarityMetric], cache folder: String?
  ) throws -> ZooComparison {
    let (run, terminal) = (self, terminal)
    let resources = Resources(threads: threads, precision: arguments.precision)
    let comparison = try stopwatch.measure("compare") {
      let open = try run.ledger(in: folder, activations, metrics)
      defer { run.close(open) }
      return try ZooComparison(
        of: activations, metrics: metrics, resources: resources, ledger: open?.ledger
      ) { terminal.report($0) }
    }
    for note in comparison.notes { terminal.note(note) }
    return comparison
  }

  /// The matrices alone; the values of `activations` are used up.
  mutating func compare(
    emptying activations: inout ActivationSet, _ metrics: [any SimilarityMetric],
    plan: MemoryPlan, spill: SpillFile?, cache folder: String?
  ) throws -> ZooComparison {
    let (run, terminal) = (self, terminal)
    let resources = Resources(
      threads: plan.threads, precision: arguments.precision, workspace: plan.workspace,
      spill: spill)
    let comparison = try stopwatch.measure("compare") {
      let open = try run.ledger(in: folder, activations, metrics)
      defer { run.close(open) }
      return try ZooComparison(
        emptying: &activations, metrics: metrics, withDiagnostics: false, resources: resources,
        ledger: open?.ledger
      ) { terminal.report($0) }
    }
    for note in comparison.notes { terminal.note(note) }
    return comparison
  }

  static func sentence(_ input: SkippedInput) -> String {
    let place = input.object.map { "\(input.file): \($0)" } ?? input.file
    return "skipped \(place): \(input.reason)".visible()
      + (input.help.map { "\n  help: \($0.visible())" } ?? "")
  }

  /// 0, or what skipped inputs are worth.
  func exitCode(skipped: [SkippedInput]) -> Int32 {
    guard skipped.contains(where: \.isFault) else { return Exit.done }
    return arguments.strict ? Exit.unusable : Exit.someSkipped
  }

  /// Under `--strict` nothing is written when something was skipped.
  func refuseSkippedIfStrict(_ skipped: [SkippedInput]) throws {
    let faults = skipped.filter(\.isFault)
    guard arguments.strict, let first = faults.first else { return }
    throw Failure(
      "\(faults.count) input\(faults.count == 1 ? "" : "s") skipped, first "
        + "\(first.object.map { "\(first.file): \($0)" } ?? first.file): \(first.reason)",
      help: "mend it, leave it out with --exclude, or run without --strict",
      exitCode: Exit.unusable)
  }

  func record(seed: UInt64, options: [String: String], layout: String) -> RunRecord {
    var options = options
    if let reading, !reading.allowed.isEmpty {
      options["unsafe-allow"] = reading.allowed.map(\.rawValue).sorted().joined(separator: ", ")
    }
    return RunRecord(
      version: UniversalityTool.version,
      command: ["universality"] + CommandLine.arguments.dropFirst(),
      analysis: shards.map { ["universality"] + $0.batch.request.words }, seed: seed,
      options: options,
      threads: threads, blas: "\(BLASLibrary.configuration) (\(BLASLibrary.coreType))",
      libraries: [
        "HDF5": HDF5Library.version,
        "HDF5 reading": (try? isolated.confinement().inWords) ?? "no process was needed",
      ], precision: arguments.precision.rawValue, stages: stopwatch.stages,
      peakMemory: Stopwatch.peakMemory,
      started: ISO8601DateFormatter().string(from: stopwatch.started),
      layout: layout)
  }

  /// What would be done, for `--dry-run`.
  func plan(
    _ survey: Survey, metrics: [any SimilarityMetric], permutations: Int, memory: Int
  ) -> String {
    let layers = survey.layers.count
    let pairs = layers * (layers - 1) / 2
    let samples = survey.layers.map(\.samples).max() ?? 0
    let features = survey.layers.reduce(0) { $0 + $1.features }
    // Measured: about 40 GFlop/s a core over reading, preparing and comparing in double precision.
    let (n, pairsOfLayers) = (Double(samples), Double(layers) * Double(layers))
    // Of a layer that is wider than the samples are many, no more than n directions count.
    let directions = survey.layers.reduce(0) { $0 + Double(min($1.features, samples)) }
    let linear = min(n * directions * directions, n * n * Double(features) + pairsOfLayers * n * n)
    let others = metrics.count { !($0 is any CenteredProductMetric) }
    let operations =
      linear + n * directions * directions * (Double(others) + 2 * Double(permutations))
    let seconds = operations / (40e9 * Double(threads)) + Double(survey.bytesWhenLoaded) / 2e8
    var lines = [
      "\(survey.models.count) models, \(layers) layers, \(samples) samples at most, "
        + "\(features) features in all",
      "\(pairs) pairs under \(metrics.map(\.name).joined(separator: ", "))",
      "about \(Self.size(memory)) of memory, roughly "
        + "\(Terminal.duration(seconds)) on \(threads) threads",
    ]
    lines += survey.skipped.filter(\.isFault).map(Self.sentence)
    return lines.joined(separator: "\n")
  }
}
