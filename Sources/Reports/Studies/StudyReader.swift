import Yams

/// Turns the text of a study into a ``StudyFile``; whatever it does not know is an error.
struct StudyReader {
  let file: String
  private let root: Node

  /// - Throws: ``StudyError`` of kind `unreadable` for text that is no YAML, or uses anchors.
  init(text: String, file: String) throws(StudyError) {
    self.file = file
    if let line = Self.firstAnchor(in: text) {
      throw StudyError(
        file: file, line: line, problem: "anchors (&name) have no place in a study",
        help: "write the values out, or put a text with & in it in other words", kind: .unreadable)
    }
    do {
      // The parser limits how deep lists can be nested.
      guard let root = try Parser(yaml: text, encoding: .utf8).singleRoot() else {
        throw StudyError(
          file: file, problem: "the file is empty", help: "begin with: question: …",
          kind: .unreadable)
      }
      self.root = root
    } catch let error as StudyError {
      throw error
    } catch let error as YamlError {
      throw Self.noYAML(error, file: file)
    } catch {
      throw Self.noYAML(.memory, file: file)
    }
  }

  /// The line of the first `&` that could begin an anchor.
  ///
  /// Aliases of aliases make a short text stand for an endless one, so that none is ever followed. A `&`
  /// after a letter or a digit, or before white space, begins no anchor.
  private static func firstAnchor(in text: String) -> Int? {
    let bytes = Array(text.utf8)
    let place = bytes.indices.first { index in
      guard bytes[index] == UInt8(ascii: "&") else { return false }
      let follows = index + 1 < bytes.count ? bytes[index + 1] : UInt8(ascii: " ")
      if [UInt8(ascii: " "), 9, 10, 13].contains(follows) { return false }
      guard index > 0 else { return true }
      switch bytes[index - 1] {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        return false
      default: return true
      }
    }
    return place.map { place in bytes[..<place].count { $0 == UInt8(ascii: "\n") } + 1 }
  }

  private static func noYAML(_ error: YamlError, file: String) -> StudyError {
    var (line, problem): (Int?, String) = (nil, "")
    switch error {
    case .scanner(_, let text, let mark, _), .parser(_, let text, let mark, _),
      .composer(_, let text, let mark, _):
      (line, problem) = (mark.line, text)
    case .reader(let text, _, _, _): problem = text
    case .duplicatedKeysInMapping(let keys, let context):
      (line, problem) = (context.mark.line, "the key \(keys.joined(separator: ", ")) occurs twice")
    default: problem = "\(error)"
    }
    return StudyError(
      file: file, line: line, problem: "no YAML: \(problem)",
      help: "globs and other texts that begin with * or [ need quotation marks: '*/conv*'",
      kind: .unreadable)
  }

  /// The whole study.
  func study() throws(StudyError) -> StudyFile {
    let top = try mapping(root, key: nil)
    let common = Self.runKeys + ["question", "runs"]
    try refuseOthers(than: common, in: top, key: nil)
    guard let runs = top["runs"] else {
      throw missing("runs", nil, "a run for the study and for each control")
    }
    guard let question = top["question"] else {
      throw missing("question", nil, "the question in a sentence")
    }
    let list = try entries(runs, key: "runs")
    guard !list.isEmpty, list.count <= StudyFile.mostRuns else {
      throw fault(
        runs, "runs", "\(list.count) runs; 1 to \(StudyFile.mostRuns) are possible",
        help: "a run begins with its name, such as study:")
    }
    var result: [StudyFile.Run] = []
    for (name, node) in list { result.append(try run(name, node, top)) }
    return StudyFile(question: try text(question, key: "question"), runs: result)
  }

  private static let runKeys =
    ["dumps"] + StudyFile.options.map(\.name) + ["results", "figures"]

  private func run(
    _ name: String, _ node: Node, _ common: [String: Node]
  ) throws(StudyError) -> StudyFile.Run {
    let key = "runs.\(name)"
    guard name.utf8.count <= 40, name.wholeMatch(of: /[a-z0-9]+(-[a-z0-9]+)*/) != nil else {
      throw fault(
        node, key, "not a name for a run",
        help: "lower-case letters, digits and hyphens, such as negative-control; 40 at most")
    }
    let own = try mapping(node, key: key)
    try refuseOthers(than: Self.runKeys, in: own, key: key)
    func place(_ option: String) -> (node: Node, key: String)? {
      own[option].map { ($0, "\(key).\(option)") } ?? common[option].map { ($0, option) }
    }
    guard let dumps = place("dumps") else {
      throw missing("dumps", key, "the files or folders with the activations")
    }
    var settings: [StudyFile.Setting] = []
    for option in StudyFile.options {
      guard let place = place(option.name) else { continue }
      settings.append(
        StudyFile.Setting(
          option: option.name, values: try values(place.node, place.key, option.kind)))
    }
    var run = StudyFile.Run(
      name: name, dumps: try values(dumps.node, dumps.key, .texts), settings: settings,
      results: [], figures: [])
    if let place = place("results") {
      run.results = try names(place.node, place.key, isTable: true)
    }
    if let place = place("figures") {
      run.figures = try names(place.node, place.key, isTable: false)
    }
    guard !run.results.isEmpty || !run.figures.isEmpty else {
      throw missing("results", key, "the tables to keep, such as [families.csv]")
    }
    return run
  }

