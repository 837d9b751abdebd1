import Activations
import Foundation
import LinearAlgebra
import Metrics
import Testing
import Universality
import Zoo

@testable import Reports

/// What stands beside the ranking, on the page and in its files.
@Suite struct ChecksReportTests {
  /// Four families of two layers; with `outlier` one stimulus is far from all others everywhere.
  private func content(
    family: String = "cnn", outlier: Bool = false, accuracy: Bool = true
  ) throws -> ReportContent {
    var generator = SeededGenerator(seed: 4)
    let shared = generator.gaussianMatrix(rows: 80, columns: 4)
    var models: [ModelRecord] = []
    var representations: [Representation] = []
    for (index, name) in [family, "gru", "mlp", "vit"].enumerated() {
      for order in 0..<2 {
        let noise = generator.gaussianMatrix(rows: 80, columns: 4)
        let matrix = Matrix(rows: 80, columns: 4) {
          shared[$0, $1] + (0.4 + 0.3 * Double(index + order)) * noise[$0, $1]
            + (outlier && $0 == 17 ? 40 : 0)
        }
        representations.append(
          Representation(
            matrix: matrix, model: index, layer: "h\(order)", order: order, depth: Double(order),
            source: .init(
              file: "a.h5", dataset: "/h", shape: [80, 4], dims: "n d", evidence: "planted",
              pooling: "none", elementType: "float64")))
      }
      models.append(
        ModelRecord(
          name: "\(name)-0", family: name, isTrained: true,
          accuracy: accuracy ? 0.9 - 0.1 * Double(index) : nil))
    }
    let zoo = ActivationSet(
      models: models, representations: representations,
      sampleIDs: (0..<80).map { "<s\($0)>" }, alignment: .positional(samples: 80))
    let metric = DebiasedCKA()
    let options = AnalysisOptions(permutations: 39, resamples: 10, threads: 1)
    let comparison = try ZooComparison(of: zoo, metrics: [metric])
    let findings = try Findings(
      of: zoo, comparison: comparison, rankedBy: metric, options: options)
    var content = ReportContent(
      activations: zoo, matrices: comparison.matrices, findings: findings,
      diagnostics: comparison.diagnostics, run: SmallZoo.content().run)
    let influence = try Influence(
      of: zoo, comparison: comparison, findings: findings, rankedBy: metric, threads: 1)
    content.checks = ReportChecks(
      audit: try RankingAudit(of: zoo, findings: findings, rankedBy: metric, options: options),
      influence: influence,
      cautions: Caution.all(
        of: zoo, diagnostics: comparison.diagnostics, influence: influence, metrics: [metric]),
      trends: UniversalityTrends(of: zoo, findings: findings, seed: 0))
    return content
  }

  private func rows(_ table: CSV) -> [[Substring]] {
    table.text.split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
  }

  @Test func theSentencesHaveTheNumbersOfTheResults() throws {
    let content = try content(outlier: true)
    let sentences = content.checkSentences
    #expect(
      sentences.contains {
        $0.hasPrefix(
          "Without a single stimulus, the score changes by more than 20 % for 8 of 8 layers (lower in 8), "
        ) && $0.hasSuffix(" without stimulus <s17>.")
      }, "\(sentences)")
    let audit = try #require(content.checks.audit)
    let half = try #require(
      audit.agreements.first { $0.level == .families && $0.perturbation == .halfOfSamples })
    #expect(sentences[0].contains("\(half.tau.fixed(2)) from half of the samples"))
    let plain = try self.content().checkSentences
    #expect(plain.contains("Without a single stimulus, no score changes by more than 20 %."))
  }

  @Test func thePageTellsThemAndEscapesNames() throws {
    let page = try HTMLPage(try content(family: "<i>f</i>", outlier: true)).text
    #expect(page.contains("id=\"checks\"") && page.contains("href=\"audit.csv\""))
    #expect(page.contains("id=\"trend\""))
    #expect(page.contains("&lt;s17&gt;") && !page.contains("<s17>"))
    #expect(page.contains("&lt;i&gt;f") && !page.contains("<i>f"))
    var bare = try content()
    bare.checks = ReportChecks()
    let without = try HTMLPage(bare).text
    #expect(!without.contains("id=\"checks\"") && !without.contains("id=\"trend\""))
  }

  @Test func theFilesHaveARowForEachResult() throws {
    let content = try content(outlier: true)
    let tables = ChecksCSV(content)
    // 4 families, 4 models and 8 layers under 4 perturbations.
    let audit = rows(tables.audit(try #require(content.checks.audit)))
    #expect(audit.count == 1 + 16 * 4 && audit.allSatisfy { $0.count == 11 })
    let influence = try #require(content.checks.influence)
    let scores = rows(tables.influence(influence))
    #expect(scores.count == 1 + 16 + influence.pairs.count && !influence.pairs.isEmpty)
    #expect(scores.dropFirst().allSatisfy { $0[7] == "<s17>" })
    let cautions = rows(tables.cautions)
    #expect(cautions.count == 1 + content.checks.cautions.count)
    #expect(cautions.contains { $0[0] == "oneSample" && $0[7] == "<s17>" })
    let trends = try #require(content.checks.trends)
    let trend = rows(tables.trend(trends))
    #expect(trend[1].prefix(2) == ["accuracy", "spearman"])
    #expect(trends.missing == ["The number of parameters is known for 0 of 4 models."])
    #expect(try HTMLPage(content).text.contains(trends.missing[0]))
  }

  /// A last column, and only where there was an audit.
  @Test func theRankingsCarryTheGrades() throws {
    var content = try content()
    for table in [RankingCSV(content).layers, RankingCSV(content).models] {
      let rows = rows(table)
      #expect(rows[0].last == "stability")
      #expect(rows.dropFirst().allSatisfy { ["A", "B", "C", "D", "F"].contains($0.last ?? "") })
    }
    content.checks.audit = nil
    #expect(rows(RankingCSV(content).layers)[0].last == "null_threshold")
  }

  @Test func withoutAccuracyTheTrendIsSaidToBeMissing() throws {
    let trends = try #require(try content(accuracy: false).checks.trends)
    #expect(trends.trends.isEmpty && trends.missing.count == 2)
  }
}
