import Foundation
import Testing

@testable import Reports
@testable import Universality

/// What the page and the tables say about shared directions and single features.
@Suite struct SharedFeaturesPageTests {
  private var content: ReportContent {
    var content = SmallZoo.content()
    func direction(_ eigenvalue: Double, least: Double, eta: Double) -> SharedDirection {
      SharedDirection(
        eigenvalue: eigenvalue, pValue: 0.01, heldOutAgreement: 0.9, shares: [0.9, 0.8],
        classShare: eta, predictability: [least, 0.8, nil].compactMap { $0 },
        excessOverInput: Estimate(value: 0.25, low: 0.125, high: 0.375), excessOverUntrained: nil)
    }
    content.sharedDirections = SharedDirections(
      layers: [1, 2], families: ["cnn", "mlp", "vit"], ranks: [7, 5], fittedSamples: 20,
      heldOutSamples: 20, spectrum: [0.9, 0.75, 0.25], nullEdge: 0.4, nullThreshold: 0.5,
      permutations: 99, withinClassSpectrum: [0.7, 0.3, 0.2], untrainedSpectrum: [0.45],
      directions: [
        direction(0.9, least: 0.5, eta: 0.8), direction(0.75, least: -0.25, eta: 0.05),
      ], seed: 3)
    content.features = FeatureUniversality(
      scores: [
        FeatureScore(
          layer: 1, feature: 4, universality: 0.5, correlation: 0.75, baseline: 0.25, z: 8,
          pValue: 0.0001, qValue: 0.001),
        FeatureScore(
          layer: 0, feature: 0, universality: -0.125, correlation: 0.25, baseline: 0.375),
      ], constantFeatures: 1, families: ["cnn", "mlp"], fittedSamples: 20, heldOutSamples: 20,
      rotations: 10, seed: 3)
    return content
  }

  @Test func theVerdictCountsWhatWasFound() {
    #expect(
      content.sharedDirections?.verdict == [
        "2 directions are shared between families beyond chance (eigenvalues from 0.90 to 0.75, "
          + "95 % point of chance 0.50); 1 predicted on held-out samples in every family left out, "
          + "and so universal.",
        "Of the universal directions, families predict 1 better than from the input (95 % intervals "
          + "over families).",
        "Labels alone would give 1: that many remain when samples are reordered within their "
          + "classes, and classes explain 0.80 of the variance of the first; 1 direction is "
          + "shared beyond the labels.",
      ])
  }

  @Test func thePageShowsSpectrumDirectionsAndFeatures() throws {
    let page = try HTMLPage(content)
    #expect(page.figures.contains { $0.name.description == "universality-spectrum" })
    for words in [
      "id=\"directions\"", "id=\"features\"", "0.25 [0.12, 0.38]", "1 of 2 features have",
      "1 constant feature", "href=\"features.csv\"",
    ] {
      #expect(page.text.contains(words), "\(words)")
    }
    let without = try HTMLPage(SmallZoo.content())
    #expect(!without.text.contains("id=\"directions\""))
    #expect(!without.text.contains("id=\"features\""))
  }

  @Test func theDataOfTheSpectrumAreExact() throws {
    let figure = SpectrumFigure(found: try #require(content.sharedDirections)).figure
    let lines = figure.table.text.split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    #expect(lines.count == 4 && Set(lines.map(\.count)).count == 1)
    #expect(lines[1][0] == "1" && Double(lines[1][1]) == 0.9 && Double(lines[1][2]) == 0.45)
    #expect(lines[3][2] == "" && Double(lines[3][3]) == 0.2 && lines[3][7] == "")
  }

  @Test func featuresAreWrittenInTheirOrder() throws {
    var text = ""
    try FeaturesCSV(content.features, of: content.activations).write { text += $0 }
    #expect(
      text == #"""
        rank,model,family,layer,feature,universality,correlation,baseline,z,p_value,q_value
        1,"cnn, small",cnn,fc,4,0.5,0.75,0.25,8,\#(0.0001.exact),\#(0.001.exact)
        2,"cnn, small",cnn,"conv""1""",0,-0.125,0.25,0.375,,,

        """#)
    var empty = ""
    try FeaturesCSV(nil, of: content.activations).write { empty += $0 }
    #expect(empty == CSV.line(FeaturesCSV.header))
  }
}
