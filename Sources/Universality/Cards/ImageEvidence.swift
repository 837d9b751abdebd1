import LinearAlgebra

/// What speaks for taking features for the pixels of an image: neighbours correlate.
///
/// The mean correlation of pixels that are neighbours in a row, and that of pixels one above the other,
/// must both exceed the largest mean of 99 draws of as many pairs of pixels at random (p ≤ 0.01). The
/// pixel below must also correlate more than its own two neighbours: by that the length of a row is told
/// from any other, and an image from a signal in one dimension.
struct ImageEvidence: Sendable {
  /// The mean correlations.
  let alongRows: Double
  let alongColumns: Double
  let atRandom: Double

  var strength: Double { min(alongRows, alongColumns) }

  var inWords: String {
    "neighbouring values correlate (\(alongRows.twoDecimals) along rows, "
      + "\(alongColumns.twoDecimals) along columns) more than values at random places do (at most "
      + "\(atRandom.twoDecimals) in \(Self.draws) draws)"
  }

  private static let draws = 99
  /// Pairs behind a mean, and samples behind a correlation: enough for a standard error of 0.01.
  private static let mostPairs = 400
  private static let mostSamples = 200

  /// `nil` where the evidence does not suffice.
  ///
  /// - Throws: `SpillError`.
  init?(of values: StoredMatrix, as layout: ImageLayout) throws {
    let samples = Array(0..<min(values.rows, Self.mostSamples))
    let columns = try values.selectingRows(samples).matrix().normalizedExponent().centered()
      .transposed()
    var generator = SeededGenerator(seed: 0, stream: RandomStream.imageEvidence)
    func correlation(_ a: Int, _ b: Int) -> Double? {
      let (x, y) = (Array(columns.row(a)), Array(columns.row(b)))
      let scale = (dot(x, x) * dot(y, y)).squareRoot()
      return scale > 0 ? dot(x, y) / scale : nil
    }
    func mean(_ pairs: [(Int, Int)]) -> Double {
      let known = pairs.compactMap { correlation($0.0, $0.1) }
      return known.isEmpty ? 0 : known.reduce(0, +) / Double(known.count)
    }
    /// Pairs of pixels `right` and `below` apart, all of them or as many as are wanted.
    func apart(right: Int, below: Int) -> [(Int, Int)] {
      var pairs: [(Int, Int)] = []
      for y in 0..<layout.height - below {
        for x in max(0, -right)..<layout.width - max(0, right) {
          for channel in 0..<layout.channels {
            pairs.append(
              (
                layout.feature(x: x, y: y, channel: channel),
                layout.feature(x: x + right, y: y + below, channel: channel)
              ))
          }
        }
      }
      let step = max(1, pairs.count / Self.mostPairs)
      return stride(from: 0, to: pairs.count, by: step).map { pairs[$0] }
    }
    alongRows = mean(apart(right: 1, below: 0))
    alongColumns = mean(apart(right: 0, below: 1))
    let slanted = max(mean(apart(right: 1, below: 1)), mean(apart(right: -1, below: 1)))
    let count = columns.rows
    let pairs = min(Self.mostPairs, layout.width * layout.height * layout.channels)
    var largest = 0.0
    for _ in 0..<Self.draws {
      largest = max(
        largest,
        mean(
          (0..<pairs).map { _ in
            let first = generator.uniform(below: count)
            return (first, (first + 1 + generator.uniform(below: count - 1)) % count)
          }))
    }
    atRandom = largest
    guard alongRows > largest, alongColumns > largest, alongColumns > slanted else { return nil }
  }
}

extension RandomStream {
  static let imageEvidence: UInt64 = 13 << 32
}
