/// A part of the page under a heading of its own.
protocol PageSection {
  /// The anchor. Never taken from data.
  var id: StaticString { get }
  var heading: String { get }
  /// The figures in ``body``, for the files beside the page.
  var figures: [Figure] { get }
  var body: HTML { get }
}

extension Figure {
  /// The figure with its caption and links to its files.
  ///
  /// - Parameters:
  ///   - placement: where the cells of a raster heat map are, for the read-out of the script.
  ///   - controls: what only works with the script.
  func block(caption: HTML, placement: HeatMapPlacement? = nil, controls: HTML = .empty) -> HTML {
    let name = name.description
    let place: HTML = placement.map { " data-placement=\"\($0.text)\"" } ?? .empty
    let readout: HTML = placement == nil ? .empty : "<p class=\"readout\"></p>"
    return """
      <figure id="figure-\(name)"\(place)>\(controls)<div class="scroll" tabindex="0" role="group" \
      aria-label="\(title)">\(inline)</div>\(readout)<figcaption>\(caption) \
      <a href="figures/\(name).svg">SVG</a> · <a href="figures/\(name).csv">data</a></figcaption>\
      </figure>

      """
  }
}

extension HeatMapPlacement {
  fileprivate var text: String {
    "{\"x\":\(x.coordinate),\"y\":\(y.coordinate),\"size\":\(size),\"count\":\(count)}"
  }
}

/// An HTML table.
struct PageTable {
  /// A column: its heading, and whether it holds numbers.
  struct Column {
    var heading: String
    var isNumber = true
  }

  let caption: String
  let columns: [Column]
  var rows: [[HTML]] = []

  var html: HTML {
    let head = columns.map { column -> HTML in
      let style: HTML = column.isNumber ? " class=\"n\"" : .empty
      return "<th scope=\"col\"\(style)>\(column.heading)</th>"
    }
    let body = rows.map { row -> HTML in
      let cells = zip(columns, row).map { column, cell -> HTML in
        let style: HTML = column.isNumber ? " class=\"n\"" : " class=\"name\""
        return "<td\(style)>\(cell)</td>"
      }
      return "<tr>\(cells)</tr>\n"
    }
    return """
      <div class="scroll" tabindex="0" role="group" aria-label="\(caption)"><table>\
      <caption>\(caption)</caption><thead><tr>\(head)</tr></thead><tbody>
      \(body)</tbody></table></div>

      """
  }
}

extension HTML {
  /// A name of the dumps: shortened, with the whole of it in a tooltip.
  static func name(_ name: String, columns: Int = 60) -> HTML {
    let shown = name.shortened(to: columns)
    return shown == name
      ? "<bdi>\(name)</bdi>" : "<bdi title=\"\(name.prefix(4096).description)\">\(shown)</bdi>"
  }

  /// A list with bullets.
  static func list(_ items: [HTML]) -> HTML {
    "<ul>\(items.map { item -> HTML in "<li>\(item)</li>\n" })</ul>\n"
  }
}
