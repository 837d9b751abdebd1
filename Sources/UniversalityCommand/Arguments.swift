public import Activations
public import ArgumentParser
import Foundation
import HDF5
public import LinearAlgebra
import Metrics
import Reports
public import Universality

/// Where the dumps are and how they are to be read.
struct ReadingArguments: ParsableArguments {
  @Argument(help: "Files, folders (searched recursively), globs, or @list.txt.")
  var paths: [String]

  @Option(help: ArgumentHelp("How an N-D activation becomes samples × features.", valueName: "how"))
  var pool: Pooling = .mean

  @Option(
    help: ArgumentHelp(
      "What the axes mean: n samples, c or d features, l layers, other letters positions; for all "
        + "datasets ('n c h w') or for some ('GLOB=n l d'). Repeatable.", valueName: "dims"))
  var dims: [String] = []

  @Option(
    help: ArgumentHelp(
      "Replay the decisions of an earlier run from its layout.yaml.", valueName: "file"))
  var layout: String?

  @Option(
    help: ArgumentHelp("Only layers whose model/layer matches. Repeatable.", valueName: "glob"))
  var select: [String] = []

  @Option(help: ArgumentHelp("No layers whose model/layer matches. Repeatable.", valueName: "glob"))
  var exclude: [String] = []

  @Option(
    help: ArgumentHelp(
      "The dataset with the sample ids, or 'positional': row i is the same stimulus everywhere. "
        + "(default: found in the dump)", valueName: "path"))
  var ids: String?

  @Option(help: ArgumentHelp("Samples that not all dumps have: keep the common ones, or refuse."))
  var join: Join = .intersect

  @Option(
    help: ArgumentHelp(
      "A CSV with a column model and any of family, trained, step, accuracy, seed, parameters, role.",
      valueName: "file"))
  var metadata: String?

  @Option(help: "What to do with NaN and infinite values.")
  var nan: MissingValuePolicy = .error

  @Option(
    help: ArgumentHelp(
      "Follow what is never followed otherwise, below the folder of the dump and nowhere else: "
        + "soft-links, external-links or external-storage. Repeatable.", valueName: "what"))
  var unsafeAllow: [String] = []

  func validate() throws {
    for name in unsafeAllow where UnsafeFeature(rawValue: name) == nil {
      let known = UnsafeFeature.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError(
        ["virtual-datasets", "user-defined-links", "filter-plugins"].contains(name)
          ? "--unsafe-allow \(name): these are never read; copy the data into one plain dataset, "
            + "such as with h5py: new[...] = old[...]"
          : "--unsafe-allow '\(name)': it takes \(known)")
    }
  }

  /// What may be followed.
  var allowed: Set<UnsafeFeature> { Set(unsafeAllow.compactMap(UnsafeFeature.init)) }

  func options() throws -> ReadingOptions {
    ReadingOptions(
      pooling: pool, dims: try dims.map(Self.rule), select: select, exclude: exclude,
      ids: ids.map { $0 == "positional" ? .positional : .dataset($0) } ?? .found, join: join,
      missing: nan, metadata: metadata, layout: layout)
  }

  /// `n c h w` or `GLOB=n c h w`; the glob itself may contain `=`.
  private static func rule(_ text: String) throws -> DimsRule {
    let equals = text.lastIndex(of: "=")
    let glob = equals.map { String(text[..<$0]) } ?? "*"
    let letters = (equals.map { text[text.index(after: $0)...] } ?? text[...]).filter { $0 != " " }
    guard !letters.isEmpty, letters.allSatisfy(\.isLetter), Set(letters).count == letters.count,
      letters.contains("n")
    else {
      throw ValidationError(
        "--dims '\(text)': one different letter an axis is needed, n for the samples among them, "
          + "such as 'n c h w' or 'vit*/*=n t d'")
    }
    return DimsRule(glob: glob, dims: Array(letters))
  }
}

extension Precision: ExpressibleByArgument {}
extension Pooling: ExpressibleByArgument {}
extension Join: ExpressibleByArgument {}
extension MissingValuePolicy: ExpressibleByArgument {}
extension SampleShuffling: ExpressibleByArgument {}

/// Which metrics, and with what.
struct MetricArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A metric, with parameters if need be: svcca:variance=0.95. Repeatable. "
        + "(default: cka-debiased, cka, svcca)", valueName: "name[:key=value,…]"))
  var metric: [String] = []

  /// The metrics asked for, each once, in order.
  func metrics() throws -> [any SimilarityMetric] {
    var seen: Set<String> = []
    let names = metric.isEmpty ? ["cka-debiased", "cka", "svcca"] : metric
    return try names.map(Self.metric).filter { seen.insert($0.name).inserted }
  }

  static func metric(_ specification: String) throws -> any SimilarityMetric {
    do {
      return try MetricCatalogue.metric(specification)
    } catch let error as MetricSpecificationError {
      throw ValidationError(
        "\(error)\n  help: universality metrics lists all, with their parameters")
    }
  }
}

