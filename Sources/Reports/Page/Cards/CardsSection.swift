import Activations
import Universality

/// A card for each leading direction and each leading unit.
struct CardsSection: PageSection {
  let id: StaticString = "cards"
  let heading = "Feature cards"
  let figures: [Figure] = []

  private let found: FeatureCards
  private let content: ReportContent
  private let outline: ZooOutline

  init?(_ content: ReportContent, outline: ZooOutline) {
    guard let cards = content.cards, !cards.cards.isEmpty else { return nil }
    found = cards
    self.content = content
    self.outline = outline
  }

  var body: HTML {
    let pictures = found.thumbnails.map { StimulusPictures($0) }
    let cards = found.cards.enumerated().map { place, card -> HTML in
      CardMarkup(
        card: card, place: place, content: content, outline: outline, pictures: pictures
      ).html
    }
    return """
      \(introduction)\(legend)\(pictures?.definition ?? .empty)<div class="cards">
      \(cards)</div>

      """
  }

  /// The two-sided 5 % point of the correlation of unrelated columns, 1.96/√(n − 1).
  private var chanceCorrelation: Double {
    1.96 / Double(max(1, found.heldOutSamples - 1)).squareRoot()
  }

  private var chance: HTML {
    found.cards.compactMap(\.chance).max().map {
      " With the samples of a feature reordered, R² stays below \(max(0, $0).fixed(2)) in 95 of 100 layers."
    } ?? .empty
  }

  private var introduction: HTML {
    let pictures: HTML = found.thumbnails.map { " \($0.evidence)" } ?? .empty
    return """
      <p>The leading shared directions and the leading units, one card each. Samples, correlations and \
      R² are from the \(found.heldOutSamples.counted("sample")) on which no direction, match or \
      prediction was fitted; the units are those that score best on these very samples, so that their \
      numbers are somewhat too high. There, 95 of 100 unrelated columns correlate by less than \
      ±\(chanceCorrelation.fixed(2)). The curves show how well each layer of each model predicts the \
      feature (R², ridge regression; of a direction, what the <em>other</em> families read of it): \
      where in the networks it emerges. A feature emerges at the first layer that reaches half of the \
      largest R² of its model.\(chance)\(pictures) All numbers are in \
      <a href="feature_cards.csv">feature_cards.csv</a>.</p>

      """
  }

  private var legend: HTML {
    let names = outline.families.enumerated().map { place, name -> HTML in
      """
      <li><svg viewBox="0 0 14 14" aria-hidden="true"><line x1="0" y1="7" x2="14" y2="7" \
      stroke="\(Palette.colour(place))" stroke-width="3"/></svg>\(HTML.name(name, columns: 24))</li>
      """
    }
    return names.isEmpty ? .empty : "<ul class=\"legend\">\(names)</ul>\n"
  }
}
