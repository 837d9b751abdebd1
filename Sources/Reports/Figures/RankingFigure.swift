import Universality

/// A ranking as dots with 95 % intervals, the raw score as an open dot, and the range of ranks.
struct RankingFigure {
  /// A row: what is ranked, how it is called, and which family it is of.
  struct Row {
    var item: RankedItem
    var name: String
    var remark: String?
    var family: Int?
  }

  let name: StaticString
  let title: String
  let rows: [Row]
  /// Rows beyond these are in the table alone.
  let shown: Int
  let axisTitle: String
  let table: CSV

  var figure: Figure {
    let visible = Array(rows.prefix(shown))
    let (left, right, pitch, top) = (290.0, 680.0, 26.0, 34.0)
    let bottom = top + Double(visible.count) * pitch + 4
    var drawing = Drawing(width: 940, height: bottom + 46)
    let values = visible.flatMap { row -> [Double] in
      let score = row.item.score
      return [score.universality.value, score.universality.low ?? 0, score.raw.value]
    }
    let scale = Scale(covering: values, start: left, end: right)
    drawing.axis(scale, y: bottom, top: top - 6, title: axisTitle)
    drawing.text("rank", x: 748, y: 18, style: "small muted middle")
    drawing.text("score [95 %]", x: 930, y: 18, style: "small muted end")
    for (index, row) in visible.enumerated() {
      draw(row, y: top + (Double(index) + 0.5) * pitch, scale: scale, into: &drawing)
    }
    return Figure(
      name: name, title: title, summary: summary(visible), drawing: drawing, table: table)
  }

  private func draw(_ row: Row, y: Double, scale: Scale, into drawing: inout Drawing) {
    let score = row.item.score
    let colour = Palette.colour(row.family)
    drawing.mark(Palette.shape(row.family), x: 10, y: y, size: 4.5, colour: colour)
    let label = row.remark.map { "\(row.name.shortened(to: 24)) (\($0))" }
    drawing.text(label ?? row.name, x: 24, y: y + 4.5, columns: label == nil ? 33 : nil)
    if score.calibrated != nil {
      drawing.mark(
        .circle, x: scale(score.raw.value), y: y + 7, size: 2.8, colour: Palette.unknown,
        isFilled: false, tooltip: "raw score \(score.raw.display(3))")
    }
    if let threshold = score.nullThreshold {
      let x = scale(threshold)
      drawing.line(x, y - 7, x, y + 7, colour: Palette.unknown, width: 1.5)
    }
    if let low = score.universality.low, let high = score.universality.high {
      drawing.line(scale(low), y - 1, scale(high), y - 1, colour: colour, width: 2.5)
    }
    drawing.mark(
      Palette.shape(row.family), x: scale(score.universality.value), y: y - 1, size: 5.5,
      colour: colour, tooltip: "\(row.name.shortened(to: 80)): \(score.universality.display(3))")
    drawing.text(row.item.rankText, x: 748, y: y + 4.5, style: "number middle")
    drawing.text(score.universality.display(2), x: 930, y: y + 4.5, style: "number end")
  }

  private func summary(_ visible: [Row]) -> String {
    guard let first = visible.first else { return "Nothing is ranked." }
    let last =
      visible.count > 1
      ? " to \(visible[visible.count - 1].name.shortened(to: 60)) with "
        + visible[visible.count - 1].item.score.universality.display(2) : ""
    return
      "From \(first.name.shortened(to: 60)) with \(first.item.score.universality.display(2))\(last)."
  }
}

extension Estimate {
  /// `0.63 [0.61, 0.66]`.
  func display(_ decimals: Int) -> String {
    guard let low, let high else { return value.fixed(decimals) }
    return "\(value.fixed(decimals)) [\(low.fixed(decimals)), \(high.fixed(decimals))]"
  }
}

extension RankedItem {
  /// `1` or `2 (1–4)`.
  var rankText: String {
    guard let range = rankRange else { return String(rank) }
    if range.lowerBound == range.upperBound { return "\(rank) (\(range.lowerBound))" }
    return "\(rank) (\(range.lowerBound)–\(range.upperBound))"
  }
}

extension Score {
  /// `0.005` or `< 0.001`.
  var pText: String {
    guard let pValue else { return "–" }
    return pValue < 0.001 ? "< 0.001" : pValue.fixed(3)
  }
}
