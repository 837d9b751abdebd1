import Activations
import Testing
import Universality
import Zoo

@testable import Reports

/// Spectra and training on the page and in their files.
@Suite struct RegularitiesReportTests {
  /// The first model of the synthetic zoo gets two checkpoints of five layers; similarities are
  /// those of the synthetic matrix.
  private func content(name: String = "cnn-seed0") -> ReportContent {
    var zoo = SyntheticZoo(seeds: 2)
    zoo.missing = false
    var activations = zoo.activations
    activations.models[0].name = name
    for step in [100, 10] {
      activations.models.append(
        ModelRecord(
          name: "\(name)-step\(step)", family: "cnn", isTrained: true, step: step,
          role: .checkpoint, checkpointOf: name))
      for order in 0..<5 {
        var layer = activations.representations[order]
        layer.model = activations.models.count - 1
        activations.representations.append(layer)
      }
    }
    let matrix = zoo.matrix("cka-debiased", in: activations, lift: 0)
    return ReportContent(
      activations: activations, matrices: [matrix],
      dynamics: Dynamics(of: activations, matrix), findings: nil, reasonWithoutFindings: "none",
      diagnostics: activations.representations.indices.map { _ in
        RepresentationDiagnostics(
          samples: 500, features: 64, rank: 63, constantFeatures: 1, participationRatio: 7.5)
      }, run: zoo.run)
  }

  @Test func trainingIsDrawnAndTold() throws {
    let content = content()
    let page = try HTMLPage(content)
    #expect(page.figures.contains { $0.name.description == "dynamics" })
    let summary = try #require(content.dynamics?.summaries.first)
    #expect(page.text.contains("to \(summary.last.fixed(2)) (up in \(summary.rising) of 4 layers)"))
    #expect(page.text.contains("href=\"dynamics.csv\""))
    #expect(page.text.contains(">7.5<"))
  }

  @Test func theFileHasARowForEachLayerAndState() throws {
    let content = content()
    let dynamics = try #require(content.dynamics)
    let lines = DynamicsCSV(dynamics: dynamics, models: content.activations.models).table.text
      .split(separator: "\n")
    // Untrained, two checkpoints, the end.
    #expect(lines.count == 1 + 5 * 4)
    #expect(lines[2].hasPrefix("cka-debiased,cnn-seed0,block1,0,false,cnn-seed0-step10,10,"))
    #expect(RegularitiesCSV(content: content).table.text.split(separator: "\n").count == 1 + 101)
  }

  @Test func namesNeverBecomeMarkup() throws {
    let page = try HTMLPage(content(name: "<b>x</b>"))
    for text in [page.text] + page.figures.map(\.standalone) { #expect(!text.contains("<b>x")) }
  }

  @Test func withoutCheckpointsThereAreNoCurves() throws {
    let page = try HTMLPage(SyntheticZoo(seeds: 2).content)
    #expect(!page.figures.contains { $0.name.description == "dynamics" })
    #expect(!page.text.contains("dynamics.csv"))
  }
}
