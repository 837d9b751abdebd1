/// A pattern on names: `*` any run of characters (`/` too), `?` one character, `[abc]`, `[a-z]` and
/// `[!abc]` one character of a set. Everything else stands for itself, as does a `[` that is never
/// closed.
struct Glob: Sendable {
  private enum Part: Sendable {
    case run
    case any
    case literal(Character)
    case set([ClosedRange<Character>], negated: Bool)

    func accepts(_ character: Character) -> Bool {
      switch self {
      case .run, .any: true
      case .literal(let wanted): wanted == character
      case .set(let ranges, let negated):
        ranges.contains { $0.contains(character) } != negated
      }
    }

    var isRun: Bool { if case .run = self { true } else { false } }
  }

  private let parts: [Part]

  init(_ pattern: String) {
    let characters = Array(pattern)
    var parts: [Part] = []
    var index = 0
    while index < characters.count {
      switch characters[index] {
      case "*":
        if parts.last?.isRun != true { parts.append(.run) }
      case "?": parts.append(.any)
      case "[":
        if let (set, end) = Glob.set(in: characters, from: index) {
          parts.append(set)
          index = end
        } else {
          parts.append(.literal("["))
        }
      default: parts.append(.literal(characters[index]))
      }
      index += 1
    }
    self.parts = parts
  }

  /// Whether the whole of `name` fits the pattern.
  ///
  /// O(pattern × name) at worst: only the last `*` is ever reconsidered.
  func matches(_ name: String) -> Bool {
    let characters = Array(name)
    var part = 0
    var index = 0
    var retry: (part: Int, index: Int)?
    while index < characters.count {
      if part < parts.count, parts[part].isRun {
        retry = (part, index)
        part += 1
      } else if part < parts.count, parts[part].accepts(characters[index]) {
        part += 1
        index += 1
      } else if let last = retry {
        retry = (last.part, last.index + 1)
        part = last.part + 1
        index = last.index + 1
      } else {
        return false
      }
    }
    return parts[part...].allSatisfy(\.isRun)
  }

  /// A pattern that fits `name` alone.
  static func literal(_ name: String) -> String {
    name.map { "*?[".contains($0) ? "[\($0)]" : String($0) }.joined()
  }

  /// Whether `text` holds a character with a meaning in patterns.
  static func isPattern(_ text: String) -> Bool { text.contains { "*?[".contains($0) } }

  /// The set that opens at `start` and the index of its closing bracket.
  private static func set(in characters: [Character], from start: Int) -> (Part, Int)? {
    var index = start + 1
    var negated = false
    if index < characters.count, characters[index] == "!" || characters[index] == "^" {
      negated = true
      index += 1
    }
    var ranges: [ClosedRange<Character>] = []
    let first = index
    while index < characters.count {
      if characters[index] == "]" && index > first {
        return (.set(ranges, negated: negated), index)
      }
      if index + 2 < characters.count, characters[index + 1] == "-", characters[index + 2] != "]",
        characters[index] <= characters[index + 2]
      {
        ranges.append(characters[index]...characters[index + 2])
        index += 3
      } else {
        ranges.append(characters[index]...characters[index])
        index += 1
      }
    }
    return nil
  }
}
