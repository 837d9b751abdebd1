import HDF5

/// The attributes of an object, asked for under the names that different writers use.
struct Attributes: Sendable, Equatable {
  var values: [String: AttributeValue]

  /// The first of `names` that exists and can be read.
  subscript(_ names: String...) -> AttributeValue? {
    for name in names {
      if let value = values[name], !value.isUnreadable { return value }
    }
    return nil
  }

  /// These attributes with those of an inner object laid over them.
  func overlaid(with inner: [String: AttributeValue]) -> Attributes {
    Attributes(values: values.merging(inner) { $1 })
  }
}

extension AttributeValue {
  var isUnreadable: Bool { if case .unreadable = self { true } else { false } }

  /// The value as notes show it.
  var words: String {
    switch self {
    case .string(let text): "'\(text.prefix(60))'"
    case .integer(let number): "\(number)"
    case .real(let number): "\(number)"
    case .boolean(let flag): "\(flag)"
    case .strings(let list): "[" + list.prefix(4).joined(separator: ", ") + "]"
    case .integers(let list): "\(list.prefix(4).map { $0 })"
    case .reals(let list): "\(list.prefix(4).map { $0 })"
    case .unreadable(let reason): reason
    }
  }

  /// The value as text: a string, or a number as a name.
  var text: String? {
    switch self {
    case .string(let text): text.isEmpty ? nil : text
    case .integer(let number): String(number)
    case .strings(let list) where list.count == 1: list[0]
    default: nil
    }
  }

  /// The value as a whole number; text that spells one counts.
  var wholeNumber: Int? {
    switch self {
    case .integer(let number): number
    case .integers(let list) where list.count == 1: list[0]
    case .boolean(let flag): flag ? 1 : 0
    case .real, .reals: realNumber.flatMap { Int(exactly: $0) }
    case .string(let text):
      Int(text.trimmed) ?? Double(text.trimmed).flatMap { Int(exactly: $0) }
    default: nil
    }
  }

  /// The value as a finite real number; text that spells one counts.
  var realNumber: Double? {
    let number: Double? =
      switch self {
      case .real(let number): number
      case .reals(let list) where list.count == 1: list[0]
      case .integer(let number): Double(number)
      case .integers(let list) where list.count == 1: Double(list[0])
      case .string(let text): Double(text.trimmed)
      default: nil
      }
    return number.flatMap { $0.isFinite ? $0 : nil }
  }

  /// The value as yes or no: a boolean, 0 or 1, or a word that says so.
  var truth: Bool? {
    switch self {
    case .boolean(let flag): return flag
    case .string(let text):
      switch text.trimmed.lowercased() {
      case "true", "yes", "1", "trained", "y", "t": return true
      case "false", "no", "0", "untrained", "n", "f": return false
      default: return nil
      }
    default:
      guard let number = wholeNumber, number == 0 || number == 1 else { return nil }
      return number == 1
    }
  }
}

extension String {
  /// The text without white space and null bytes at its ends.
  var trimmed: String {
    let isPadding: (Unicode.Scalar) -> Bool = { $0.properties.isWhitespace || $0 == "\0" }
    var scalars = Substring(self).unicodeScalars
    while let first = scalars.first, isPadding(first) { scalars.removeFirst() }
    while let last = scalars.last, isPadding(last) { scalars.removeLast() }
    return String(scalars)
  }
}
