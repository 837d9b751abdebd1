import Zoo

/// The heat maps: models, the layers of two models, all layers.
struct MapsSection: PageSection {
  let id: StaticString = "maps"
  let heading = "Who resembles whom"

  let outline: ZooOutline
  let matrix: SimilarityMatrix
  let models: ModelHeatMap
  let layers: LayerHeatMap?
  let all: AllLayersHeatMap?
  private let isRanked: Bool

  init(_ content: ReportContent, matrix: SimilarityMatrix, outline: ZooOutline) {
    self.outline = outline
    self.matrix = matrix
    isRanked = content.findings != nil
    models = ModelHeatMap(matrix, outline: outline)
    layers = Self.defaultPair(content, outline).map {
      LayerHeatMap(outline: outline, matrix: matrix, modelA: $0, modelB: $1)
    }
    all =
      matrix.count <= AllLayersHeatMap.limit && matrix.count > 1
      ? AllLayersHeatMap(outline: outline, matrix: matrix, models: models.order) : nil
  }

  /// The two highest models of different families; without a ranking the first two models.
  private static func defaultPair(
    _ content: ReportContent, _ outline: ZooOutline
  ) -> (Int, Int)? {
    let ranked = content.findings?.ranking.models.sorted {
      ($0.rank, $0.index) < ($1.rank, $1.index)
    }
    let candidates = (ranked?.map(\.index) ?? Array(outline.models.indices)).filter {
      !outline.layers(of: $0).isEmpty
    }
    guard let first = candidates.first else { return nil }
    let others = candidates.dropFirst()
    let second = others.first {
      outline.family(of: $0) == nil || outline.family(of: $0) != outline.family(of: first)
    }
    return (first, second ?? others.first ?? first)
  }

  var figures: [Figure] { [models.figure] + [layers?.figure, all?.figure].compactMap { $0 } }

  var body: HTML {
    let metric = MetricName.display(matrix.metric)
    var body: HTML = "<h3>Models</h3>\n" + legend
    body += models.figure.block(
      caption: """
        Similarity of two models: the mean, over the layers of one, of the best match (\(metric)) \
        among all layers of the other, averaged over both directions; outputs included. Models are \
        in the order of an average-linkage clustering of 1 − similarity, drawn above. The strip \
        shows the family; models that are not ranked (untrained, checkpoints, input, controls) \
        have open strips and grey names. Colours span 0 to 1 in every heat map; lower values \
        have the colour of 0.
        """,
      placement: models.isRaster ? models.placement : nil)
    if let layers {
      body += "<h3>Layers of two models</h3>\n"
      let controls: HTML = """
        <div class="controls"><label>Rows <select></select></label>\
        <label>Columns <select></select></label></div>
        """
      body += layers.figure.block(
        caption: """
          Each layer of one model with each layer of another by \(metric), both from the first \
          layer to the last. Chosen for the page: \(choice(layers)).
          """,
        controls: EmbeddedSimilarities.canHoldLayers(matrix.count) ? controls : .empty)
    }
    if let all {
      body += "<h3>All layers</h3>\n"
      body += all.figure.block(
        caption: "The whole similarity matrix; within a model, layers are in order of depth.",
        placement: HeatMap.isLarge(matrix.count) ? all.placement : nil)
    } else if matrix.count > AllLayersHeatMap.limit {
      body += """
        <p>The matrix of all \(matrix.count) layers is too large for a page; it is in \
        <a href="results.nc">results.nc</a> and <a href="pairs.csv">pairs.csv</a>.</p>
        """
    }
    return body
  }

  private func choice(_ layers: LayerHeatMap) -> String {
    let (a, b) = (outline.models[layers.modelA], outline.models[layers.modelB])
    if a.family != nil, b.family != nil, a.family != b.family {
      return isRanked ? "the highest models of two different families" : "two different families"
    }
    return isRanked ? "the two highest models" : "the first two models"
  }

  private var legend: HTML {
    guard !outline.families.isEmpty else { return .empty }
    let items = outline.families.enumerated().map { index, family -> HTML in
      var drawing = Drawing(width: 14, height: 14)
      drawing.mark(
        Palette.shape(index), x: 7, y: 7, size: 4.8, colour: Palette.colour(index))
      return """
        <li><svg viewBox="0 0 14 14" aria-hidden="true">\(drawing.content)</svg>\
        \(HTML.name(family, columns: 30))</li>

        """
    }
    return "<ul class=\"legend\" aria-label=\"Colours of the families\">\(items)</ul>\n"
  }
}

extension HeatMap {
  /// Whether a square map of so many rows is a picture rather than rectangles.
  static func isLarge(_ count: Int) -> Bool { count * count > rectangleLimit }
}
