/// Notes of one kind brought together: a zoo of 60 models with the same peculiarity yields one
/// sentence with three examples, not 60 sentences.
struct NoteBook: Sendable, Equatable {
  private var kinds: [String] = []
  private var examples: [String: [String]] = [:]

  /// Adds an example of a kind of note. The kind is a clause that a colon may follow.
  mutating func add(_ kind: String, _ example: String) {
    if examples[kind] == nil { kinds.append(kind) }
    examples[kind, default: []].append(example)
  }

  /// Adds a sentence that stands for itself.
  mutating func add(_ sentence: String) {
    if examples[sentence] == nil { kinds.append(sentence) }
    examples[sentence] = examples[sentence] ?? []
  }

  /// Adds all of another book.
  mutating func add(_ other: NoteBook) {
    for kind in other.kinds {
      let list = other.examples[kind] ?? []
      if list.isEmpty { add(kind) }
      for example in list { add(kind, example) }
    }
  }

  /// One sentence a kind, in the order in which the kinds came up.
  var sentences: [String] {
    kinds.map { kind in
      let list = examples[kind] ?? []
      return list.isEmpty ? kind : "\(kind): \(NoteBook.abridged(list))."
    }
  }

  /// Up to three items, and how many more there are.
  static func abridged(_ list: [String], separator: String = "; ") -> String {
    let shown = list.prefix(3).joined(separator: separator)
    return list.count > 3 ? "\(shown) and \(list.count - 3) more" : shown
  }
}
