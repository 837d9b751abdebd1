import Activations
import Zoo

/// Model × model similarities in clustered order, with a dendrogram and the families' colours.
struct ModelHeatMap {
  let outline: ZooOutline
  let matrix: SimilarityMatrix
  let similarity: ModelSimilarity
  let dendrogram: Dendrogram
  /// The models with layers in the order of the picture.
  let order: [Int]

  init(_ matrix: SimilarityMatrix, outline: ZooOutline) {
    self.outline = outline
    self.matrix = matrix
    let similarity = ModelSimilarity(matrix, outline: outline)
    let present = outline.models.indices.filter { !outline.layers(of: $0).isEmpty }
    // A missing cell says nothing about closeness: it counts as the largest distance.
    dendrogram = Dendrogram(count: present.count) { a, b in
      1 - (similarity[present[a], present[b]].value ?? 0)
    }
    order = dendrogram.order.map { present[$0] }
    self.similarity = similarity
  }

  private static let labelWidth = 230.0
  private static let treeHeight = 60.0

  private var heatMap: HeatMap {
    let labels = order.map { outline.models[$0].name.shortened(to: 48) }
    let side = min(24, max(1.2, 660 / Double(max(1, order.count))))
    return HeatMap(
      rows: order.count, columns: order.count, cellSize: side,
      name: { row, column in "\(labels[row]) – \(labels[column])" },
      cell: { row, column in
        if row == column { return .blank("the same model") }
        switch similarity[order[row], order[column]] {
        case .value(let value): return .value(value)
        case .missing(let reason): return .missing(reason)
        }
      })
  }

  /// Whether the cells are a picture that needs the script for its tooltips.
  var isRaster: Bool { heatMap.isRaster }

  /// Where the cells are, for the script.
  var placement: HeatMapPlacement {
    HeatMapPlacement(
      x: Self.labelWidth, y: Self.treeHeight + 18, size: heatMap.cellSize, count: order.count)
  }

  var figure: Figure {
    let map = heatMap
    let (x, y) = (Self.labelWidth, Self.treeHeight + 18)
    var drawing = Drawing(width: x + max(map.width, 420) + 16, height: y + map.height + 60)
    map.draw(into: &drawing, x: x, y: y, id: "models")
    drawLabels(into: &drawing, x: x, y: y, size: map.cellSize)
    drawTree(into: &drawing, x: x, bottom: y - 18, size: map.cellSize)
    HeatMap.drawKey(
      into: &drawing, x: x, y: y + map.height + 26, id: "models",
      title: "mean best match, \(MetricName.display(matrix.metric))")
    return Figure(
      name: "models", title: "Similarity of models",
      summary:
        "Heat map of \(order.count) models under \(matrix.metric) in the order of an average-linkage clustering.",
      drawing: drawing, table: table)
  }

  /// Names on the left, thinned out where rows are narrow; the families' strip on both sides.
  private func drawLabels(into drawing: inout Drawing, x: Double, y: Double, size: Double) {
    let step = max(1, Int((11.5 / size).rounded(.up)))
    for (row, model) in order.enumerated() {
      let top = y + Double(row) * size
      let family = outline.family(of: model)
      let remark = outline.remark(model)
      if row % step == 0 {
        let name = outline.models[model].name
        drawing.text(
          remark.map { "\(name.shortened(to: 19)) (\($0))" } ?? name, x: x - 18,
          y: top + size / 2 + 4, style: remark == nil ? "small end" : "small muted end",
          columns: remark == nil ? 30 : nil)
      }
      let tooltip = outline.models[model].family.map { $0.shortened(to: 80) } ?? "family not known"
      let gap = size > 6 ? 0.6 : 0
      for (left, top, width, height) in [
        (x - 13, top, 9, size - gap), (x + Double(row) * size, y - 13, size - gap, 9),
      ] {
        if remark == nil {
          drawing.rectangle(
            x: left, y: top, width: width, height: height, fill: Palette.colour(family),
            tooltip: tooltip)
        } else {
          drawing.add(
            """
            <rect x="\(left + 0.5)" y="\(top + 0.5)" width="\(max(width - 1, 0.3))" \
            height="\(max(height - 1, 0.3))" class="none" stroke="\(Palette.colour(family))">\
            <title>\(tooltip), \(remark ?? "")</title></rect>
            """)
        }
      }
    }
  }

  private func drawTree(into drawing: inout Drawing, x: Double, bottom: Double, size: Double) {
    guard !dendrogram.joins.isEmpty else { return }
    var position = Array(
      repeating: (x: 0.0, y: bottom), count: dendrogram.count + dendrogram.joins.count)
    for (place, leaf) in dendrogram.order.enumerated() {
      position[leaf].x = x + (Double(place) + 0.5) * size
    }
    let tallest = max(dendrogram.joins.map(\.height).max() ?? 1, .leastNormalMagnitude)
    var path = ""
    for (index, join) in dendrogram.joins.enumerated() {
      let (left, right) = (position[join.left], position[join.right])
      let height = bottom - max(0, join.height) / tallest * (Self.treeHeight - 8)
      path +=
        "M\(left.x.coordinate) \(left.y.coordinate)V\(height.coordinate)"
        + "H\(right.x.coordinate)V\(right.y.coordinate)"
      position[dendrogram.count + index] = ((left.x + right.x) / 2, height)
    }
    drawing.add("<path d=\"\(path)\" class=\"line\" stroke-width=\"1\"/>")
  }

  private var table: CSV {
    var csv = CSV(["metric", "model_a", "model_b", "value", "reason"])
    for (place, a) in order.enumerated() {
      for b in order[(place + 1)...] {
        let cell = similarity[a, b]
        csv.append([
          matrix.metric, outline.models[a].name, outline.models[b].name, cell.value.field,
          cell.reason ?? "",
        ])
      }
    }
    return csv
  }
}

/// Where the cells of a heat map are in its drawing.
struct HeatMapPlacement: Encodable {
  var x: Double
  var y: Double
  var size: Double
  var count: Int
}
