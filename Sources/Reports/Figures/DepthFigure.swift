import Universality

/// Universality of layers against their relative depth: a panel a family, a line a model, all
/// other models as a shadow.
struct DepthFigure {
  let outline: ZooOutline
  let layers: [RankedItem]
  let axisTitle: String
  let table: CSV

  /// Panels beyond these are left out; all data are in the table.
  private static let panelLimit = 24
  private static let panelWidth = 300.0
  private static let panelHeight = 210.0

  /// One line of a model: depth and score, in the order of the layers.
  private struct Line {
    var family: Int?
    var model: Int
    var points: [(depth: Double, item: RankedItem)]
  }

  private var lines: [Line] {
    var byModel: [Int: [RankedItem]] = [:]
    for item in layers {
      byModel[outline.representations[item.index].model, default: []].append(item)
    }
    return byModel.keys.sorted().map { model in
      let items = (byModel[model] ?? []).sorted { $0.index < $1.index }
      return Line(
        family: outline.family(of: model), model: model,
        points: items.map { (outline.representations[$0.index].depth, $0) })
    }
  }

  var figure: Figure {
    let lines = lines
    let families = Set(lines.compactMap(\.family)).sorted()
    var panels: [(title: String, family: Int?, isAll: Bool)] = families.map {
      (outline.families[$0], $0, false)
    }
    if lines.contains(where: { $0.family == nil }) {
      panels.append((families.isEmpty ? "all models" : "family not known", nil, families.isEmpty))
    }
    panels = Array(panels.prefix(Self.panelLimit))
    let columns = min(3, max(1, panels.count))
    let rows = (panels.count + columns - 1) / columns
    var drawing = Drawing(
      width: max(560, Double(columns) * Self.panelWidth + 30),
      height: Double(rows) * Self.panelHeight + 26)
    let values = layers.map(\.score.universality.value)
    for (index, panel) in panels.enumerated() {
      let x = 44 + Double(index % columns) * Self.panelWidth
      let y = 30 + Double(index / columns) * Self.panelHeight
      let vertical = Scale(
        covering: values, start: y + Self.panelHeight - 66, end: y)
      let horizontal = Scale(covering: [0, 1], start: x, end: x + Self.panelWidth - 62)
      drawFrame(panel.title, family: panel.family, horizontal, vertical, into: &drawing)
      for line in lines where line.family != panel.family {
        drawing.polyline(
          line.points.map { (horizontal($0.depth), vertical($0.item.score.universality.value)) },
          style: "ghost", width: 1)
      }
      for line in lines where line.family == panel.family {
        draw(line, horizontal, vertical, into: &drawing)
      }
    }
    let bottom = drawing.height - 6
    drawing.text(
      "across: relative depth of the layer (0 first, 1 last) · up: \(axisTitle)",
      x: 44, y: bottom, style: "small muted")
    return Figure(
      name: "depth", title: "Universality against depth",
      summary:
        "\(panels.count.counted("panel")), one a family, with a line for each of \(lines.count.counted("model")).",
      drawing: drawing, table: table)
  }

  private func drawFrame(
    _ title: String, family: Int?, _ horizontal: Scale, _ vertical: Scale,
    into drawing: inout Drawing
  ) {
    for tick in vertical.ticks {
      let y = vertical(tick)
      drawing.line(
        horizontal.start, y, horizontal.end, y, style: tick == 0 ? "ghost" : "grid")
      drawing.text(
        tick.fixed(1), x: horizontal.start - 6, y: y + 4, style: "small muted end number")
    }
    for tick in [0, 0.5, 1] {
      drawing.text(
        tick.fixed(1), x: horizontal(tick), y: vertical.start + 17,
        style: "small muted middle number")
    }
    drawing.mark(
      Palette.shape(family), x: horizontal.start + 5, y: vertical.end - 13, size: 4.5,
      colour: Palette.colour(family))
    drawing.text(
      title, x: horizontal.start + 16, y: vertical.end - 8.5, style: "strong", columns: 28)
  }

  private func draw(
    _ line: Line, _ horizontal: Scale, _ vertical: Scale, into drawing: inout Drawing
  ) {
    let colour = Palette.colour(line.family)
    drawing.polyline(
      line.points.map { (horizontal($0.depth), vertical($0.item.score.universality.value)) },
      colour: colour, width: 1.6)
    for point in line.points {
      let layer = outline.representations[point.item.index]
      let output = layer.isOutput ? ", output" : ""
      drawing.mark(
        Palette.shape(line.family), x: horizontal(point.depth),
        y: vertical(point.item.score.universality.value), size: 3.4, colour: colour,
        isFilled: !layer.isOutput,
        tooltip: "\(outline.label(point.item.index).shortened(to: 100))\(output): "
          + point.item.score.universality.display(3))
    }
  }
}
