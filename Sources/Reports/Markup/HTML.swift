import Foundation

/// A piece of HTML or SVG.
///
/// Markup comes from string literals of this package alone; everything interpolated is text and is
/// escaped, unless it is `HTML` already. There is no way to turn a string that exists at run time
/// into markup, so a layer named `<script>` cannot become one:
///
/// ```swift
/// let cell: HTML = "<td>\(layer.name)</td>"
/// ```
struct HTML: Sendable, Equatable {
  private(set) var markup: String

  private init(markup: String) { self.markup = markup }

  static let empty = HTML(markup: "")

  static func + (left: HTML, right: HTML) -> HTML { HTML(markup: left.markup + right.markup) }

  static func += (left: inout HTML, right: HTML) { left.markup += right.markup }

  /// `value` as JSON for a `<script type="application/json">` element.
  ///
  /// Inside a script element nothing is unescaped but nothing may end it either: `<`, `>`, `&` and
  /// the two line separators that JavaScript once refused in strings are written as `\u…`.
  static func json(_ value: some Encodable) throws -> HTML {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let text = String(decoding: try encoder.encode(value), as: UTF8.self)
    var markup = ""
    markup.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "<", ">", "&", "\u{2028}", "\u{2029}":
        let digits = String(scalar.value, radix: 16)
        markup += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: markup.unicodeScalars.append(scalar)
      }
    }
    return HTML(markup: markup)
  }
}

extension HTML: ExpressibleByStringInterpolation {
  /// A literal of this package. `StaticString` keeps run-time strings out.
  init(stringLiteral literal: StaticString) { markup = literal.description }

  init(stringInterpolation: StringInterpolation) { markup = stringInterpolation.markup }

  struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var markup = ""

    init(literalCapacity: Int, interpolationCount: Int) {
      markup.reserveCapacity(literalCapacity + 16 * interpolationCount)
    }

    mutating func appendLiteral(_ literal: StaticString) { markup += literal.description }

    /// Text: escaped, and made visible where it would not be.
    mutating func appendInterpolation(_ text: String) { markup += text.escaped() }

    mutating func appendInterpolation(_ number: Int) { markup += String(number) }

    /// A coordinate: at most two decimals.
    mutating func appendInterpolation(_ coordinate: Double) { markup += coordinate.coordinate }

    mutating func appendInterpolation(_ html: HTML) { markup += html.markup }

    mutating func appendInterpolation(_ list: [HTML]) {
      for html in list { markup += html.markup }
    }
  }
}

extension [HTML] {
  /// The pieces one after the other.
  func joined(separator: HTML = .empty) -> HTML {
    var result = HTML.empty
    for (index, html) in enumerated() {
      if index > 0 { result += separator }
      result += html
    }
    return result
  }
}

extension String {
  /// The string as text of an HTML or SVG element or of a quoted attribute.
  fileprivate func escaped() -> String {
    var result = ""
    result.reserveCapacity(utf8.count)
    for scalar in visible().unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
