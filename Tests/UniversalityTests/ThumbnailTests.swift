import Activations
import LinearAlgebra
import Testing

@testable import Universality

/// Images are recognised by evidence: smooth fields in two dimensions, and nothing else.
@Suite struct ThumbnailTests {
  private static let side = 8

  /// Noise averaged over 3 × 3 pixels, channel by channel, as rows of `feature(x, y, channel)`.
  private func fields(
    channels: Int = 1, seed: UInt64, _ feature: (Int, Int, Int) -> Int
  ) -> Matrix {
    var generator = SeededGenerator(seed: seed)
    let side = Self.side
    var values = Matrix(rows: 80, columns: side * side * channels)
    for row in 0..<80 {
      for channel in 0..<channels {
        let noise = generator.gaussianMatrix(rows: side + 2, columns: side + 2)
        for y in 0..<side {
          for x in 0..<side {
            var sum = 0.0
            for dy in 0..<3 { for dx in 0..<3 { sum += noise[y + dy, x + dx] } }
            values[row, feature(x, y, channel)] = sum
          }
        }
      }
    }
    return values
  }

  private func zoo(
    _ values: Matrix, role: ModelRecord.Role = .input, shape: [Int]? = nil, dims: String = "n d",
    pooling: String = "none"
  ) -> ActivationSet {
    var zoo = PlantedZoo.activations(
      [.init(family: nil, sharedVariance: [0], role: role)], samples: 80, seed: 1)
    zoo.representations[0].numbers = values
    zoo.representations[0].source.shape = shape ?? [80, values.columns]
    zoo.representations[0].source.dims = dims
    zoo.representations[0].source.pooling = pooling
    return zoo
  }

  private func grey(_ x: Int, _ y: Int, _: Int) -> Int { y * Self.side + x }

  @Test func squareImagesAreRecognisedAndDrawn() throws {
    let values = fields(seed: 1, grey)
    let found = try #require(try StimulusThumbnails(of: [3, 7, 70], in: zoo(values)))
    #expect(found.width == 8 && found.height == 8 && found.channels == 1)
    #expect(found.samples == [3, 7, 70] && found.pixels.allSatisfy { $0.count == 64 })
    #expect(found.evidence.contains("8 × 8 pixels because neighbouring values correlate"))
    #expect(found.pixels.joined().min() == 0 && found.pixels.joined().max() == 255)
    // Brighter where the value is larger.
    let row = Array(values.row(7))
    let (low, high) = (
      row.indices.min { row[$0] < row[$1] } ?? 0, row.indices.max { row[$0] < row[$1] } ?? 0
    )
    #expect(found.pixels[1][low] < found.pixels[1][high])
  }

  @Test func coloursAreRecognisedInBothOrders() throws {
    let side = Self.side
    let planar = fields(channels: 3, seed: 2) { ($2 * side + $1) * side + $0 }
    let interleaved = fields(channels: 3, seed: 2) { ($1 * side + $0) * 3 + $2 }
    let first = try #require(try StimulusThumbnails(of: [0, 1], in: zoo(planar)))
    let second = try #require(try StimulusThumbnails(of: [0, 1], in: zoo(interleaved)))
    #expect(first.channels == 3 && first.pixels == second.pixels)
  }

  /// Twenty draws of each kind of features that are no images; p ≤ 0.01 for each of two conditions, so
  /// that three hits have a probability below 10⁻³.
  @Test func otherFeaturesAreNoImages() throws {
    var hits = 0
    for seed in 0..<20 {
      var generator = SeededGenerator(seed: UInt64(seed), stream: 5)
      let noise = generator.gaussianMatrix(rows: 80, columns: 64)
      let smooth = generator.gaussianMatrix(rows: 80, columns: 80)
      // A signal in one dimension: neighbours correlate, and those eight apart do as well.
      let signal = Matrix(rows: 80, columns: 64) { row, column in
        (0..<16).reduce(0) { $0 + smooth[row, column + $1] }
      }
      let image = fields(seed: UInt64(seed), grey)
      let shuffled = image.selectingColumns(generator.permutation(of: 64))
      for values in [noise, signal, shuffled] {
        hits += try StimulusThumbnails(of: [0], in: zoo(values)) == nil ? 0 : 1
      }
    }
    #expect(hits <= 2, "\(hits)")
  }

  @Test func namedAxesNeedNoEvidence() throws {
    let noise = SeededGenerator.matrix(rows: 80, columns: 5 * 7)
    let found = try #require(
      try StimulusThumbnails(
        of: [2], in: zoo(noise, shape: [80, 5, 7], dims: "n h w", pooling: "flatten")))
    #expect(found.width == 7 && found.height == 5)
    #expect(found.evidence.contains("its axes are 'n h w'"))
    // Averaged over positions there are no pixels left.
    #expect(
      try StimulusThumbnails(
        of: [2], in: zoo(noise, shape: [80, 35, 6, 6], dims: "n c h w", pooling: "mean")) == nil)
  }

  @Test func onlyInputsHoldImagesAndLargeOnesAreAveraged() throws {
    #expect(
      try StimulusThumbnails(of: [0], in: zoo(fields(seed: 1, grey), role: .contestant)) == nil)
    #expect(try StimulusThumbnails(of: [], in: zoo(fields(seed: 1, grey))) == nil)
    let large = SeededGenerator.matrix(rows: 80, columns: 60 * 50)
    let found = try #require(
      try StimulusThumbnails(
        of: [4], in: zoo(large, shape: [80, 60, 50], dims: "n h w", pooling: "flatten")))
    #expect(found.width == 16 && found.height == 20 && found.pixels[0].count == 320)
  }
}

extension SeededGenerator {
  fileprivate static func matrix(rows: Int, columns: Int) -> Matrix {
    var generator = SeededGenerator(seed: 11)
    return generator.gaussianMatrix(rows: rows, columns: columns)
  }
}
