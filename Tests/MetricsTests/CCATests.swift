import LinearAlgebra
import Metrics
import Testing

@Suite struct CCATests {
  @Test func goldenValues() throws {
    let a = GoldenFixture.a
    #expect(agree(try CCA().similarity(a.x, a.y), 0.671079389912, within: 1e-10))
    let squared = CCA(summary: .meanRhoSquared)
    #expect(agree(try squared.similarity(a.x, a.y), 0.556139615339, within: 1e-10))
  }

  /// Ten samples, centred, and at least as many features: both spaces are the whole space.
  @Test func fullRankIsSaturated() throws {
    let b = GoldenFixture.b
    #expect(try CCA().prepare(b.x).summary.rank == 9)
    for metric in [CCA(), CCA(summary: .meanRhoSquared)] {
      #expect(agree(try metric.similarity(b.x, b.y), 1, within: 1e-12))
    }
  }

  @Test func copiesAndRoundedCopiesOfFeaturesAddNoDirections() throws {
    let a = GoldenFixture.a
    let value = try CCA().similarity(a.x, a.y)
    let copies = Matrix(rows: 40, columns: 12) { a.x[$0, $1 % 6] }
    let rounded = Matrix(rows: 40, columns: 12) {
      $1 < 6 ? a.x[$0, $1] : Double(Float(a.x[$0, $1 - 6]))
    }
    for matrix in [copies, rounded] {
      #expect(try CCA().prepare(matrix).summary.rank == 6)
      #expect(agree(try CCA().similarity(matrix, a.y), value, within: 1e-6))
    }
  }

  /// A direction 10⁵ times smaller than the others counts like them, and costs no digits.
  @Test(arguments: [true, false]) func smallDirectionsKeepTheirDigits(isTall: Bool) throws {
    let a = GoldenFixture.a
    let width = isTall ? 6 : 60
    let stretched = Matrix(rows: 40, columns: width) {
      a.x[$0, $1 % 6] * ($1 % 6 == 2 ? 1e-5 : 1)
    }
    let value = try CCA().similarity(stretched, a.y)
    #expect(agree(value, try CCA().similarity(a.x, a.y), within: 1e-10))
    #expect(try CCA(tolerance: 1e-3).prepare(stretched).summary.rank == 5)
  }
}
