import Foundation
import Zoo

/// The values behind the heat maps, for the script: 16 bits each, read to three decimals.
struct EmbeddedSimilarities: Encodable {
  /// The models: all names, and the values in the order of the picture.
  struct Models: Encodable {
    var names: [String]
    var order: [Int]
    var values: String?
  }

  /// The layers: whose they are, and the values in the order of the run.
  struct Layers: Encodable {
    var names: [String]
    var models: [Int]
    var order: [Int]
    var values: String
  }

  var models: Models
  var layers: Layers?
  /// The models whose layers are shown first.
  var pair: [Int]
  var colours: [String]

  /// 1000 layers are 2.7 MB of page.
  static func canHoldLayers(_ count: Int) -> Bool { count <= 1000 }

  init(_ section: MapsSection) {
    let outline = section.outline
    let matrix = section.matrix
    let order = section.models.order
    models = Models(
      names: outline.models.map { $0.name.shortened(to: 120) }, order: order,
      values: section.models.isRaster && order.count <= 600
        ? Self.packed(order.count) { section.models.similarity[order[$0], order[$1]].value } : nil)
    if Self.canHoldLayers(matrix.count) {
      layers = Layers(
        names: outline.representations.map { $0.layer.shortened(to: 120) },
        models: outline.representations.map(\.model), order: section.all?.order ?? [],
        values: Self.packed(matrix.count) { matrix[$0, $1].value })
    }
    pair = section.layers.map { [$0.modelA, $0.modelB] } ?? []
    colours = (0..<64).map { Viridis.hex(Double($0) / 63) }
  }

  /// Values from −1 to 1 in steps of 1/30000, little-endian; 65535 where there is none.
  private static func packed(_ count: Int, _ value: (Int, Int) -> Double?) -> String {
    var bytes = Data(capacity: count * count * 2)
    for row in 0..<count {
      for column in 0..<count {
        var code = UInt16.max
        if let value = value(row, column), value.isFinite {
          code = UInt16(((min(max(value, -1), 1) + 1) * 30000).rounded())
        }
        bytes.append(UInt8(code & 255))
        bytes.append(UInt8(code >> 8))
      }
    }
    return bytes.base64EncodedString()
  }
}
