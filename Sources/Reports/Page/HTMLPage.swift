import Universality
import Zoo

/// `report.html`: one page that needs nothing but itself.
struct HTMLPage {
  let content: ReportContent
  /// The figures in the page, each once.
  let figures: [Figure]
  /// The whole document.
  let text: String

  init(_ content: ReportContent) throws {
    self.content = content
    let outline = ZooOutline(content)
    let matrix =
      content.matrices.first { $0.metric == content.findings?.metric } ?? content.matrices.first
    var sections: [any PageSection] = []
    if let findings = content.findings {
      sections.append(RankingSection(content: content, findings: findings, outline: outline))
    }
    var data = HTML.empty
    if let matrix, matrix.count > 0 {
      let maps = MapsSection(content, matrix: matrix, outline: outline)
      sections.append(maps)
      data = """
        <script type="application/json" id="similarities">\
        \(try HTML.json(EmbeddedSimilarities(maps)))</script>
        <script>\(Script.text)</script>

        """
    }
    if let checks = ChecksSection(content, outline: outline) { sections.append(checks) }
    if let waterfall = WaterfallSection(content) { sections.append(waterfall) }
    if let families = FamiliesSection(content) { sections.append(families) }
    if let trend = TrendSection(content) { sections.append(trend) }
    if let directions = DirectionsSection(content) { sections.append(directions) }
    if let features = FeaturesSection(content) { sections.append(features) }
    if let cards = CardsSection(content, outline: outline) { sections.append(cards) }
    if let findings = content.findings {
      if !findings.ranking.layers.isEmpty {
        sections.append(DepthSection(content, findings: findings, outline: outline))
      }
      sections.append(ControlsSection(content: content, findings: findings, outline: outline))
    }
    if let agreement = RankingAgreementSection(content) { sections.append(agreement) }
    if let identification = LayerIdentificationSection(content) { sections.append(identification) }
    if let regularities = RegularitiesSection(content, outline: outline) {
      sections.append(regularities)
    }
    sections.append(DataSection(content: content, outline: outline))
    sections.append(ConventionsSection(content: content))
    sections.append(ReproductionSection(content: content))
    figures = sections.flatMap(\.figures)

    let navigation = sections.map { section -> HTML in
      "<li><a href=\"#\(section.id.description)\">\(section.heading)</a></li>"
    }
    let body = sections.map { section -> HTML in
      let id = section.id.description
      return """
        <section id="\(id)" aria-labelledby="heading-\(id)">
        <h2 id="heading-\(id)">\(section.heading)</h2>
        \(section.body)</section>

        """
    }
    let page: HTML = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; \
      style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
      <meta name="generator" content="Universality \(content.run.version)">
      <title>How universal are the features of this zoo?</title>
      <style>\(StyleSheet.text)</style>
      </head>
      <body>
      <header>
      <p class="eyebrow">Universality report</p>
      <h1>How universal are the features of this zoo?</h1>
      \(Self.answer(content))\(Self.warnings(content))<nav aria-label="Sections"><ul>\(navigation)\
      </ul></nav>
      </header>
      <main>
      \(body)</main>
      <footer><p>Universality \(content.run.version)</p></footer>
      \(data)</body>
      </html>

      """
    text = page.markup
  }

  private static func answer(_ content: ReportContent) -> HTML {
    Headline(content).sentences.map { sentence -> HTML in
      "<p class=\"answer\">\(sentence)</p>\n"
    }.joined()
  }

  /// What spoils the answer, before anybody reads on.
  private static func warnings(_ content: ReportContent) -> HTML {
    var warnings: [HTML] = []
    let zoo = content.activations
    if zoo.alignment.isPositional {
      warnings.append("<p><strong>No sample ids.</strong> \(zoo.alignment.statement)</p>")
    }
    let limits = content.findings?.limits ?? []
    if !limits.isEmpty {
      let first = limits.prefix(3).map { limit -> HTML in "\(limit)" }
      let more: HTML =
        limits.count > 3
        ? "<p><a href=\"#data\">\((limits.count - 3).counted("more limit"))</a></p>" : .empty
      warnings.append(
        "<p><strong>What this zoo does not allow to say</strong></p>\(HTML.list(first))\(more)")
    }
    let faults = zoo.skipped.count(where: \.isFault)
    if faults > 0 {
      warnings.append(
        """
        <p><strong>\(faults.counted("input was", "inputs were")) skipped</strong>: \
        <a href="#data">the reasons</a>.</p>
        """)
    }
    return warnings.map { warning -> HTML in
      "<div class=\"warning\" role=\"note\">\(warning)</div>\n"
    }.joined()
  }
}
