/// Why there is nothing to analyse: the user must decide something, or no input is usable.
///
/// One damaged file or layer never throws; it becomes a ``SkippedInput``.
public enum ReadingError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The meaning of axes cannot be told from the files, and is not guessed.
  case ambiguous([Ambiguity])
  /// Nothing is left to analyse, with all that was left out.
  case nothingUsable(reason: String, help: String, skipped: [SkippedInput])
  /// A path that does not exist or is of the wrong kind.
  case badPath(path: String, reason: String, help: String)
  /// An option whose value cannot be used.
  case badOption(option: String, reason: String, help: String)

  /// Datasets of one model whose axes could mean more than one thing.
  public struct Ambiguity: Sendable, Equatable {
    public var file: String
    public var model: String
    /// The datasets concerned, with their shapes as text.
    public var datasets: [String]
    /// Why the axes cannot be told.
    public var reason: String
    /// The rules to choose from; the user gives one as `--dims`.
    public var choices: [DimsRule]

    public init(
      file: String, model: String, datasets: [String], reason: String, choices: [DimsRule]
    ) {
      self.file = file
      self.model = model
      self.datasets = datasets
      self.reason = reason
      self.choices = choices
    }

    /// The choices as a user types them, such as `--dims 'model/*=n d'`.
    public var flags: [String] {
      choices.map { rule in
        let dims = rule.dims.map(String.init).joined(separator: " ")
        let quoted = rule.glob.split(separator: "'", omittingEmptySubsequences: false)
          .joined(separator: "'\\''")
        return "--dims '\(quoted)=\(dims)'"
      }
    }
  }

  public var description: String {
    switch self {
    case .ambiguous(let list):
      var lines: [String] = []
      for item in list.prefix(3) {
        let names = NoteBook.abridged(item.datasets, separator: ", ")
        // A name must not begin a line of its own.
        lines.append(
          "\(item.file): \(names): \(item.reason)".split(whereSeparator: \.isNewline)
            .joined(separator: "\\n"))
      }
      if list.count > 3 { lines.append("and \(list.count - 3) more models") }
      return lines.joined(separator: "\n")
    case .nothingUsable(let reason, _, _): return reason
    case .badPath(let path, let reason, _): return "\(path): \(reason)"
    case .badOption(let option, let reason, _): return "\(option): \(reason)"
    }
  }

  /// What to do about it.
  public var help: String {
    switch self {
    case .ambiguous(let list):
      let shown = list.prefix(3).map { $0.flags.joined(separator: "  or  ") }
      return "say what the axes mean: " + shown.joined(separator: "; and ")
    case .nothingUsable(_, let help, _), .badPath(_, _, let help), .badOption(_, _, let help):
      return help
    }
  }

  /// The exit code of the command: 3 ambiguous, 4 unusable input, 64 usage.
  public var exitCode: Int32 {
    switch self {
    case .ambiguous: 3
    case .nothingUsable, .badPath: 4
    case .badOption: 64
    }
  }
}
