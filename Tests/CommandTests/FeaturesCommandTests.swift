import Foundation
import Testing

/// `universality features`, and what the report says about shared directions and features.
@Suite struct FeaturesCommandTests {
  private static let models = ["cnn-s0.h5", "mlp-s0.h5", "vit-s0.h5"]

  @Test func theTopIsPrintedAndAllIsWritten() throws {
    let folder = try BuiltCommand.zooCopy(Self.models)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("features.csv").path
    let outcome = try BuiltCommand.run(
      "features", folder.path, "--top", "3", "-o", file, "--quiet")
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.count > 6, "\(outcome.output)")
    #expect(lines[1].hasPrefix("For comparison:") || lines[1].hasPrefix("rank"))
    #expect(lines.contains { $0.contains("directions are shared between families") })
    #expect(lines[0].contains("features are universal at a false-discovery rate of 5 %"))
    let rows = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
    #expect(
      rows[0].hasPrefix(
        "rank,model,family,layer,feature,universality,correlation,baseline,z,p_value,q_value,"))
    #expect(rows[0].hasSuffix(",clique_q_value"))
    #expect(
      Set(rows.map { $0.split(separator: ",", omittingEmptySubsequences: false).count }).count
        == 1)
    let values = rows.dropFirst().compactMap { Double($0.split(separator: ",")[5]) }
    #expect(values.count == rows.count - 1 && values.count > 100)
    #expect(values == values.sorted(by: >))
    #expect(values.allSatisfy { abs($0) <= 2 })
    let json = try BuiltCommand.run(
      "features", folder.path, "--top", "2", "--json", "--quiet", "--threads", "1")
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
    #expect((object["top"] as? [[String: Any]])?.count == 2)
    #expect(object["features"] as? Int == values.count)
    let directions = try #require(object["directions"] as? [String: Any])
    let items = try #require(directions["items"] as? [[String: Any]])
    #expect(!items.isEmpty && items[0]["eigenvalue"] is Double)
    #expect(directions["null_edge"] is Double && directions["null_threshold"] is Double)
    #expect(object["cliques"] is [[String: Any]])
  }

  @Test func oneModelAloneEndsWithAnExplanation() throws {
    let outcome = try BuiltCommand.run("features", BuiltCommand.digitsZoo + "/mlp-s0.h5")
    #expect(outcome.exitCode == 4)
    #expect(outcome.errors.contains("help:"))
    #expect(try BuiltCommand.run("features", "x.h5", "--rotations", "1").exitCode == 64)
  }

  /// What is known of this kind of zoo: as many label directions as classes less one, which every
  /// family predicts, and no more universal features at residual streams than by chance.
  @Test func theSampleZooShowsTheLabelDirections() throws {
    let folder = try BuiltCommand.report.get().folder
    let text = try String(
      contentsOfFile: folder.path + "/figures/universality-spectrum.csv", encoding: .utf8)
    let rows = text.split(separator: "\n").dropFirst().map { row in
      row.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) ?? .nan }
    }
    #expect(rows.count > 20)
    let shared = rows.prefix { $0[1] > $0[5] }
    #expect(shared.count >= 9)
    #expect(rows.count { $0[3] > $0[5] } == 9)
    for row in rows.prefix(8) { #expect(row[9] > 0 && row[16] > 0.5, "\(row)") }
    let page = try String(contentsOfFile: folder.path + "/report.html", encoding: .utf8)
    #expect(page.contains("Labels alone would give 9"))
    let features = try String(contentsOfFile: folder.path + "/features.csv", encoding: .utf8)
    #expect(features.split(separator: "\n").count > 1000)
    // The pixels are recognised as pictures, and each direction has a card.
    #expect(page.contains("read as images of 8 × 8 pixels"))
    for direction in 1...9 { #expect(page.contains(">Direction \(direction)</h3>")) }
    #expect(page.components(separatedBy: "<use href=\"#stimuli\"/>").count > 100)
    let start = try #require(page.range(of: "<section id=\"cards\""))
    let end = try #require(page[start.upperBound...].range(of: "</section>"))
    #expect(page[start.lowerBound..<end.upperBound].utf8.count < 300_000)
  }
}
