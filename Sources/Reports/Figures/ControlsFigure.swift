import Universality

/// The score of the trained networks between its controls: what the input and untrained networks
/// reach, and what other seeds of the same family reach.
struct ControlsFigure {
  /// One kind of comparison, in one colour and shape.
  struct Series: Sendable {
    var label: String
    var colour: String
    var shape: MarkShape
    var isFilled = true
    var estimate: @Sendable (ControlRow) -> Estimate?
  }

  static let series: [Series] = [
    Series(label: "other seeds, trained", colour: "#009E73", shape: .diamond) { $0.otherSeeds },
    Series(label: "trained, other families", colour: "#0072B2", shape: .circle) { $0.trained },
    Series(label: "untrained twins", colour: "#0072B2", shape: .circle, isFilled: false) {
      $0.untrained
    },
    Series(label: "own initialisation", colour: "#CC79A7", shape: .triangle) {
      $0.ownInitialisation
    },
    Series(label: "input", colour: "#E69F00", shape: .square) { $0.input },
    Series(label: "untrained against input", colour: "#E69F00", shape: .square, isFilled: false) {
      $0.untrainedInput
    },
  ]

  let controls: [ControlRow]
  let metric: String
  let reference: Reference

  /// The comparisons that some row has.
  var present: [Series] {
    Self.series.filter { series in controls.contains { series.estimate($0) != nil } }
  }

  /// Whether there is anything to compare the trained networks with.
  var hasComparison: Bool { present.contains { $0.label != "trained, other families" } }

  func label(_ series: Series) -> String {
    reference == .otherModels && series.label == "trained, other families"
      ? "trained, other models" : series.label
  }

  func label(_ row: ControlRow) -> String {
    row.family ?? (reference == .otherFamilies ? "all families" : "all models")
  }

  var figure: Figure {
    let present = present
    let (left, right, top) = (200.0, 860.0, 58.0)
    let pitch = Double(max(2, present.count)) * 9 + 10
    let bottom = top + Double(controls.count) * pitch
    var drawing = Drawing(width: 900, height: bottom + 46)
    let values = controls.flatMap { row in
      present.compactMap { $0.estimate(row) }.flatMap { [$0.value, $0.low ?? $0.value] }
    }
    let scale = Scale(covering: values, start: left, end: right)
    drawing.axis(scale, y: bottom, top: top - 4, title: "raw \(MetricName.display(metric))")
    for (index, series) in present.enumerated() {
      let x = left + Double(index % 3) * 220
      let y = 14 + Double(index / 3) * 20
      drawing.mark(
        series.shape, x: x + 6, y: y, size: 4.8, colour: series.colour, isFilled: series.isFilled)
      drawing.text(label(series), x: x + 18, y: y + 4.5, style: "small")
    }
    for (index, row) in controls.enumerated() {
      let y = top + (Double(index) + 0.5) * pitch
      if index > 0 {
        drawing.line(20, y - pitch / 2, right, y - pitch / 2, style: "grid")
      }
      drawing.text(
        label(row), x: left - 14, y: y + 4.5, style: row.family == nil ? "strong end" : "end",
        columns: 26)
      for (place, series) in present.enumerated() {
        guard let estimate = series.estimate(row) else { continue }
        let level = y + (Double(place) - Double(present.count - 1) / 2) * 9
        if let low = estimate.low, let high = estimate.high {
          drawing.line(
            scale(low), level, scale(high), level, colour: series.colour, width: 2)
        }
        drawing.mark(
          series.shape, x: scale(estimate.value), y: level, size: 4.4, colour: series.colour,
          isFilled: series.isFilled,
          tooltip: "\(label(row).shortened(to: 60)), \(label(series)): \(estimate.display(3))")
      }
    }
    return Figure(
      name: "controls", title: "Trained networks between their controls",
      summary:
        "Raw \(metric) of trained networks and of \(present.count.counted("kind")) of comparison, for \(controls.count.counted("row")).",
      drawing: drawing, table: table)
  }

  private var table: CSV {
    var csv = CSV(["family", "comparison", "value", "ci_low", "ci_high"])
    for row in controls {
      for series in present {
        guard let estimate = series.estimate(row) else { continue }
        csv.append([
          row.family ?? "", label(series), estimate.value.exact, estimate.low.field,
          estimate.high.field,
        ])
      }
    }
    return csv
  }
}
