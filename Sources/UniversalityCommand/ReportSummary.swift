import Foundation
import Reports
import Universality

/// The few lines that standard output ends with.
struct ShortRanking {
  let text: String

  init(_ content: ReportContent, page: String) {
    var lines = Headline(content).sentences
    if let findings = content.findings {
      let ranking = findings.ranking
      if !ranking.families.isEmpty {
        lines.append("")
        lines.append(contentsOf: Self.table("family", ranking.families) { findings.families[$0] })
      }
      lines.append("")
      lines.append(
        contentsOf: Self.table("model", Array(ranking.models.prefix(10))) {
          content.activations.models[$0].name
        })
      if ranking.models.count > 10 { lines.append("  … and \(ranking.models.count - 10) more") }
    }
    lines.append("")
    lines.append("Report: \(page)")
    text = Terminal.visible(lines.joined(separator: "\n"))
  }

  /// Rank (with its range), name, score and interval, p.
  private static func table(
    _ title: String, _ items: [RankedItem], name: (Int) -> String
  ) -> [String] {
    let names = items.map { name($0.index).visible() }
    let width = max(title.count, names.map(\.displayWidth).max() ?? 0)
    func padded(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: max(0, width - text.displayWidth))
    }
    let header = padded("rank", 10) + padded(title, width) + "  universality           p"
    return [header]
      + zip(items, names).map { item, name in
        var rank = "\(item.rank)"
        if let range = item.rankRange {
          if range.count > 1 { rank += " (\(range.lowerBound)–\(range.upperBound))" }
        } else {
          rank += " (?)"
        }
        let score = item.score.universality
        var value = String(format: "%.3f", score.value)
        if let low = score.low, let high = score.high {
          value += String(format: " [%.3f, %.3f]", low, high)
        }
        let p = item.score.pValue.map { String(format: "%.3f", $0) } ?? "–"
        return padded(rank, 10) + padded(name, width) + "  " + padded(value, 21) + "  " + p
      }
  }
}

/// The same for programs: `--json`.
struct ReportSummary: Encodable {
  struct Item: Encodable {
    var name: String
    var rank: Int
    var rankLow: Int?
    var rankHigh: Int?
    var universality: Double
    var low: Double?
    var high: Double?
    var pValue: Double?
  }

  struct Skipped: Encodable {
    var file: String
    var object: String?
    var reason: String
  }

  let schema = 1
  /// The path of the page; `nil` where none is kept.
  var report: String?
  var metric: String?
  var headline: [String]
  var samples: Int
  var families: [Item]
  var models: [Item]
  var directions: DirectionList?
  var limits: [String]
  var notes: [String]
  var skipped: [Skipped]

  init(_ content: ReportContent, page: String?) {
    func items(_ ranked: [RankedItem], _ name: (Int) -> String) -> [Item] {
      ranked.map {
        Item(
          name: name($0.index), rank: $0.rank, rankLow: $0.rankRange?.lowerBound,
          rankHigh: $0.rankRange?.upperBound, universality: $0.score.universality.value,
          low: $0.score.universality.low, high: $0.score.universality.high,
          pValue: $0.score.pValue)
      }
    }
    report = page
    metric = content.findings?.metric
    headline = Headline(content).sentences
    samples = content.activations.sampleCount
    let findings = content.findings
    families = items(findings?.ranking.families ?? []) { findings?.families[$0] ?? "" }
    models = items(findings?.ranking.models ?? []) { content.activations.models[$0].name }
    directions = content.sharedDirections.map { DirectionList($0) }
    limits = findings?.limits ?? [content.reasonWithoutFindings ?? ""]
    notes = content.activations.notes
    skipped = content.activations.skipped.filter(\.isFault).map {
      Skipped(file: $0.file, object: $0.object, reason: $0.reason)
    }
  }

  func json() throws -> String { try encodedJSON(self) }
}

/// Sorted keys, snake case, indented.
func encodedJSON(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  encoder.keyEncodingStrategy = .convertToSnakeCase
  return String(decoding: try encoder.encode(value), as: UTF8.self)
}
