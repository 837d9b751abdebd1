/// A table as RFC 4180 text with `\n` line ends.
///
/// Names are written as they are. A name that a spreadsheet would take for a formula stays what it
/// is: the files are data, and whoever reads them by program must find the names of the dumps.
struct CSV: Sendable, Equatable {
  private(set) var text: String
  private let columns: Int

  init(_ header: [String]) {
    columns = header.count
    text = CSV.line(header)
  }

  /// - Precondition: as many fields as there are columns.
  mutating func append(_ fields: [String]) {
    precondition(fields.count == columns, "\(fields.count) fields for \(columns) columns")
    text += CSV.line(fields)
  }

  static func line(_ fields: [String]) -> String {
    var line = ""
    for (index, field) in fields.enumerated() {
      if index > 0 { line += "," }
      line += quoted(field)
    }
    return line + "\n"
  }

  /// The field in quotation marks where it needs them.
  static func quoted(_ field: String) -> String {
    var needsQuotes = false
    var hasQuotes = false
    for byte in field.utf8 {
      switch byte {
      case UInt8(ascii: "\""):
        hasQuotes = true
        needsQuotes = true
      case UInt8(ascii: ","), UInt8(ascii: "\n"), UInt8(ascii: "\r"): needsQuotes = true
      default: break
      }
    }
    if field.utf8.first == UInt8(ascii: " ") || field.utf8.last == UInt8(ascii: " ") {
      needsQuotes = true
    }
    guard needsQuotes else { return field }
    guard hasQuotes else { return "\"" + field + "\"" }
    var doubled = "\""
    for scalar in field.unicodeScalars {
      if scalar == "\"" { doubled += "\"" }
      doubled.unicodeScalars.append(scalar)
    }
    return doubled + "\""
  }
}

extension Double? {
  /// The field of a CSV file: 17 digits, or nothing.
  var field: String {
    guard let value = self else { return "" }
    return value.exact
  }
}

extension Int? {
  var field: String {
    guard let value = self else { return "" }
    return String(value)
  }
}
