import Universality

/// How well each layer of each model predicts the feature of a card, over relative depth.
struct CardCurve {
  let card: FeatureCard
  let outline: ZooOutline

  private static let (left, right, top, bottom) = (34.0, 310.0, 10.0, 104.0)

  var html: HTML {
    guard !card.layers.isEmpty else { return .empty }
    var drawing = Drawing(width: 320, height: 132)
    let up = Scale(covering: [0, 1], start: Self.bottom, end: Self.top)
    for tick in [0, 0.5, 1] {
      drawing.line(
        Self.left, up(tick), Self.right, up(tick), style: tick == 0 ? "ghost" : "grid")
      drawing.text(
        tick.fixed(1), x: Self.left - 6, y: up(tick) + 4, style: "small muted end number")
    }
    drawing.text("R² by depth, 0 first layer, 1 last", x: Self.left, y: 126, style: "small muted")
    if let input = card.inputPredictability {
      drawing.line(Self.left, up(input), Self.right, up(input), dashed: true)
      drawing.text("input", x: Self.right, y: up(input) - 3, style: "small muted end")
    }
    for model in models {
      let points = readouts(of: model).map { (x($0), up($0.r2)) }
      let colour = Palette.colour(outline.family(of: model))
      drawing.polyline(points, colour: colour, width: 1.3)
      if points.count == 1 {
        drawing.mark(.circle, x: points[0].0, y: points[0].1, size: 2.5, colour: colour)
      }
    }
    return """
      <svg class="curve" viewBox="0 0 \(drawing.width) \(drawing.height)" role="img" \
      aria-label="\(summary)">\(drawing.content)</svg>

      """
  }

  private var models: [Int] {
    Set(card.layers.map { outline.representations[$0.layer].model }).sorted()
  }

  private func readouts(of model: Int) -> [FeatureCard.LayerReadout] {
    card.layers.filter { outline.representations[$0.layer].model == model }
  }

  private func x(_ readout: FeatureCard.LayerReadout) -> Double {
    Self.left + outline.representations[readout.layer].depth * (Self.right - Self.left)
  }

  private var summary: String {
    let firsts = models.compactMap { readouts(of: $0).first?.r2 }
    let lasts = models.compactMap { readouts(of: $0).last?.r2 }
    func mean(_ values: [Double]) -> String {
      (values.reduce(0, +) / Double(max(1, values.count))).fixed(2)
    }
    let input = card.inputPredictability.map { "; from the input \($0.fixed(2))" } ?? ""
    return
      "R² by depth in \(models.count.counted("model")): \(mean(firsts)) on average at the first "
      + "layer, \(mean(lasts)) at the last\(input)."
  }
}
