/// The shape of a data point.
enum MarkShape: Int, Sendable, CaseIterable {
  case circle, square, triangle, diamond, cross, wedge

  /// The outline around (x, y); a circle has none.
  func path(x: Double, y: Double, size: Double) -> String {
    let points: [(Double, Double)]
    switch self {
    case .circle: return ""
    case .square: points = [(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)]
    case .triangle: points = [(0, -1.2), (1.1, 0.8), (-1.1, 0.8)]
    case .diamond: points = [(0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)]
    case .cross:
      points = [
        (-0.4, -1.2), (0.4, -1.2), (0.4, -0.4), (1.2, -0.4), (1.2, 0.4), (0.4, 0.4), (0.4, 1.2),
        (-0.4, 1.2), (-0.4, 0.4), (-1.2, 0.4), (-1.2, -0.4), (-0.4, -0.4),
      ]
    case .wedge: points = [(0, 1.2), (1.1, -0.8), (-1.1, -0.8)]
    }
    let corners = points.map {
      (x + $0.0 * size).coordinate + " " + (y + $0.1 * size).coordinate
    }
    return "M" + corners.joined(separator: "L") + "Z"
  }
}

/// Colours that people with colour-vision deficiencies can tell apart (Okabe & Ito 2008; the grey
/// stands for their black, which would vanish on a dark page).
enum Palette {
  private static let colours = [
    "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#B8AA00", "#7A7F87",
  ]

  /// For models whose family is not known.
  static let unknown = "#7A7F87"

  static func colour(_ family: Int?) -> String {
    guard let family else { return unknown }
    return colours[family % colours.count]
  }

  /// Beyond the eighth family colours repeat and shapes change.
  static func shape(_ family: Int?) -> MarkShape {
    let shapes = MarkShape.allCases
    return shapes[((family ?? 0) / colours.count) % shapes.count]
  }
}

/// The viridis colour map (van der Walt & Smith 2015), interpolated between 17 of its colours; the
/// error is below 3 %.
enum Viridis {
  private static let anchors: [UInt32] = [
    0x440154, 0x48186a, 0x472d7b, 0x424086, 0x3b528b, 0x33638d, 0x2c728e, 0x26828e, 0x21918c,
    0x1f9f88, 0x27ad81, 0x3dbc74, 0x5cc863, 0x81d34d, 0xaadc32, 0xd5e21a, 0xfde725,
  ]

  /// Red, green and blue for a value; values outside 0…1 take the end of the map.
  static func bytes(_ value: Double) -> [UInt8] {
    let position = min(max(value, 0), 1) * Double(anchors.count - 1)
    let index = min(Int(position), anchors.count - 2)
    let fraction = position - Double(index)
    return [16, 8, 0].map { (shift: UInt32) in
      let from = Double((anchors[index] >> shift) & 255)
      let to = Double((anchors[index + 1] >> shift) & 255)
      return UInt8((from + fraction * (to - from)).rounded())
    }
  }

  static func hex(_ value: Double) -> String {
    "#"
      + bytes(value).map { byte in
        let digits = String(byte, radix: 16)
        return digits.count == 1 ? "0" + digits : digits
      }.joined()
  }

  /// Whether dark text is the more legible one on the colour of a value.
  static func wantsDarkText(_ value: Double) -> Bool { value > 0.6 }
}
