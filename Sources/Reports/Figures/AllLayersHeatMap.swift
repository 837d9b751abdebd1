import Zoo

/// The whole similarity matrix: all layers of all models, models in the order of their clustering.
struct AllLayersHeatMap {
  let outline: ZooOutline
  let matrix: SimilarityMatrix
  /// The order of the models.
  let models: [Int]

  /// Beyond this many layers the picture is left out: it would be megabytes of page for cells
  /// finer than a pixel.
  static let limit = 1000

  var order: [Int] { models.flatMap { outline.layers(of: $0) } }

  private static let labelWidth = 190.0

  var placement: HeatMapPlacement {
    HeatMapPlacement(x: Self.labelWidth, y: 12, size: cellSize, count: order.count)
  }

  private var cellSize: Double { min(16, 740 / Double(max(1, order.count))) }

  var figure: Figure {
    let order = order
    let labels = order.map { outline.label($0).shortened(to: 48) }
    let map = HeatMap(
      rows: order.count, columns: order.count, cellSize: cellSize,
      name: { row, column in "\(labels[row]) – \(labels[column])" },
      cell: { row, column in
        if row == column { return .blank("the same layer") }
        switch matrix[order[row], order[column]] {
        case .value(let value): return .value(value)
        case .missing(let reason): return .missing(reason)
        }
      })
    let (x, y) = (Self.labelWidth, 12.0)
    var drawing = Drawing(width: x + max(map.width, 420) + 16, height: y + map.height + 64)
    map.draw(into: &drawing, x: x, y: y, id: "all")
    var next = 0.0
    var lastLabel = -Double.infinity
    for model in models {
      let extent = Double(outline.layers(of: model).count) * cellSize
      let top = y + next
      let remark = outline.remark(model)
      drawing.rectangle(
        x: x - 11, y: top, width: 7, height: max(extent - 0.6, 0.4),
        fill: remark == nil ? Palette.colour(outline.family(of: model)) : nil, style: "blank",
        tooltip: outline.models[model].name.shortened(to: 80))
      if top + extent / 2 - lastLabel >= 11.5 {
        lastLabel = top + extent / 2
        drawing.text(
          outline.models[model].name, x: x - 16, y: lastLabel + 4,
          style: remark == nil ? "small end" : "small muted end", columns: 26)
      }
      next += extent
    }
    HeatMap.drawKey(
      into: &drawing, x: x, y: y + map.height + 30, id: "all",
      title: MetricName.display(matrix.metric))
    return Figure(
      name: "similarity-matrix", title: "Similarity of all layers",
      summary:
        "Heat map of \(order.count) layers under \(matrix.metric), grouped by model; models in the order of their clustering.",
      drawing: drawing, table: table(order))
  }

  /// The matrix as it is drawn: a row a layer, and after its names a column a layer.
  private func table(_ order: [Int]) -> CSV {
    var csv = CSV(["model", "layer", "family", "depth"] + order.map(outline.label))
    for row in order {
      let layer = outline.representations[row]
      let model = outline.models[layer.model]
      csv.append(
        [model.name, layer.layer, model.family ?? "", layer.depth.exact]
          + order.map { matrix[row, $0].value.field })
    }
    return csv
  }
}
