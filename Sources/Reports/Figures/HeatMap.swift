/// The cells of a heat map, with a fixed range from 0 to 1.
///
/// Small maps are rectangles with tooltips; large ones a picture. Missing cells are hatched in
/// either case, and the reason is in the tooltip.
struct HeatMap {
  enum Cell: Equatable {
    case value(Double)
    case missing(String)
    /// Nothing to be seen here, such as a model beside itself.
    case blank(String)
  }

  let rows: Int
  let columns: Int
  let cellSize: Double
  /// Shown in the tooltip of a cell.
  let name: (_ row: Int, _ column: Int) -> String
  let cell: (_ row: Int, _ column: Int) -> Cell

  /// Up to this many cells are rectangles with tooltips.
  static let rectangleLimit = 1800

  var width: Double { Double(columns) * cellSize }
  var height: Double { Double(rows) * cellSize }
  var isRaster: Bool { rows * columns > Self.rectangleLimit }

  /// Draws the cells with their upper left corner at (x, y).
  ///
  /// - Parameters:
  ///   - id: makes the names of patterns unique in the page.
  ///   - showsValues: prints the values into the cells.
  func draw(
    into drawing: inout Drawing, x: Double, y: Double, id: String, showsValues: Bool = false
  ) {
    drawing.add(Self.hatching(id))
    if isRaster {
      drawRaster(into: &drawing, x: x, y: y, id: id)
    } else {
      drawRectangles(into: &drawing, x: x, y: y, id: id, showsValues: showsValues)
    }
  }

  private func drawRectangles(
    into drawing: inout Drawing, x: Double, y: Double, id: String, showsValues: Bool
  ) {
    let gap = cellSize > 6 ? 0.6 : 0
    for row in 0..<rows {
      for column in 0..<columns {
        let left = x + Double(column) * cellSize
        let top = y + Double(row) * cellSize
        let name = name(row, column)
        let side = cellSize - gap
        switch cell(row, column) {
        case .value(let value):
          drawing.rectangle(
            x: left, y: top, width: side, height: side, fill: Viridis.hex(value),
            tooltip: "\(name): \(value.fixed(3))")
          if showsValues {
            let fill = Viridis.wantsDarkText(value) ? "#111111" : "#ffffff"
            drawing.add(
              """
              <text x="\(left + side / 2)" y="\(top + side / 2 + 4)" class="small middle number" \
              style="fill:\(fill);pointer-events:none">\(value.fixed(2))</text>
              """)
          }
        case .missing(let reason):
          drawing.rectangle(
            x: left, y: top, width: side, height: side, fill: "url(#hatch-\(id))",
            tooltip: "\(name): no value, \(reason.shortened(to: 300))")
        case .blank(let why):
          drawing.rectangle(
            x: left, y: top, width: side, height: side, style: "blank", tooltip: "\(name): \(why)")
        }
      }
    }
  }

  private func drawRaster(into drawing: inout Drawing, x: Double, y: Double, id: String) {
    let steps = 250
    var palette = (0..<steps).map { Viridis.bytes(Double($0) / Double(steps - 1)) }
    palette.append([0xC9, 0xCE, 0xD6])
    palette.append([0xE9, 0xEC, 0xF0])
    var pixels: [UInt8] = []
    pixels.reserveCapacity(rows * columns)
    var runs: [String: [(row: Int, from: Int, to: Int)]] = [:]
    for row in 0..<rows {
      for column in 0..<columns {
        switch cell(row, column) {
        case .value(let value):
          pixels.append(UInt8((min(max(value, 0), 1) * Double(steps - 1)).rounded()))
        case .missing(let reason):
          pixels.append(UInt8(steps))
          var list = runs.removeValue(forKey: reason) ?? []
          if let last = list.last, last.row == row, last.to == column {
            list[list.count - 1].to = column + 1
          } else {
            list.append((row, column, column + 1))
          }
          runs[reason] = list
        case .blank: pixels.append(UInt8(steps + 1))
        }
      }
    }
    let image = RasterImage(width: columns, height: rows, pixels: pixels, palette: palette)
    drawing.add(
      """
      <image class="cells" x="\(x)" y="\(y)" width="\(width)" height="\(height)" \
      preserveAspectRatio="none" style="image-rendering:pixelated" href="\(image.address)"/>
      """)
    // One outline a reason; beyond a few thousand runs the plain grey of the picture must do.
    guard runs.values.reduce(0, { $0 + $1.count }) <= 4000 else { return }
    for (reason, list) in runs.sorted(by: { $0.key < $1.key }) {
      let path = list.map { run in
        let left = (x + Double(run.from) * cellSize).coordinate
        let top = (y + Double(run.row) * cellSize).coordinate
        let length = (Double(run.to - run.from) * cellSize).coordinate
        return "M\(left) \(top)h\(length)v\(cellSize.coordinate)h-\(length)z"
      }.joined()
      drawing.add(
        """
        <path d="\(path)" fill="url(#hatch-\(id))"><title>no value: \(reason.shortened(to: 300))\
        </title></path>
        """)
    }
  }

  private static func hatching(_ id: String) -> HTML {
    """
    <defs><pattern id="hatch-\(id)" width="6" height="6" patternUnits="userSpaceOnUse" \
    patternTransform="rotate(45)"><rect width="6" height="6" class="blank"/>\
    <line x1="0" y1="0" x2="0" y2="6" class="hatch" stroke-width="2"/></pattern></defs>
    """
  }

  /// A bar that explains the colours, 240 wide and 34 high.
  static func drawKey(into drawing: inout Drawing, x: Double, y: Double, id: String, title: String)
  {
    let steps = 48
    for step in 0..<steps {
      drawing.rectangle(
        x: x + Double(step) * 5, y: y, width: 5.3, height: 10,
        fill: Viridis.hex((Double(step) + 0.5) / Double(steps)))
    }
    for tick in 0...4 {
      let value = Double(tick) / 4
      drawing.text(
        value == 0.5 ? "0.5" : value.fixed(tick % 4 == 0 ? 0 : 2), x: x + value * 240, y: y + 24,
        style: "small muted middle number")
    }
    drawing.text(title, x: x, y: y - 7, style: "small muted")
    drawing.rectangle(
      x: x + 264, y: y - 1, width: 12, height: 12, fill: "url(#hatch-\(id))")
    drawing.text("no value", x: x + 282, y: y + 9, style: "small muted")
  }
}
