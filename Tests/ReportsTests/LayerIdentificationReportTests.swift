import Testing
import Universality

@testable import Reports

/// Layer identification on the page and in its file.
@Suite struct LayerIdentificationReportTests {
  private func content(modelName: String = "a") throws -> ReportContent {
    var zoo = SyntheticZoo(seeds: 3)
    zoo.missing = false
    zoo.modelNames = [modelName]
    var content = zoo.content
    let activations = zoo.activations
    content.layerIdentifications = ["cka-debiased", "svcca"].compactMap { metric in
      LayerIdentification(
        of: activations, zoo.matrix(metric, in: activations, lift: 0), permutations: 19, seed: 0)
    }
    try #require(content.layerIdentifications.count == 2)
    return content
  }

  @Test func thePageTellsTheAccuracyBesideGuessing() throws {
    let content = try content()
    let page = try HTMLPage(content).text
    let all = try #require(content.layerIdentifications[0].rows.first)
    #expect(all.trials == 6 * 6 * 4)
    #expect(page.contains("Do the metrics recognise layers?"))
    #expect(page.contains(">\((100 * all.accuracy.value).fixed(0)) %<"))
    #expect(page.contains(">25 %<"))
    #expect(page.contains("href=\"layer_identification.csv\""))
  }

  @Test func theFileHasARowForEachMetricAndFamily() throws {
    let content = try content()
    let lines = LayerIdentificationCSV(identifications: content.layerIdentifications).table.text
      .split(separator: "\n")
    // One untrained model a family has no partner.
    #expect(lines.count == 1 + 2 * 7)
    #expect(lines[1].hasPrefix("cka-debiased,trained,,18,144,"))
    #expect(lines[2].hasPrefix("cka-debiased,trained,cnn,3,24,"))
  }

  @Test func withoutSeedsThereIsNoSection() throws {
    let page = try HTMLPage(SyntheticZoo(seeds: 1).content).text
    #expect(!page.contains("layer_identification.csv"))
  }
}
