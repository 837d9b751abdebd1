/// How the results came about.
public struct RunRecord: Sendable, Codable, Equatable {
  /// The version of the toolkit.
  public var version: String
  /// The command line, word by word.
  public var command: [String]
  /// The command whose results these are, where it is another one: shards are merged by one, and were
  /// made by another.
  public var analysis: [String]?
  public var seed: UInt64
  /// The options in force, defaults included, by name.
  public var options: [String: String]
  public var threads: Int
  /// The BLAS library and the processor type that it chose, such as `OpenBLAS 0.3.21 SkylakeX`.
  public var blas: String?
  /// The versions of the libraries, by name.
  public var libraries: [String: String]
  /// `double` or `single`.
  public var precision: String
  public var stages: [Stage]
  /// The largest resident memory of the process, in bytes.
  public var peakMemory: Int?
  /// When the run began, ISO 8601. No other file of a report contains a clock.
  public var started: String?
  /// Every decision of the reader, as YAML, ready for `--layout`.
  public var layout: String

  /// A stage of the run and how long it took.
  public struct Stage: Sendable, Codable, Equatable {
    public var name: String
    public var seconds: Double

    public init(name: String, seconds: Double) {
      self.name = name
      self.seconds = seconds
    }
  }

  public init(
    version: String, command: [String], analysis: [String]? = nil, seed: UInt64,
    options: [String: String] = [:],
    threads: Int, blas: String? = nil, libraries: [String: String] = [:],
    precision: String = "double", stages: [Stage] = [], peakMemory: Int? = nil,
    started: String? = nil, layout: String = ""
  ) {
    self.version = version
    self.command = command
    self.analysis = analysis
    self.seed = seed
    self.options = options
    self.threads = threads
    self.blas = blas
    self.libraries = libraries
    self.precision = precision
    self.stages = stages
    self.peakMemory = peakMemory
    self.started = started
    self.layout = layout
  }

  /// The command as the page shows it, quoted for a shell: what decides about the results and nothing
  /// else, so that the page of the same analysis is the same wherever and however it was made.
  var commandText: String {
    var words: [String] = []
    var isValueLeftOut = false
    for word in analysis ?? command {
      let name = word.prefix { $0 != "=" }
      if isValueLeftOut {
        isValueLeftOut = false
      } else if Self.withValue.contains(String(name)) {
        isValueLeftOut = name == word
      } else if !Self.flags.contains(word) {
        words.append(word.shellQuoted)
      }
    }
    return words.joined(separator: " ")
  }

  /// Options that say where results go and what the machine may be used for.
  private static let withValue: Set<String> = [
    "-o", "--output", "--cache", "--memory", "--threads", "--color", "--shard",
  ]
  private static let flags: Set<String> = ["--no-cache", "--quiet", "--json", "--strict"]
}

extension String {
  /// As one word of a shell.
  var shellQuoted: String {
    let plain = unicodeScalars.allSatisfy { scalar in
      scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
        || "-_./:=,+@%".unicodeScalars.contains(scalar)
    }
    if plain, !isEmpty { return self }
    return "'" + split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
      + "'"
  }
}
