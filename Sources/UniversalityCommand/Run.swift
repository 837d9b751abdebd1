import Activations
import Foundation
import HDF5
import LinearAlgebra
import Metrics
import Reports
import Zoo

/// The part that all analyses have in common: survey, plan, read, compare.
struct Run {
  let reading: ReadingArguments
  let arguments: RunArguments
  let terminal: Terminal
  /// Opens the dumps, each in a process of its own.
  let reader: IsolatedReader
  var stopwatch = Stopwatch()

  var threads: Int { arguments.threads ?? Parallel.coreCount }

  init(reading: ReadingArguments, arguments: RunArguments) {
    self.reading = reading
    self.arguments = arguments
    terminal = Terminal(isQuiet: arguments.quiet, color: arguments.color)
    reader = IsolatedReader(threads: arguments.threads ?? Parallel.coreCount)
  }

  mutating func survey() throws -> Survey {
    let options = try reading.options()
    let (paths, reader) = (reading.paths, reader)
    let survey = try stopwatch.measure("survey") {
      try Survey.of(paths: paths, options: options, reader: reader)
    }
    if let confinement = try? reader.confinement(), !confinement.isComplete {
      terminal.note(
        "This system does not confine the process that reads files by all means "
          + "(\(confinement.inWords)); SECURITY.md says what that leaves open.")
    }
    return survey
  }

  /// Refuses a plan that cannot fit before anything is read.
  func checkMemory(_ survey: Survey) throws {
    let needed = memoryNeeded(survey)
    let available = Stopwatch.availableMemory.map { $0 / 4 * 3 }
    guard let budget = arguments.memory?.bytes ?? available, needed > budget else { return }
    throw Failure(
      "the run needs about \(Self.size(needed)) of memory; the budget is \(Self.size(budget))",
      help: "--memory \(needed / 1_000_000 + 1)MB is the smallest that would do; or leave layers "
        + "out with --select and --exclude",
      exitCode: Exit.outOfResources)
  }

  /// The activations, the factors of one metric, a shuffled or shortened copy a thread, and what the
  /// program itself and its tables take (measured on the sample zoo).
  func memoryNeeded(_ survey: Survey) -> Int {
    (3 + threads) * survey.bytesWhenLoaded + 200_000_000
  }

  static func size(_ bytes: Int) -> String {
    let value = Double(bytes)
    return value >= 1e9
      ? String(format: "%.1f GB", value / 1e9) : String(format: "%.0f MB", value / 1e6)
  }

  mutating func load(_ survey: Survey) throws -> ActivationSet {
    let (threads, terminal, reader) = (threads, terminal, reader)
    let set = try stopwatch.measure("read") {
      try survey.load(reader: reader, threads: threads) { done, total in
        terminal.report(WorkProgress(stage: "reading", done: done, total: total))
      }
    }
    for note in set.notes { terminal.note(note) }
    for input in set.skipped where input.isFault { terminal.warning(Self.sentence(input)) }
    return set
  }

  mutating func compare(
    _ activations: ActivationSet, _ metrics: [any SimilarityMetric], withDiagnostics: Bool
  ) throws -> ZooComparison {
    let (threads, terminal) = (threads, terminal)
    return try stopwatch.measure("compare") {
      try ZooComparison(
        of: activations, metrics: metrics, withDiagnostics: withDiagnostics, threads: threads
      ) { terminal.report($0) }
    }
  }

  static func sentence(_ input: SkippedInput) -> String {
    let place = input.object.map { "\(input.file): \($0)" } ?? input.file
    return "skipped \(place): \(input.reason)".onOneLine
      + (input.help.map { "\n  help: \($0.onOneLine)" } ?? "")
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
    RunRecord(
      version: UniversalityTool.version,
      command: ["universality"] + CommandLine.arguments.dropFirst(), seed: seed, options: options,
      threads: threads, blas: "\(BLASLibrary.configuration) (\(BLASLibrary.coreType))",
      libraries: [
        "HDF5": HDF5Library.version,
        "HDF5 reading": (try? reader.confinement().inWords) ?? "no process was needed",
      ], precision: "double", stages: stopwatch.stages,
      peakMemory: Stopwatch.peakMemory,
      started: ISO8601DateFormatter().string(from: stopwatch.started),
      layout: layout)
  }

  /// What would be done, for `--dry-run`.
  func plan(_ survey: Survey, metrics: [any SimilarityMetric], permutations: Int) -> String {
    let layers = survey.layers.count
    let pairs = layers * (layers - 1) / 2
    let samples = survey.layers.map(\.samples).max() ?? 0
    let features = survey.layers.reduce(0) { $0 + $1.features }
    // Measured: about 40 GFlop/s a core over reading, preparing and comparing in double precision.
    let product = Double(samples) * Double(features) * Double(features)
    let operations = product * Double(metrics.count) + 2 * product * Double(permutations + 50)
    let seconds = operations / (40e9 * Double(threads)) + Double(survey.bytesWhenLoaded) / 2e8
    var lines = [
      "\(survey.models.count) models, \(layers) layers, \(samples) samples at most, "
        + "\(features) features in all",
      "\(pairs) pairs under \(metrics.map(\.name).joined(separator: ", "))",
      "about \(Self.size(memoryNeeded(survey))) of memory, roughly "
        + "\(Terminal.duration(seconds)) on \(threads) threads",
    ]
    lines += survey.skipped.filter(\.isFault).map(Self.sentence)
    return lines.joined(separator: "\n")
  }
}
