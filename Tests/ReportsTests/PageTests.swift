import Foundation
import Testing

@testable import Reports

struct PageTests {
  @Test func thePageStandsAlone() throws {
    let page = try HTMLPage(SyntheticZoo(seeds: 2).content)
    for foreign in ["http://", "https://", "<link", "@import", "<iframe", "src="] {
      #expect(!page.text.contains(foreign), "\(foreign)")
    }
    for address in page.text.matches(of: #/href="([^"]*)"/#).map(\.output.1) {
      #expect(
        address.hasPrefix("#") || address.hasPrefix("data:image/png;base64,")
          || address.hasPrefix("figures/")
          || [
            "results.nc", "pairs.csv", "calibration.csv", "layers.csv", "models.csv",
            "families.csv", "family_statistics.csv", "features.csv", "run.json", "layout.yaml",
            "waterfall.csv", "regularities.csv", "dynamics.csv", "ranking_agreement.csv",
            "layer_identification.csv",
          ].contains(String(address)), "\(address.prefix(40))")
    }
  }

  @Test func thePageHoldsEachFigureOnce() throws {
    let page = try HTMLPage(SyntheticZoo(seeds: 2).content)
    #expect(
      page.figures.map(\.name.description) == [
        "ranking-families", "ranking-models", "ranking-layers", "models", "layers-of-two-models",
        "similarity-matrix", "depth", "controls", "ranking-untrained",
      ])
    for figure in page.figures {
      #expect(page.text.ranges(of: "<svg id=\"svg-\(figure.name)\"").count == 1)
      #expect(figure.standalone.hasPrefix("<svg xmlns=\"http://www.w3.org/2000/svg\""))
    }
  }

  @Test func theHeadlineHasTheNumbersOfTheFindings() throws {
    let content = SyntheticZoo(seeds: 2).content
    let page = try HTMLPage(content).text
    let trained = try #require(content.findings?.controls.first?.trained)
    let untrained = try #require(content.findings?.controls.first?.untrained)
    #expect(page.contains("Across 6 architecture families (12 trained networks, "))
    #expect(page.contains("has a debiased CKA of \(trained.display(2)) on average"))
    #expect(page.contains("untrained networks among themselves reach \(untrained.display(2))"))
    #expect(page.contains("All 6 families are beyond chance (p ≤ 0.005 each)"))
  }

  @Test func hostileNamesNeverBecomeMarkup() throws {
    var zoo = SyntheticZoo(seeds: 2)
    zoo.layerNames = NastyText.all
    zoo.modelNames = NastyText.all.reversed()
    zoo.families = ["<i>f</i>", "\"><script>f</script>", "b", "c"]
    var content = zoo.content
    content.activations.notes = NastyText.all
    content.activations.skipped = NastyText.all.map {
      .init(file: $0, object: $0, reason: $0, help: $0)
    }
    content.run.command = NastyText.all
    content.run.version = "<u>1</u>"
    let page = try HTMLPage(content)
    for text in [page.text] + page.figures.map(\.standalone) {
      for hostile in ["<b>x", "<script>alert", "<img", "onerror=alert(3)>", "<i>f", "<u>1", "<!--"]
      {
        #expect(!text.contains(hostile), "\(hostile)")
      }
      #expect(!text.unicodeScalars.contains("\u{202E}"))
      #expect(!text.unicodeScalars.contains("\u{1B}"))
      #expect(!text.unicodeScalars.contains("\u{0}"))
    }
    #expect(page.text.ranges(of: "</script>").count == 2)
    #expect(page.text.utf8.count < 2_000_000)
    for figure in page.figures {
      #expect(figure.name.description.allSatisfy { $0.isLetter || $0 == "-" })
      let parser = XMLWellFormedness()
      #expect(parser.accepts(figure.standalone), "\(figure.name)")
    }
  }

  @Test func withoutFindingsThePageSaysWhy() throws {
    var content = SyntheticZoo(seeds: 1).content
    content.findings = nil
    content.reasonWithoutFindings = "there is one model only"
    let page = try HTMLPage(content)
    #expect(page.text.contains("cannot be said: there is one model only."))
    #expect(
      page.figures.map(\.name.description) == [
        "models", "layers-of-two-models", "similarity-matrix",
      ])
  }

  @Test func aSingleFamilyIsNotCalledManyFamilies() throws {
    var zoo = SyntheticZoo(families: ["mlp"], seeds: 3)
    zoo.hasUntrained = false
    zoo.hasInput = false
    let page = try HTMLPage(zoo.content).text
    #expect(page.contains("best counterpart in another model"))
    #expect(page.contains("There is a single family: nothing can be said across families."))
    #expect(!page.contains("id=\"figure-ranking-families\""))
  }

  @Test func positionalAlignmentIsAWarning() throws {
    var zoo = SyntheticZoo(seeds: 1)
    #expect(!(try HTMLPage(zoo.content).text.contains("No sample ids.")))
    zoo.isPositional = true
    #expect(try HTMLPage(zoo.content).text.contains("<strong>No sample ids.</strong>"))
  }

  @Test func ranksThatCannotBeToldApartAreNotCalledFirst() {
    var content = SyntheticZoo(seeds: 2).content
    let count = content.findings?.ranking.families.count ?? 0
    for index in 0..<count { content.findings?.ranking.families[index].rankRange = 1...count }
    let text = Headline(content).sentences.joined(separator: " ")
    #expect(text.contains("The data do not tell the 6 families apart"))
    for index in 0..<count {
      content.findings?.ranking.families[index].rankRange = (index + 1)...(index + 1)
    }
    #expect(
      Headline(content).sentences.joined(separator: " ").contains("The most universal family is "))
  }

  @Test func scoresWithinChanceAreNotCalledUniversal() {
    var content = SyntheticZoo(seeds: 2).content
    for index in 0..<6 { content.findings?.ranking.families[index].score.pValue = 0.4 }
    #expect(
      Headline(content).sentences.contains {
        $0.hasPrefix("None of the 6 families is beyond chance")
      })
    content.findings?.controls = []
    #expect(!Headline(content).sentences.joined().contains("For comparison"))
  }

  @Test func aLargeZooFitsAPage() throws {
    let zoo = SyntheticZoo(families: (1...10).map { "family\($0)" }, seeds: 7, layers: 5)
    let content = zoo.content
    #expect(content.activations.representations.count == 401)
    let page = try HTMLPage(content)
    #expect(page.text.utf8.count < 5_000_000)
    #expect(page.text.contains("data:image/png;base64,"))
  }
}

/// Whether a text is well-formed enough for an XML reader: tags match, and nothing is unescaped.
struct XMLWellFormedness {
  func accepts(_ text: String) -> Bool {
    var open: [Substring] = []
    var rest = Substring(text)
    while let start = rest.firstIndex(of: "<") {
      guard let end = rest[start...].firstIndex(of: ">") else { return false }
      let tag = rest[rest.index(after: start)..<end]
      if tag.hasPrefix("/") {
        guard open.popLast() == tag.dropFirst() else { return false }
      } else if !tag.hasSuffix("/") {
        open.append(tag.prefix { !$0.isWhitespace })
      }
      rest = rest[rest.index(after: end)...]
    }
    return open.isEmpty
  }
}
