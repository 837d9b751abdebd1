import Activations
import Foundation
import LinearAlgebra
import Testing
import Universality
import Zoo

@testable import Reports

/// The waterfall on the page and in its file.
@Suite struct WaterfallReportTests {
  /// Two families of two seeds that share what the input has and something else.
  private func activations(
    withInput: Bool = true, family: String = "cnn", shared weight: Double = 1
  ) -> ActivationSet {
    var generator = SeededGenerator(seed: 4)
    let shared = generator.gaussianMatrix(rows: 80, columns: 4)
    let input = generator.gaussianMatrix(rows: 80, columns: 4)
    var models: [ModelRecord] = []
    var representations: [Representation] = []
    func add(_ model: ModelRecord, _ matrix: Matrix) {
      representations.append(
        Representation(
          matrix: matrix, model: models.count, layer: "h", order: 0, depth: 0,
          source: .init(
            file: "a.h5", dataset: "/h", shape: [80, 4], dims: "n d", evidence: "planted",
            pooling: "none", elementType: "float64")))
      models.append(model)
    }
    for (index, name) in [family, family, "mlp", "mlp"].enumerated() {
      let noise = generator.gaussianMatrix(rows: 80, columns: 4)
      add(
        ModelRecord(name: "\(name)-\(index)", family: name, isTrained: true, seed: index),
        Matrix(rows: 80, columns: 4) {
          weight * (shared[$0, $1] + input[$0, $1]) + 0.3 * noise[$0, $1]
        })
    }
    if withInput { add(ModelRecord(name: "pixels", role: .input), input) }
    return ActivationSet(
      models: models, representations: representations, alignment: .positional(samples: 80))
  }

  private func content(_ activations: ActivationSet) throws -> ReportContent {
    ReportContent(
      activations: activations, matrices: [],
      waterfall: try Waterfall(
        of: activations, options: AnalysisOptions(resamples: 20, threads: 1)),
      findings: nil, reasonWithoutFindings: "there is none",
      run: SmallZoo.content().run)
  }

  @Test func theSentenceHasTheNumbersOfTheLadder() throws {
    let content = try content(activations())
    let waterfall = try #require(content.waterfall)
    let ladder = waterfall.ladder(.last)
    let text = try #require(WaterfallSentence(waterfall: waterfall).text)
    let raw = try #require(ladder.first?.left)
    let part = try #require(ladder.last?.part)
    let left = try #require(ladder.last?.left)
    #expect(text.contains("Of the debiased CKA of \(raw.display(2))"))
    #expect(text.contains("\(part.display(2)) goes with the input"))
    #expect(text.contains("\(left.display(abs(left.value) < 0.05 ? 3 : 2)) ("))
    #expect(text.hasSuffix("The zoo has no untrained twins, no labels to take it apart further."))
  }

  @Test func withoutControlsOrSimilarityThereIsNoSentence() throws {
    let bare = try #require(try content(activations(withInput: false)).waterfall)
    #expect(WaterfallSentence(waterfall: bare).text == nil)
    let unrelated = try #require(try content(activations(shared: 0)).waterfall)
    #expect(WaterfallSentence(waterfall: unrelated).text == nil)
  }

  @Test func thePageHasTheSectionOnlyWithAWaterfall() throws {
    var content = try content(activations())
    let page = try HTMLPage(content)
    #expect(page.figures.map(\.name.description) == ["waterfall"])
    #expect(page.text.contains("No untrained twin is known for cnn-0 and 3 more"))
    #expect(page.text.contains("href=\"waterfall.csv\""))
    content.waterfall = nil
    #expect(try !HTMLPage(content).text.contains("waterfall"))
  }

  @Test func namesOfFamiliesNeverBecomeMarkup() throws {
    let page = try HTMLPage(try content(activations(family: "<i>f</i>")))
    for text in [page.text] + page.figures.map(\.standalone) { #expect(!text.contains("<i>f")) }
    #expect(page.text.contains("&lt;i&gt;f"))
  }

  @Test func theFileHasARowForEachStepAndPair() throws {
    let waterfall = try #require(try content(activations()).waterfall)
    let lines = WaterfallCSV(waterfall: waterfall).table.text.split(separator: "\n")
    // Three steps for all pairs, cnn–cnn, cnn–mlp, mlp–mlp.
    #expect(lines.count == 1 + 3 * 4)
    #expect(lines[0].hasPrefix("stage,networks,family_a,family_b,pairs,step,value,value_ci_low,"))
    #expect(lines[1].hasPrefix("last,trained,,,4,raw,"))
  }
}
