import LinearAlgebra
import Metrics
import Testing

@testable import Zoo

@Suite struct FingerprintTests {
  private func random(_ rows: Int, _ columns: Int, _ seed: UInt64) -> Matrix {
    var generator = SeededGenerator(seed: seed)
    return generator.gaussianMatrix(rows: rows, columns: columns)
  }

  /// ⟨A, B⟩ of U-centred Gram matrices, by definition and with unit traces.
  private func product(_ x: Matrix, _ y: Matrix) -> Double {
    let (a, b) = (uCentered(x), uCentered(y))
    return zip(a.elements, b.elements).reduce(0) { $0 + $1.0 * $1.1 }
  }

  private func uCentered(_ x: Matrix) -> Matrix {
    let (centered, energy) = x.centeredWithEnergy()
    let gram = centered.sampleGram().scaled(by: 1 / energy)
    let n = Double(gram.rows)
    let sums = (0..<gram.rows).map { row in gram.row(row).reduce(0, +) - gram[row, row] }
    let total = sums.reduce(0, +)
    let means = sums.map { $0 / (n - 2) - total / (2 * (n - 1) * (n - 2)) }
    return Matrix(rows: gram.rows, columns: gram.rows) {
      $0 == $1 ? 0 : gram[$0, $1] - means[$0] - means[$1]
    }
  }

  /// Both pairings: fewer pairs than rows, and more. 50 samples are padded to 64, 64 are not; 600 and
  /// 700 to 1024.
  @Test(arguments: [(50, 1024), (64, 256), (600, 512), (700, 256)])
  func theMeanOverSeedsIsTheExactProduct(_ samples: Int, _ size: Int) throws {
    let x = random(samples, 6, 1)
    let y = Matrix(rows: samples, columns: 4) { x[$0, $1] + 0.8 * x[$0, 5 - $1] * x[$0, 0] }
    let expected = product(x, y)
    let values = try (0..<400).map { seed in
      let design = SketchDesign(samples: samples, size: size, seed: UInt64(seed))
      let f = try Fingerprint(of: x, design: design)
      let g = try Fingerprint(of: y, design: design)
      return zip(f.pairs, g.pairs).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    let mean = values.reduce(0, +) / 400
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 399
    let error = (variance / 400).squareRoot()
    #expect(abs(mean - expected) <= 4 * error, "\(mean) \(expected) ± \(error)")
    #expect(error <= 0.1 * expected)
  }

  /// All norms are kept while there are at most size/4 samples.
  @Test func theSampleNormsAreExact() throws {
    let (x, y) = (random(50, 6, 1), random(50, 3, 2))
    let design = SketchDesign(samples: 50, size: 256)
    let f = try Fingerprint(of: x, design: design)
    let g = try Fingerprint(of: y, design: design)
    func norms(_ matrix: Matrix) -> [Double] {
      let (centered, energy) = matrix.centeredWithEnergy()
      return centered.squaredRowNorms().map { $0 / energy - 1.0 / 50 }
    }
    let expected = dot(norms(x), norms(y)) * 50 / 48
    let value = zip(f.rows, g.rows).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    #expect(abs(value - expected) <= 1e-6 * abs(expected))
  }

  @Test func seedSizeAndSamplesDecideAlone() throws {
    let x = random(70, 5, 3)
    let design = SketchDesign(samples: 70, size: 512, seed: 4)
    #expect(design == SketchDesign(samples: 70, size: 512, seed: 4))
    #expect(design != SketchDesign(samples: 70, size: 512, seed: 5))
    let one = try Fingerprint(of: x, design: design)
    #expect(one == (try Fingerprint(of: x, design: SketchDesign(samples: 70, size: 512, seed: 4))))
    #expect(one.pairs.count == 512 && one.rows.count == 128)
  }

  /// Golden values: a change would make fingerprints of earlier versions incomparable.
  @Test func theDirectionsOfASeedNeverChange() {
    let design = SketchDesign(samples: 12, size: 256, seed: 7)
    let directions = SketchDirections(design)
    #expect(directions.signs == GoldenDirections.signs)
    #expect(directions.rows == GoldenDirections.rows)
  }

  @Test func theOrderOfTheRowsDoesNotMatter() throws {
    let x = random(90, 7, 5)
    let design = SketchDesign(samples: 90, size: 256)
    var generator = SeededGenerator(seed: 8)
    let order = generator.permutation(of: 90)
    // Row i of the shuffled matrix is sample order[i].
    let shuffled = try Fingerprint(of: x.selectingRows(order), design: design, places: order)
    let straight = try Fingerprint(of: x, design: design)
    for (a, b) in zip(shuffled.pairs, straight.pairs) { #expect(abs(a - b) <= 1e-6) }
    for (a, b) in zip(shuffled.rows, straight.rows) { #expect(abs(a - b) <= 1e-6) }
  }

  @Test func offsetsAndScalesDoNoHarm() throws {
    let x = random(90, 7, 5)
    let design = SketchDesign(samples: 90, size: 256)
    let plain = try Fingerprint(of: x, design: design)
    for scale in [0x1p-900, 0x1p-83, 0x1p83, 0x1p900] {
      let scaled = try Fingerprint(of: x.scaled(by: scale), design: design)
      #expect(scaled.pairs == plain.pairs && scaled.rows == plain.rows)
      #expect(abs(scaled.norm / scale - plain.norm) <= 1e-12 * plain.norm)
    }
    let offset = Matrix(rows: 90, columns: 7) { x[$0, $1] + 1e6 }
    let moved = try Fingerprint(of: offset, design: design)
    for (a, b) in zip(moved.pairs, plain.pairs) { #expect(abs(a - b) <= 1e-6) }
  }

  @Test func degenerateInputHasAReason() {
    let design = SketchDesign(samples: 20, size: 256)
    #expect(throws: MetricError.constant) {
      try Fingerprint(of: Matrix(rows: 20, columns: 3, repeating: 0.7), design: design)
    }
    #expect(throws: MetricError.noFeatures) {
      try Fingerprint(of: Matrix(rows: 20, columns: 0), design: design)
    }
    var broken = random(20, 3, 1)
    broken[4, 2] = .infinity
    #expect(throws: MetricError.notFinite(sample: 4, feature: 2)) {
      try Fingerprint(of: broken, design: design)
    }
  }
}
