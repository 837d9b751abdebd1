import LinearAlgebra

/// The random signs and rows of a design.
///
/// Format version 1 of the files of fingerprints: a change makes old fingerprints incomparable.
struct SketchDirections {
  let design: SketchDesign
  /// The sign of each sample.
  let signs: [Double]
  /// The rows of the transform that are used, in random order.
  let rows: [Int]

  /// - Complexity: O(N).
  init(_ design: SketchDesign) {
    self.design = design
    signs = Self.signs(count: design.samples, seed: design.seed)
    var generator = SeededGenerator(seed: design.seed, stream: Stream.rows.rawValue)
    rows = Array(generator.permutation(of: design.length).prefix(design.rowCount))
  }

  /// Every draw has a stream of its own.
  private enum Stream: UInt64 {
    case rows = 1
    /// One word for 64 samples each, from here on: a sign depends on seed and sample alone.
    case signs = 0x1_0000_0000
  }

  private static func signs(count: Int, seed: UInt64) -> [Double] {
    var signs: [Double] = []
    signs.reserveCapacity(count)
    var word: UInt64 = 0
    for sample in 0..<count {
      if sample % 64 == 0 {
        var generator = SeededGenerator(
          seed: seed, stream: Stream.signs.rawValue + UInt64(sample / 64))
        word = generator.next()
      }
      signs.append(word >> UInt64(sample % 64) & 1 == 0 ? 1 : -1)
    }
    return signs
  }
}
