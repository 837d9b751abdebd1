/// Why a study cannot be run, with the place in its file.
public struct StudyError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What is wrong with the file.
  public enum Kind: Sendable {
    /// It is no text in YAML, or cannot be read at all.
    case unreadable
    /// It is, but says what no study can say.
    case unfitting
  }

  public var file: String
  /// The line, from 1, where it is known.
  public var line: Int?
  /// The keys that lead to the place, such as `runs.study.seed`.
  public var key: String?
  /// What was found and what is expected.
  public var problem: String
  /// What to do about it.
  public var help: String
  public var kind: Kind

  init(
    file: String, line: Int? = nil, key: String? = nil, problem: String, help: String, kind: Kind
  ) {
    self.file = file
    self.line = line
    self.key = key
    self.problem = problem
    self.help = help
    self.kind = kind
  }

  /// File, line, key and problem, without the help.
  public var message: String {
    file + (line.map { ":\($0)" } ?? "") + ": " + (key.map { "\($0): " } ?? "") + problem
  }

  public var description: String { "\(message)\n  help: \(help)" }
}
