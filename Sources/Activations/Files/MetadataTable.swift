import Foundation

/// A table of what the user knows about models: a CSV file with a column `model`.
struct MetadataTable: Sendable {
  /// The cells of each model by (lower-case) column name; empty cells are left out.
  private(set) var rows: [(model: String, cells: [String: String])] = []
  /// Columns that mean nothing to the reader, as the file spells them.
  private(set) var unknownColumns: [String] = []

  private static let columns: Set<String> = [
    "model", "family", "architecture_family", "architecture", "arch", "trained", "step",
    "global_step", "accuracy", "test_accuracy", "val_accuracy", "seed", "parameters", "n_params",
    "num_parameters", "objective", "training_objective", "role", "variant", "checkpoint_of",
    "shuffled_labels",
  ]

  /// Reads a file.
  ///
  /// - Throws: ``ReadingError/badOption(option:reason:help:)`` if it cannot be read, is no CSV, has
  ///   no column `model`, or names a model twice.
  init(file: String) throws {
    guard let data = FileManager.default.contents(atPath: file) else {
      throw ReadingError.badOption(
        option: "--metadata", reason: "\(file) cannot be read",
        help: "name a CSV file with a column `model`")
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw ReadingError.badOption(
        option: "--metadata", reason: "\(file) is not UTF-8 text", help: "save it as UTF-8")
    }
    try self.init(csv: text, name: file)
  }

  init(csv text: String, name: String) throws {
    let records = try MetadataTable.parse(text, name: name)
    guard let header = records.first?.map({ $0.lowercased() }),
      let key = header.firstIndex(of: "model")
    else {
      throw ReadingError.badOption(
        option: "--metadata", reason: "\(name) has no column `model`",
        help: "its first line names the columns, such as model,family,trained,accuracy")
    }
    unknownColumns = header.filter { !MetadataTable.columns.contains($0) }
    var seen: Set<String> = []
    for (number, record) in records.dropFirst().enumerated() {
      guard record.count == header.count else {
        throw ReadingError.badOption(
          option: "--metadata",
          reason:
            "\(name): record \(number + 2) has \(record.count) cells, the header \(header.count)",
          help: "put cells that hold a comma in double quotes")
      }
      guard seen.insert(record[key]).inserted else {
        throw ReadingError.badOption(
          option: "--metadata", reason: "\(name): model '\(record[key])' occurs twice",
          help: "keep one record a model")
      }
      var cells: [String: String] = [:]
      for (column, cell) in zip(header, record) where column != "model" && !cell.isEmpty {
        cells[column] = cell
      }
      rows.append((record[key], cells))
    }
  }

  /// The records of a CSV text after RFC 4180: cells apart by commas, records by line ends, a cell
  /// in double quotes may hold either, and `""` inside it stands for one. A byte order mark and
  /// blank lines are left out, white space around bare cells is trimmed.
  static func parse(_ text: String, name: String) throws -> [[String]] {
    var records: [[String]] = []
    var record: [String] = []
    var cell = ""
    var isQuoted = false
    var wasQuoted = false
    var characters = text.unicodeScalars.drop { $0 == "\u{FEFF}" }

    func finished() -> String { wasQuoted ? cell : cell.trimmingCharacters(in: .whitespaces) }
    func endRecord() {
      record.append(finished())
      if record.count > 1 || record[0] != "" || wasQuoted { records.append(record) }
      record = []
      cell = ""
      wasQuoted = false
    }

    while let character = characters.popFirst() {
      if isQuoted {
        if character != "\"" {
          cell.unicodeScalars.append(character)
        } else if characters.first == "\"" {
          characters.removeFirst()
          cell += "\""
        } else {
          isQuoted = false
        }
        continue
      }
      switch character {
      case "\"" where cell.allSatisfy(\.isWhitespace) && !wasQuoted:
        cell = ""
        isQuoted = true
        wasQuoted = true
      case ",":
        record.append(finished())
        cell = ""
        wasQuoted = false
      case "\r" where characters.first == "\n": break
      case "\n", "\r": endRecord()
      default:
        if !(wasQuoted && character.properties.isWhitespace) {
          cell.unicodeScalars.append(character)
        }
      }
    }
    if isQuoted {
      throw ReadingError.badOption(
        option: "--metadata", reason: "\(name): a quoted cell never ends",
        help: "close it with a double quote")
    }
    if !cell.isEmpty || !record.isEmpty || wasQuoted { endRecord() }
    return records
  }
}
