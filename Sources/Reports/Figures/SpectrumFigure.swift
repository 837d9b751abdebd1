import Universality

/// The universality spectrum: eigenvalue by eigenvalue what families share, between chance, labels and
/// untrained networks.
struct SpectrumFigure {
  let found: SharedDirections

  /// More eigenvalues than these are noise in any zoo that was looked at; the data file has as many.
  private static let mostEigenvalues = 40

  private struct Series {
    var name: String
    var colour: String
    var shape: MarkShape
    var isFilled: Bool
    var values: [Double]
  }

  private var series: [Series] {
    var all = [
      Series(
        name: "trained", colour: "#0072B2", shape: .circle, isFilled: true, values: found.spectrum)
    ]
    if let values = found.untrainedSpectrum {
      all.append(
        Series(
          name: "untrained", colour: "#0072B2", shape: .circle, isFilled: false, values: values))
    }
    if let values = found.withinClassSpectrum {
      all.append(
        Series(
          name: "labels alone", colour: "#CC79A7", shape: .diamond, isFilled: false,
          values: values))
    }
    return all.map { series in
      var series = series
      series.values = Array(series.values.prefix(Self.mostEigenvalues))
      return series
    }
  }

  var figure: Figure {
    let series = series
    let count = max(2, series.map(\.values.count).max() ?? 0)
    var drawing = Drawing(width: 900, height: 330)
    let (left, right, top, bottom) = (56.0, 860.0, 44.0, 284.0)
    let vertical = Scale(covering: [0, 1], start: bottom, end: top)
    func x(_ index: Int) -> Double {
      left + (Double(index) + 0.5) * (right - left) / Double(count)
    }
    for tick in vertical.ticks {
      drawing.line(
        left, vertical(tick), right, vertical(tick), style: tick == 0 ? "ghost" : "grid")
      drawing.text(
        tick.fixed(1), x: left - 8, y: vertical(tick) + 4, style: "small muted end number")
    }
    for index in stride(from: 0, to: count, by: 5) {
      drawing.text(
        String(index + 1), x: x(index), y: bottom + 17, style: "small muted middle number")
    }
    for (name, level, dashed) in levels {
      drawing.line(left, vertical(level), right, vertical(level), dashed: dashed)
      drawing.text(
        name, x: right, y: vertical(level) + (dashed ? -5 : 13), style: "small muted end")
    }
    for (place, series) in series.enumerated() {
      drawing.mark(
        series.shape, x: left + 6 + Double(place) * 160, y: 18, size: 4.6, colour: series.colour,
        isFilled: series.isFilled)
      drawing.text(series.name, x: left + 18 + Double(place) * 160, y: 22.5, style: "small")
      drawing.polyline(
        series.values.enumerated().map { (x($0), vertical($1)) }, colour: series.colour, width: 1)
      for (index, value) in series.values.enumerated() {
        drawing.mark(
          series.shape, x: x(index), y: vertical(value), size: 4, colour: series.colour,
          isFilled: series.isFilled, tooltip: "\(series.name), \(index + 1): \(value.fixed(3))")
      }
    }
    drawing.text(
      "across: shared direction · up: eigenvalue, the share of its variance that families explain",
      x: left, y: 322, style: "small muted")
    return Figure(
      name: "universality-spectrum", title: "The universality spectrum",
      summary:
        "Eigenvalues of \(found.layers.count.counted("trained layer")) of \(found.families.count) families, from \((found.spectrum.first ?? 0).fixed(2)) down, and the levels of chance.",
      drawing: drawing, table: table)
  }

  private var levels: [(name: String, level: Double, dashed: Bool)] {
    [("edge of chance, analytic", found.nullEdge, false)]
      + (found.nullThreshold.map { [("95 % point of chance", $0, true)] } ?? [])
  }

  private var table: CSV {
    var csv = CSV([
      "direction", "eigenvalue", "untrained_eigenvalue", "within_class_eigenvalue", "null_edge",
      "null_threshold", "p_value", "held_out_agreement", "leave_one_family_out_r2",
      "least_r2", "excess_over_input", "excess_over_input_low", "excess_over_input_high",
      "excess_over_untrained", "excess_over_untrained_low", "excess_over_untrained_high",
      "class_eta_squared",
    ])
    func value(_ values: [Double]?, _ index: Int) -> Double? {
      values.flatMap { $0.indices.contains(index) ? $0[index] : nil }
    }
    for (index, eigenvalue) in found.spectrum.enumerated() {
      let direction = index < found.directions.count ? found.directions[index] : nil
      let (input, untrained) = (direction?.excessOverInput, direction?.excessOverUntrained)
      csv.append([
        String(index + 1), eigenvalue.exact, value(found.untrainedSpectrum, index).field,
        value(found.withinClassSpectrum, index).field, found.nullEdge.exact,
        found.nullThreshold.field, (direction?.pValue).field,
        (direction?.heldOutAgreement).field, (direction?.meanPredictability).field,
        (direction?.leastPredictability).field, (input?.value).field, (input?.low).field,
        (input?.high).field, (untrained?.value).field, (untrained?.low).field,
        (untrained?.high).field, (direction?.classShare).field,
      ])
    }
    return csv
  }
}
