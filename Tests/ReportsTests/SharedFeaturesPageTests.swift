import Foundation
import HDF5
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
          pValue: 0.0001, qValue: 0.001,
          betweenSeeds: FeatureControl(universality: 0.625, pValue: 0.25),
          untrained: FeatureControl(universality: 0.0625),
          predictability: FeaturePredictability(
            r2: Estimate(value: 0.75, low: 0.5, high: 1), pValue: 0.125, qValue: 0.25,
            excessOverInput: Estimate(value: 0.25), otherSeeds: 0.875), clique: 0),
        FeatureScore(
          layer: 0, feature: 0, universality: -0.125, correlation: 0.25, baseline: 0.375),
      ], constantFeatures: 1, families: ["cnn", "mlp"], fittedSamples: 20, heldOutSamples: 20,
      rotations: 10, seed: 3,
      cliques: [
        FeatureClique(
          members: [.init(layer: 1, feature: 4), .init(layer: 2, feature: 7)], agreement: 0.75,
          leastAgreement: 0.5, expectedByChance: 0.25, qValue: 0.1)
      ],
      comparisons: [
        .init(kind: .trained, units: 2, found: 1, mean: Estimate(value: 0.1875)),
        .init(
          kind: .untrained, units: 3, found: 0,
          mean: Estimate(value: 0.0625, low: -0.125, high: 0.25)),
      ], predictabilityByChance: 0.03125)
    content.cards = Self.cards
    return content
  }

  private static let cards = FeatureCards(
    cards: [
      FeatureCard(
        subject: .direction(1),
        families: [.init(name: "cnn", models: [0], agreement: 0.625, predictability: 0.375)],
        highest: [.init(index: 5, value: 2.25)], lowest: [.init(index: 9, value: -1.75)],
        classShare: 0.5, classMeans: [.init(label: 3, mean: 1.5), .init(label: 8, mean: -1.25)],
        neighbours: [.init(model: 1, layer: 2, feature: 7, correlation: -0.875)],
        layers: [.init(layer: 0, r2: 0.125), .init(layer: 1, r2: 0.5)],
        inputPredictability: 0.25, chance: 0.0625),
      FeatureCard(
        subject: .unit(layer: 1, feature: 4), families: [], highest: [], lowest: [],
        classMeans: [], neighbours: [], layers: [.init(layer: 2, r2: 0.75)]),
    ],
    thumbnails: StimulusThumbnails(
      width: 2, height: 1, channels: 1, samples: [5, 9], pixels: [[0, 255], [128, 64]],
      evidence: "Pictures: by evidence."), heldOutSamples: 20)

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
      "1 constant feature", "href=\"features.csv\"", "0.062 [−0.125, 0.250]",
      "untrained networks, with other families", "stay below 0.031",
      "1 clique of units from 2 to 2 families", "mlp</bdi>/<bdi>h</bdi>/7",
    ] {
      #expect(page.text.contains(words), "\(words)")
    }
    let without = try HTMLPage(SmallZoo.content())
    #expect(!without.text.contains("id=\"directions\""))
    #expect(!without.text.contains("id=\"features\""))
    #expect(!without.text.contains("id=\"cards\""))
  }

  @Test func cardsSayWhatIsKnownOfAFeature() throws {
    let text = try HTMLPage(content).text
    for words in [
      "id=\"cards\"", "Direction 2", "href=\"feature_cards.csv\"", "Pictures: by evidence.",
      "Families explain 0.75 of its variance on average on the samples fitted, p = 0.010",
      "0.25 [0.12, 0.38] beyond the input.", "most in class 3 (1.5 SD), least in class 8 (−1.2 SD)",
      // 1.96/√19.
      "by less than ±0.45", "R² stays below 0.06", "<use href=\"#stimuli\"/>",
      "viewBox=\"0 1 2 1\"", "aria-label=\"row 9, −1.8 SD\"", "−0.88",
      "0.50 more than random rotations do (q = 0.001): the unit stands out.",
      "with the units of other seeds of its family 0.62 (p = 0.250)",
      "mean R² of 0.75 [0.50, 1.00] (95 of 100 reordered units: below 0.03)",
      "It belongs to clique 1: best matches of each other in 2 families",
    ] {
      #expect(text.contains(words), "\(words)")
    }
    // The second layer is the first to reach half of 0.5.
    #expect(text.contains("<td class=\"n\">1.00</td></tr>"))
    var plain = content
    plain.cards?.thumbnails = nil
    let without = try HTMLPage(plain).text
    #expect(!without.contains("#stimuli") && without.contains("<bdi>row 9</bdi>"))
  }

  @Test func everyLayerOfACardIsARow() throws {
    let csv = FeatureCardsCSV(cards: Self.cards, activations: content.activations).table.text
    let lines = csv.split(separator: "\n").dropFirst()
    #expect(
      Array(lines) == [
        #"1,direction,2,,,,"cnn, small",cnn,"conv""1""",0,0.125,0.0625,0.25,,,"#,
        #"1,direction,2,,,,"cnn, small",cnn,fc,1,0.5,0.0625,0.25,,,"#,
        #"2,unit,,"cnn, small",fc,4,mlp,mlp,h,0,0.75,,,,,"#,
      ])
  }

  @Test func directionsAreNamedArrays() throws {
    var content = content
    content.sharedDirections?.fittedIndices = [0, 3]
    content.sharedDirections?.heldOutIndices = [2]
    content.sharedDirections?.directions[1].fittedScores = [0.5, -0.25]
    content.sharedDirections?.directions[1].heldOutScores = [0.125]
    let file = ResultsNetCDF(content).file
    func values(_ name: String) -> ResultFile.Variable.Values? {
      file.variables.first { $0.name == name }?.values
    }
    #expect(file.dimensions.contains(.init("direction", length: 2)))
    #expect(file.dimensions.contains(.init("sample", length: 40)))
    #expect(values("direction_eigenvalue") == .real([0.9, 0.75]))
    #expect(values("direction_null_threshold") == .real([0.5]))
    #expect(values("universality_spectrum") == .real([0.9, 0.75, 0.25]))
    guard case .real(let scores)? = values("direction_score"),
      case .integer(let halves)? = values("sample_half")
    else {
      Issue.record("no scores")
      return
    }
    #expect(halves.prefix(5) == [0, -1, 1, 0, -1] && halves.count == 40)
    #expect(scores[40] == 0.5 && scores[43] == -0.25 && scores[42] == 0.125 && scores[41].isNaN)
    #expect(values("direction_predictability") != nil && scores.count == 80)
    // Of a report without directions there is nothing.
    #expect(
      !ResultsNetCDF(SmallZoo.content()).file.dimensions.contains { $0.name == "direction" })
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
        \#(FeaturesCSV.header.joined(separator: ","))
        1,"cnn, small",cnn,fc,4,0.5,0.75,0.25,8,\#(0.0001.exact),\#(0.001.exact),0.625,0.25,0.0625,,0.75,0.5,1,0.125,0.25,0.25,,,,,,0.875,1,2,0.75,0.5,0.25,\#(0.1.exact)
        2,"cnn, small",cnn,"conv""1""",0,-0.125,0.25,0.375,,,\#(String(repeating: ",", count: 22))

        """#)
    var empty = ""
    try FeaturesCSV(nil, of: content.activations).write { empty += $0 }
    #expect(empty == CSV.line(FeaturesCSV.header))
  }
}
