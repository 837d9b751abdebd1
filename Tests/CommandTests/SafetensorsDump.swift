import Foundation

/// A small dump with any names: noise in a safetensors file.
enum SafetensorsDump {
  /// - Parameters:
  ///   - about: `model`, `family` and other attributes.
  ///   - layers: The number of features of each layer, by name.
  static func write(
    to path: String, rows: Int, about: [String: String], layers: [String: Int], seed: UInt64
  ) throws {
    var state = seed &* 0x1000_0000_01B3
    var header: [String: Any] = ["__metadata__": about]
    var data = Data()
    for (name, features) in layers.sorted(by: { $0.key < $1.key }) {
      let start = data.count
      for _ in 0..<rows * features {
        // Twelve uniform numbers make a nearly normal one.
        let sum = (0..<12).reduce(0.0) { sum, _ in sum + uniform(&state) }
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

  /// A number in 0 ..< 1 by SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
  private static func uniform(_ state: inout UInt64) -> Double {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
    return Double((word ^ word >> 31) >> 11) * 0x1p-53
  }
}
