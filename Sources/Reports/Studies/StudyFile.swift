import Foundation

/// A study: a question, the runs that answer it, and which of their results are kept.
///
/// It is read from a file such as
///
/// ```yaml
/// question: Which architecture's features are most universal?
/// dumps: ../../datasets/digits-zoo
/// metric: [cka-debiased, cka, svcca]
/// runs:
///   study:
///     results: [families.csv]
///     figures: [ranking-families]
///   negative-control:
///     shuffle: all
///     results: [families.csv]
/// ```
///
/// A run has the options of `universality report` by the same names; what stands beside `question` holds
/// for every run that does not say otherwise. Paths are relative to the folder of the file.
public struct StudyFile: Sendable, Equatable {
  /// One report, of which some files are kept.
  public struct Run: Sendable, Equatable {
    /// Lower-case letters, digits and hyphens: the folder of its files.
    public var name: String
    /// Where the dumps are: files, folders, globs, lists.
    public var dumps: [String]
    /// The options that are given, always in the same order; each has at least one value.
    public var settings: [Setting]
    /// Tables of the report, such as `families.csv` or, of a figure, `depth.csv`.
    public var results: [String]
    /// Figures of the report without their ending, such as `depth`.
    public var figures: [String]

    /// The same run as words of the command line after `universality report`.
    public var arguments: [String] {
      settings.flatMap { setting in setting.values.map { "--\(setting.option)=\($0)" } }
        + ["--"] + dumps
    }

    /// The command that gives the whole report, for a shell in the folder of the file.
    public var command: String {
      (["universality", "report"] + arguments).map(\.shellQuoted).joined(separator: " ")
    }
  }

  /// An option with its values.
  public struct Setting: Sendable, Equatable {
    public var option: String
    public var values: [String]
  }

  /// What kind of value an option takes.
  enum Kind: String, Sendable {
    case text = "a text"
    case number = "a whole number"
    case texts = "a text or a list of texts"
  }

  /// The options of a run, named as those of `universality report`. The others belong to the command
  /// line: they are about this machine and this moment, and change no result.
  static let options: [(name: String, kind: Kind)] = [
    ("metric", .texts), ("rank-by", .text), ("permutations", .number), ("bootstrap", .number),
    ("seed", .number), ("shuffle", .text), ("pool", .text), ("dims", .texts), ("layout", .text),
    ("select", .texts), ("exclude", .texts), ("ids", .text), ("join", .text), ("metadata", .text),
    ("nan", .text), ("precision", .text),
  ]

  public var question: String
  /// At least one, in the order of the file.
  public var runs: [Run]

  /// The largest file that is read; a study is a page of text.
  static let mostBytes = 1 << 16
  static let mostRuns = 32
}

extension StudyFile {
  /// Reads a file.
  ///
  /// - Throws: ``StudyError``, of kind ``StudyError/Kind/unreadable`` where it is no file of text in
  ///   YAML, else ``StudyError/Kind/unfitting``.
  public init(path: String) throws(StudyError) {
    try self.init(text: try Self.text(of: path), file: path)
  }

  /// Reads a text; `file` is its name for messages.
  ///
  /// - Throws: ``StudyError``.
  public init(text: String, file: String) throws(StudyError) {
    self = try StudyReader(text: text, file: file).study()
  }

  private static func text(of path: String) throws(StudyError) -> String {
    func unreadable(_ problem: String) -> StudyError {
      StudyError(
        file: path, problem: problem,
        help: "name the analysis.yaml of a study; Analyses/ in the repository holds examples",
        kind: .unreadable)
    }
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
      throw unreadable("there is no such file")
    }
    if isDirectory.boolValue { throw unreadable("it is a folder") }
    let attributes = try? FileManager.default.attributesOfItem(
      atPath: URL(fileURLWithPath: path).resolvingSymlinksInPath().path)
    // A pipe or a device may never end.
    guard attributes?[.type] as? FileAttributeType == .typeRegular,
      let handle = FileHandle(forReadingAtPath: path),
      let data = try? handle.read(upToCount: mostBytes + 1)
    else { throw unreadable("it cannot be read") }
    guard data.count <= mostBytes else {
      throw unreadable("it is longer than \(mostBytes / 1024) KiB, which no study needs")
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw unreadable("it is not UTF-8 text")
    }
    return text
  }
}
