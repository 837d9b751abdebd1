/// How the results came about.
public struct RunRecord: Sendable, Codable, Equatable {
  /// The version of the toolkit.
  public var version: String
  /// The command line, word by word.
  public var command: [String]
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
    version: String, command: [String], seed: UInt64, options: [String: String] = [:],
    threads: Int, blas: String? = nil, libraries: [String: String] = [:],
    precision: String = "double", stages: [Stage] = [], peakMemory: Int? = nil,
    started: String? = nil, layout: String = ""
  ) {
    self.version = version
    self.command = command
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

  /// The command as the page shows it, quoted for a shell. The output folder is written as `DIR`:
  /// the page of the same analysis is the same wherever it is written to.
  var commandText: String {
    var words: [String] = []
    var isOutput = false
    for word in command {
      if isOutput {
        words.append("DIR")
        isOutput = false
      } else if word.hasPrefix("--output=") {
        words.append("--output=DIR")
      } else {
        isOutput = word == "-o" || word == "--output"
        words.append(word.shellQuoted)
      }
    }
    return words.joined(separator: " ")
  }
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
