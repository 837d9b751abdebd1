import Activations
import Universality

/// Training as curves: a row a model, on the left the similarity of each layer to its own end, on
/// the right to the other families; a line a layer, dark near the input and light near the output.
struct DynamicsFigure {
  let dynamics: Dynamics
  let models: [ModelRecord]

  /// Models beyond these are left out; all data are in the table.
  private static let rowLimit = 8
  private static let panelWidth = 430.0
  private static let panelHeight = 220.0

  var figure: Figure {
    let all = dynamics.curves.map(\.model).reduce(into: [Int]()) { list, model in
      if list.last != model { list.append(model) }
    }
    let shown = all.prefix(Self.rowLimit)
    var drawing = Drawing(width: 900, height: Double(shown.count) * Self.panelHeight + 30)
    let others = dynamics.reference == .otherFamilies ? "other families" : "other models"
    for (row, model) in shown.enumerated() {
      let curves = dynamics.curves.filter { $0.model == model }
      let y = 30 + Double(row) * Self.panelHeight
      draw(curves, title: "\(models[model].name): to its end", x: 44, y: y, into: &drawing) {
        $0.toFinal
      }
      draw(
        curves, title: "\(models[model].name): to \(others)", x: 44 + Self.panelWidth, y: y,
        into: &drawing
      ) { $0.toOthers }
    }
    drawing.text(
      "across: training step · up: \(MetricName.display(dynamics.metric)) · dark: near the input, "
        + "light: near the output", x: 44, y: drawing.height - 6, style: "small muted")
    return Figure(
      name: "dynamics", title: "Layers over training",
      summary:
        "\(MetricName.display(dynamics.metric)) of \(dynamics.curves.count.counted("layer")) over training to their end and to \(others), for \(shown.count.counted("model")).",
      drawing: drawing, table: DynamicsCSV(dynamics: dynamics, models: models).table)
  }

  private func draw(
    _ curves: [TrainingCurve], title: String, x: Double, y: Double, into drawing: inout Drawing,
    _ value: (TrainingCurve.Point) -> Double?
  ) {
    let states = curves.max { $0.points.count < $1.points.count }?.points ?? []
    let end = x + Self.panelWidth - 62
    let vertical = Scale(
      covering: curves.flatMap { $0.points.compactMap(value) }, start: y + Self.panelHeight - 66,
      end: y)
    for tick in vertical.ticks {
      let level = vertical(tick)
      drawing.line(x, level, end, level, style: tick == 0 ? "ghost" : "grid")
      drawing.text(tick.fixed(1), x: x - 6, y: level + 4, style: "small muted end number")
    }
    drawing.text(title, x: x, y: y - 8.5, style: "strong", columns: 50)
    // States side by side: steps grow by factors, and begin at 0.
    let places = Dictionary(
      uniqueKeysWithValues: states.enumerated().map { place, point in
        (
          point.model,
          x + (end - x) * (states.count > 1 ? Double(place) / Double(states.count - 1) : 0)
        )
      })
    for point in states {
      drawing.text(
        point.step.map(String.init) ?? "end", x: places[point.model] ?? x,
        y: vertical.start + 17, style: "small muted middle number")
    }
    for curve in curves {
      // The lightest fifth of the colours would vanish on paper.
      let colour = Viridis.hex(0.8 * curve.depth)
      let points = curve.points.compactMap { point in
        value(point).flatMap { value in places[point.model].map { (point, $0, value) } }
      }
      drawing.polyline(points.map { ($0.1, vertical($0.2)) }, colour: colour, width: 1.6)
      for (point, place, value) in points {
        drawing.mark(
          .circle, x: place, y: vertical(value), size: 3, colour: colour,
          isFilled: !curve.isOutput,
          tooltip:
            "\(curve.layer.shortened(to: 60)), \(models[point.model].name.shortened(to: 60)): "
            + value.fixed(3))
      }
    }
  }
}