  // MARK: Values

  private func values(
    _ node: Node, _ key: String, _ kind: StudyFile.Kind
  ) throws(StudyError) -> [String] {
    switch kind {
    case .text: return [try text(node, key: key)]
    case .number:
      let value = try text(node, key: key, as: kind)
      guard UInt64(value) != nil, node.scalar?.style == .plain || node.scalar?.style == .any else {
        throw fault(node, key, "'\(value)' is not a whole number from 0", help: "such as 200")
      }
      return [value]
    case .texts:
      guard case .sequence(let sequence) = node else { return [try text(node, key: key, as: kind)] }
      guard !sequence.isEmpty else {
        throw fault(node, key, "an empty list", help: "name at least one, or leave the key out")
      }
      var result: [String] = []
      for item in sequence { result.append(try text(item, key: key)) }
      return result
    }
  }

  /// Names of files: never a path, and each once.
  private func names(_ node: Node, _ key: String, isTable: Bool) throws(StudyError) -> [String] {
    let names = try values(node, key, .texts)
    for name in names {
      let fits =
        isTable
        ? name.wholeMatch(of: /[a-z0-9]+([_-][a-z0-9]+)*\.csv/) != nil
        : name.wholeMatch(of: /[a-z0-9]+(-[a-z0-9]+)*/) != nil
      guard fits else {
        throw fault(
          node, key, "'\(name)' is no \(isTable ? "table" : "figure") of a report",
          help: isTable
            ? "a name such as families.csv; pages and arrays hold paths and are not kept"
            : "a name without ending, such as ranking-families")
      }
    }
    guard Set(names).count == names.count else {
      throw fault(node, key, "a name occurs twice", help: "name each file once")
    }
    return names
  }

  /// A text that is not empty.
  private func text(
    _ node: Node, key: String, as kind: StudyFile.Kind = .text
  ) throws(StudyError) -> String {
    guard case .scalar(let scalar) = node else {
      throw fault(
        node, key, "\(Self.word(node)), where \(kind.rawValue) is expected",
        help: "write \(key.split(separator: ".").last ?? ""): VALUE")
    }
    guard !scalar.string.isEmpty else {
      throw fault(
        node, key, "the value is missing; \(kind.rawValue) is expected",
        help: "write a value behind the colon, or leave the key out")
    }
    guard !scalar.string.utf8.contains(0) else {
      throw fault(node, key, "a NUL character", help: "leave it out")
    }
    return scalar.string
  }

  private func mapping(_ node: Node, key: String?) throws(StudyError) -> [String: Node] {
    // The parser has refused keys that occur twice.
    Dictionary(try entries(node, key: key)) { first, _ in first }
  }

  private func entries(_ node: Node, key: String?) throws(StudyError) -> [(String, Node)] {
    guard case .mapping(let mapping) = node else {
      throw fault(
        node, key, "\(Self.word(node)), where keys with values are expected",
        help: "write lines of the form KEY: VALUE")
    }
    var result: [(String, Node)] = []
    for pair in mapping { result.append((try text(pair.key, key: key ?? "key"), pair.value)) }
    return result
  }

  private static func word(_ node: Node) -> String {
    switch node {
    case .scalar(let scalar): scalar.string.isEmpty ? "nothing" : "the text '\(scalar.string)'"
    case .mapping: "keys with values"
    case .sequence: "a list"
    case .alias: "an alias"
    }
  }

  // MARK: Faults

  private func refuseOthers(
    than known: [String], in mapping: [String: Node], key: String?
  ) throws(StudyError) {
    let unknown = mapping.filter { !known.contains($0.key) }
      .min { ($0.value.mark?.line ?? 0, $0.key) < ($1.value.mark?.line ?? 0, $1.key) }
    guard let unknown else { return }
    throw fault(
      unknown.value, key, "unknown key '\(unknown.key)'",
      help: "known keys: \(known.joined(separator: ", "))")
  }

  private func missing(_ name: String, _ key: String?, _ meaning: String) -> StudyError {
    StudyError(
      file: file, key: key, problem: "the key '\(name)' is missing",
      help: "\(name): \(meaning)", kind: .unfitting)
  }

  private func fault(_ node: Node, _ key: String?, _ problem: String, help: String) -> StudyError {
    StudyError(
      file: file, line: node.mark?.line, key: key, problem: problem, help: help, kind: .unfitting)
  }
}
