/// An SVG drawing under construction. Colours of text, lines and paper come from classes, so that
/// the page can turn them round in the dark; colours of data are given.
struct Drawing: Sendable {
  var width: Double
  var height: Double
  private(set) var content = HTML.empty

  init(width: Double, height: Double) {
    self.width = width
    self.height = height
  }

  mutating func add(_ html: HTML) { content += html }

  /// A text of at most `columns` columns; the whole of it is in its tooltip.
  mutating func text(
    _ text: String, x: Double, y: Double, style: String = "", columns: Int? = nil,
    rotated: Double? = nil
  ) {
    let shown = columns.map { text.shortened(to: $0) } ?? text
    let tooltip: HTML = shown == text ? .empty : "<title>\(text)</title>"
    let turn: HTML = rotated.map { " transform=\"rotate(\($0) \(x) \(y))\"" } ?? .empty
    let css: HTML = style.isEmpty ? .empty : " class=\"\(style)\""
    content += "<text x=\"\(x)\" y=\"\(y)\"\(css)\(turn)>\(shown)\(tooltip)</text>"
  }

  mutating func line(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, style: String = "line",
    colour: String? = nil, width: Double = 1, dashed: Bool = false
  ) {
    let stroke: HTML = colour.map { "stroke=\"\($0)\"" } ?? "class=\"\(style)\""
    let dash: HTML = dashed ? " stroke-dasharray=\"3 3\"" : .empty
    content += """
      <line x1="\(x1)" y1="\(y1)" x2="\(x2)" y2="\(y2)" \(stroke) stroke-width="\(width)"\(dash)/>
      """
  }

  mutating func rectangle(
    x: Double, y: Double, width: Double, height: Double, fill: String? = nil, style: String = "",
    tooltip: String? = nil
  ) {
    let paint: HTML = fill.map { "fill=\"\($0)\"" } ?? "class=\"\(style)\""
    content += "<rect x=\"\(x)\" y=\"\(y)\" width=\"\(width)\" height=\"\(height)\" \(paint)"
    if let tooltip {
      content += "><title>\(tooltip)</title></rect>"
    } else {
      content += "/>"
    }
  }

  mutating func polyline(
    _ points: [(x: Double, y: Double)], colour: String? = nil, style: String = "line",
    width: Double = 1.5
  ) {
    guard points.count > 1 else { return }
    let list = points.map { $0.x.coordinate + "," + $0.y.coordinate }.joined(separator: " ")
    let stroke: HTML =
      colour.map { "fill=\"none\" stroke=\"\($0)\"" } ?? "class=\"\(style)\""
    content += """
      <polyline points="\(list)" \(stroke) stroke-width="\(width)" stroke-linejoin="round"/>
      """
  }

  /// A data point.
  mutating func mark(
    _ shape: MarkShape, x: Double, y: Double, size: Double = 5, colour: String,
    isFilled: Bool = true, tooltip: String? = nil
  ) {
    let paint: HTML =
      isFilled
      ? "fill=\"\(colour)\"" : "class=\"paper\" stroke=\"\(colour)\" stroke-width=\"1.8\""
    let label: HTML = tooltip.map { "<title>\($0)</title>" } ?? .empty
    switch shape {
    case .circle:
      content += "<circle cx=\"\(x)\" cy=\"\(y)\" r=\"\(size)\" \(paint)>\(label)</circle>"
    default:
      content += "<path d=\"\(shape.path(x: x, y: y, size: size))\" \(paint)>\(label)</path>"
    }
  }

  /// A horizontal axis from 0 (or below) to 1 with grid lines up to `top`.
  mutating func axis(_ scale: Scale, y: Double, top: Double, title: String) {
    for tick in scale.ticks {
      let x = scale(tick)
      line(x, top, x, y, style: tick == 0 ? "ghost" : "grid")
      text(tick.fixed(1), x: x, y: y + 16, style: "small muted middle number")
    }
    text(title, x: (scale.start + scale.end) / 2, y: y + 34, style: "small muted middle")
  }
}

/// A linear scale from data to the drawing.
struct Scale: Sendable {
  let low: Double
  let high: Double
  let start: Double
  let end: Double

  /// A scale for similarities: 0 to 1, and below zero in steps of a fifth where the data are.
  init(covering values: [Double], start: Double, end: Double) {
    let least = values.filter(\.isFinite).min() ?? 0
    let most = values.filter(\.isFinite).max() ?? 1
    low = least < -0.02 ? max(-1, (least * 5).rounded(.down) / 5) : 0
    high = most > 1.02 ? (most * 5).rounded(.up) / 5 : 1
    self.start = start
    self.end = end
  }

  func callAsFunction(_ value: Double) -> Double {
    let clamped = min(max(value, low), high)
    return start + (clamped - low) / (high - low) * (end - start)
  }

  /// Every fifth.
  var ticks: [Double] {
    let steps = Int(((high - low) * 5).rounded())
    guard steps <= 20 else { return [low, high] }
    return (0...steps).map { ((low * 5).rounded() + Double($0)) / 5 }
  }
}
