import Foundation

/// A small dump with any names: noise in a safetensors file.
enum SafetensorsDump {
  /// - Parameters:
  ///   - about: `model`, `family` and other attributes.
  ///   - layers: The number of features of each layer, by name.
  static func write(
    to path: String, rows: Int, about: [String: String], layers: [String: Int], seed: UInt64
  ) throws {
    var state = seed &* 2_862_933_555_777_941_757 &+ 3_037_000_493
    var header: [String: Any] = ["__metadata__": about]
    var data = Data()
    for (name, features) in layers.sorted(by: { $0.key < $1.key }) {
      let start = data.count
      for _ in 0..<rows * features {
        // Twelve uniform numbers make a nearly normal one. The factor is Knuth's for 64 bits.
        let sum = (0..<12).reduce(0.0) { sum, _ in
          state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
          return sum + Double(state >> 11) * 0x1p-53
        }
        withUnsafeBytes(of: Float(sum - 6).bitPattern.littleEndian) { data.append(contentsOf: $0) }
      }
      header[name] = [
        "dtype": "F32", "shape": [rows, features], "data_offsets": [start, data.count],
      ]
    }
    let json = try JSONSerialization.data(withJSONObject: header, options: .sortedKeys)
    var file = withUnsafeBytes(of: UInt64(json.count).littleEndian) { Data($0) }
    file.append(json)
    file.append(data)
    try file.write(to: URL(fileURLWithPath: path))
  }
}
