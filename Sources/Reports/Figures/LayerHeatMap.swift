import Zoo

/// Layer × layer similarities of two models.
struct LayerHeatMap {
  let outline: ZooOutline
  let matrix: SimilarityMatrix
  let modelA: Int
  let modelB: Int

  var figure: Figure {
    let rows = outline.layers(of: modelA)
    let columns = outline.layers(of: modelB)
    let size = min(46, max(3, 560 / Double(max(rows.count, columns.count, 1))))
    let (x, y) = (210.0, 88.0)
    let map = HeatMap(
      rows: rows.count, columns: columns.count, cellSize: size,
      name: { row, column in
        let a = outline.representations[rows[row]].layer.shortened(to: 48)
        return "\(a) – \(outline.representations[columns[column]].layer.shortened(to: 48))"
      },
      cell: { row, column in
        switch matrix[rows[row], columns[column]] {
        case .value(let value): .value(value)
        case .missing(let reason): .missing(reason)
        }
      })
    let longest =
      columns.map { outline.representations[$0].layer.shortened(to: 22).displayWidth }.max() ?? 0
    var drawing = Drawing(
      width: max(x + map.width + 110, 640), height: y + map.height + 32 + Double(longest) * 4.6)
    // The script redraws all but the group of the key.
    drawing.add("<g class=\"key\">")
    HeatMap.drawKey(
      into: &drawing, x: x, y: 18, id: "layers", title: MetricName.display(matrix.metric))
    drawing.add("</g>")
    map.draw(into: &drawing, x: x, y: y, id: "layers", showsValues: size >= 30)
    let step = max(1, Int((12 / size).rounded(.up)))
    for (row, layer) in rows.enumerated() where row % step == 0 {
      drawing.text(
        outline.representations[layer].layer, x: x - 8, y: y + (Double(row) + 0.5) * size + 4,
        style: "small end", columns: 26)
    }
    for (column, layer) in columns.enumerated() where column % step == 0 {
      drawing.text(
        outline.representations[layer].layer, x: x + (Double(column) + 0.5) * size,
        y: y + map.height + 14, style: "small", columns: 22, rotated: 40)
    }
    drawing.text(
      "rows: \(outline.models[modelA].name.shortened(to: 40)) · columns: "
        + outline.models[modelB].name.shortened(to: 40), x: x, y: y - 16, style: "strong")
    return Figure(
      name: "layers-of-two-models", title: "Similarity of the layers of two models",
      summary:
        "Heat map of \(rows.count) × \(columns.count) layers under \(matrix.metric), in order of depth.",
      drawing: drawing, table: table(rows, columns))
  }

  private func table(_ rows: [Int], _ columns: [Int]) -> CSV {
    var csv = CSV(["metric", "model_a", "layer_a", "model_b", "layer_b", "value", "reason"])
    for a in rows {
      for b in columns {
        csv.append([
          matrix.metric, outline.models[modelA].name, outline.representations[a].layer,
          outline.models[modelB].name, outline.representations[b].layer,
          matrix[a, b].value.field, matrix[a, b].reason ?? "",
        ])
      }
    }
    return csv
  }
}
