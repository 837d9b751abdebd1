import Universality

/// The share of the raw similarity that is left after each step: a block a stage, a row a step,
/// what the step took away as a bar; the pairs of families are small points, the untrained twins
/// open ones, and the debiased CKA of what is left is a diamond.
struct WaterfallFigure {
  let waterfall: Waterfall
  let table: CSV

  private static let trained = "#0072B2"
  private static let taken = "#E69F00"
  private static let remaining = "#009E73"
  private static let pitch = 26.0

  var figure: Figure {
    let stages = Waterfall.Stage.allCases.filter { !waterfall.ladder($0).isEmpty }.reversed()
    let (left, right) = (230.0, 860.0)
    let rows = stages.reduce(0) { $0 + waterfall.ladder($1).count }
    let top = 34.0
    let bottom = top + Double(rows) * Self.pitch + Double(stages.count) * 34
    var drawing = Drawing(width: 900, height: bottom + 46)
    let all = waterfall.rows.filter { $0.familyA != $0.familyB || $0.familyA == nil }
    let scale = Scale(
      covering: all.compactMap { $0.left?.low ?? $0.left?.value } + [0], start: left, end: right)
    drawing.axis(
      scale, y: bottom, top: top - 4, title: "debiased CKA that is left (parts add up)")
    drawing.mark(.circle, x: left + 6, y: 14, size: 4.8, colour: Self.trained)
    drawing.text("trained, all pairs of \(families)", x: left + 18, y: 18.5, style: "small")
    drawing.mark(.circle, x: left + 226, y: 14, size: 4.8, colour: Self.trained, isFilled: false)
    drawing.text("untrained twins", x: left + 238, y: 18.5, style: "small")
    drawing.rectangle(x: left + 374, y: 9, width: 16, height: 10, fill: Self.taken)
    drawing.text("taken away by the step", x: left + 396, y: 18.5, style: "small")
    drawing.mark(.diamond, x: left + 554, y: 14, size: 3.6, colour: Self.remaining)
    drawing.text("CKA of the rest", x: left + 566, y: 18.5, style: "small")
    var y = top
    for stage in stages {
      drawing.text(stage.title, x: 20, y: y + 20, style: "strong")
      y += 34
      var before: Double?
      for row in waterfall.ladder(stage) {
        draw(row, after: before, y: y + Self.pitch / 2, scale, into: &drawing)
        before = row.left?.value
        y += Self.pitch
      }
    }
    return Figure(
      name: "waterfall", title: "What is left of the similarity, step by step",
      summary:
        "Debiased CKA between networks of different \(families) after each of \(rows.counted("step")), in \(stages.count.counted("block")).",
      drawing: drawing, table: table)
  }

  private var families: String { waterfall.isAcrossFamilies ? "families" : "models" }

  private func draw(
    _ row: WaterfallRow, after before: Double?, y: Double, _ scale: Scale,
    into drawing: inout Drawing
  ) {
    guard let estimate = row.left else { return }
    drawing.text(row.step.title, x: scale.start - 14, y: y + 4.5, style: "end")
    let x = scale(estimate.value)
    if let before, before != estimate.value {
      drawing.rectangle(
        x: min(x, scale(before)), y: y - 4, width: abs(scale(before) - x), height: 8,
        fill: Self.taken,
        tooltip: "\(row.step.title): \(row.part?.display(3) ?? "")")
    }
    let others = waterfall.rows.filter {
      $0.stage == row.stage && $0.step == row.step && $0.familyA != $0.familyB
    }
    for pair in others where pair.isTrained {
      guard let left = pair.left, let a = pair.familyA, let b = pair.familyB else { continue }
      drawing.mark(
        .circle, x: scale(left.value), y: y, size: 1.8, colour: Palette.unknown,
        tooltip: "\(a.shortened(to: 40)) and \(b.shortened(to: 40)): \(left.display(3))")
    }
    let twins = waterfall.ladder(row.stage, isTrained: false).first { $0.step == row.step }
    if let left = twins?.left {
      drawing.mark(
        .circle, x: scale(left.value), y: y, size: 4.4, colour: Self.trained, isFilled: false,
        tooltip: "untrained twins: \(left.display(3))")
    }
    if let value = row.value, value.value != estimate.value {
      drawing.mark(
        .diamond, x: scale(value.value), y: y, size: 3.6, colour: Self.remaining,
        tooltip: "debiased CKA of what is left: \(value.display(3))")
    }
    if let low = estimate.low, let high = estimate.high {
      drawing.line(scale(low), y, scale(high), y, colour: Self.trained, width: 2)
    }
    drawing.mark(
      .circle, x: x, y: y, size: 4.4, colour: Self.trained,
      tooltip: "\(row.step.title): \(estimate.display(3))")
  }
}

extension Waterfall.Stage {
  /// As in headings.
  var title: String {
    switch self {
    case .first: "First hidden layer"
    case .middle: "Middle hidden layer"
    case .last: "Last hidden layer"
    }
  }
}

extension Waterfall.Step {
  /// As in tables and figures.
  var title: String {
    switch self {
    case .raw: "raw"
    case .chance: "minus chance"
    case .input: "beyond the input"
    case .twins: "beyond untrained twins"
    case .labels: "beyond the labels"
    }
  }
}