/// What the machine may be used for.
struct MachineArguments: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The most memory to plan with, such as 8GB. (default: 75 % of what is available)",
      valueName: "size"), transform: ByteCount.init(checking:))
  var memory: ByteCount?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The number of threads. (default: all cores)", valueName: "n"))
  var threads: Int?

  func validate() throws {
    if let threads, threads < 1 { throw ValidationError("--threads must be at least 1") }
    if let memory, memory.bytes < 1_000_000 {
      throw ValidationError("--memory is less than 1MB; is a unit missing, as in 8GB?")
    }
  }
}

/// Whether anything is done at all.
struct DryRunArguments: ParsableArguments {
  @Flag(help: "Say what would be done, with sizes, and stop.")
  var dryRun = false
}

/// What is printed, and what counts as a failure.
struct OutcomeArguments: ParsableArguments {
  @Flag(help: "Skipped input is an error (exit code 4).")
  var strict = false

  @Flag(help: "One JSON object on standard output.")
  var json = false

  @Flag(help: "No progress and no notes on standard error.")
  var quiet = false

  @Option(help: ArgumentHelp("Colour: auto, always or never.", valueName: "when"))
  var color: ColorChoice = .auto
}

/// How the analyses are run that compute similarities of pairs.
struct RunArguments: ParsableArguments {
  @OptionGroup var machine: MachineArguments

  @Option(
    help: ArgumentHelp(
      "Of the large matrix products: double, or single, which is about twice as fast and changes "
        + "values by less than 1e-5.", valueName: "which"))
  var precision: Precision = .double

  @OptionGroup var planning: DryRunArguments
  @OptionGroup var outcome: OutcomeArguments

  var dryRun: Bool { planning.dryRun }
  var json: Bool { outcome.json }
  var settings: RunSettings {
    RunSettings(machine: machine, precision: precision, outcome: outcome)
  }
}

/// What a run needs of its options, whichever of them its command has.
struct RunSettings {
  var memory: ByteCount?
  var threads: Int?
  var precision: Precision
  var strict: Bool
  var quiet: Bool
  var color: ColorChoice

  /// - Parameter machine: All of it when it is `nil`.
  init(
    machine: MachineArguments? = nil, precision: Precision = .double, outcome: OutcomeArguments
  ) {
    memory = machine?.memory
    threads = machine?.threads
    self.precision = precision
    strict = outcome.strict
    quiet = outcome.quiet
    color = outcome.color
  }
}

/// The seed of all random draws.
enum Seed {
  static func parse(_ text: String) throws -> UInt64 {
    guard let seed = UInt64(text) else {
      throw ValidationError("a whole number from 0 to \(UInt64.max) is needed")
    }
    return seed
  }
}

/// Where results are kept between runs.
struct CacheArguments: ParsableArguments {
  @Option(
    name: .customLong("cache"),
    help: ArgumentHelp(
      "The folder in which results are kept, so that later runs, also of other zoos, compute only "
        + "what is new. Delete it to clear it. (default: .cache in the folder of the report; none "
        + "for compare)", valueName: "dir"))
  var folder: String?

  @Flag(help: "Compute everything, and keep nothing.")
  var noCache = false

  func validate() throws {
    if noCache, let folder {
      throw ValidationError("--no-cache and --cache \(folder) exclude each other")
    }
    if folder == "" { throw ValidationError("--cache: the name of a folder is missing") }
  }

  /// Refuses a folder that was named by mistake, before something is put in there.
  func checkFolder() throws {
    guard let folder, !noCache,
      let names = try? FileManager.default.contentsOfDirectory(atPath: folder),
      let first = names.sorted().first, !names.contains(where: { $0.hasPrefix("pairs.sqlite") })
    else { return }
    throw Failure(
      "--cache \(folder): the folder holds other files (\(first.visible())) and no results",
      help: "name a new or empty folder, or one that an earlier run has used as its cache",
      exitCode: Exit.usage)
  }

  /// The folder to use, or `nil` when nothing is to be kept.
  func folder(default standard: String?) -> String? { noCache ? nil : folder ?? standard }
}

enum ColorChoice: String, ExpressibleByArgument, CaseIterable {
  case auto, always, never
}

/// A size such as `512MB`, `8GiB` or `1000000`.
struct ByteCount {
  let bytes: Int

  init(checking text: String) throws {
    let digits = text.prefix { $0.isNumber || $0 == "." }
    let unit = text.dropFirst(digits.count).trimmingSuffix("B").lowercased()
    let factors = [
      "": 1.0, "k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12,
      "ki": 0x1p10, "mi": 0x1p20, "gi": 0x1p30, "ti": 0x1p40,
    ]
    guard let number = Double(digits), let factor = factors[unit], number > 0,
      number * factor < 1e18
    else { throw ValidationError("a size above 0 is needed, such as 512MB or 8GB") }
    bytes = Int(number * factor)
  }
}

extension Substring {
  fileprivate func trimmingSuffix(_ suffix: String) -> Substring {
    lowercased().hasSuffix(suffix.lowercased()) ? dropLast(suffix.count) : self
  }
}
