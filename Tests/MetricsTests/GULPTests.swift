import LinearAlgebra
import Metrics
import Testing

@Suite struct GULPTests {
  @Test func goldenValues() throws {
    let a = GoldenFixture.a
    for (lambda, square) in [(0, 8.326324615931), (0.01, 6.223640039999), (1, 0.159388194539)] {
      let squared = GULP(lambda: lambda, output: .squaredDistance)
      #expect(agree(try squared.similarity(a.x, a.y), square, within: 1e-10))
      let distance = try GULP(lambda: lambda).similarity(a.x, a.y)
      #expect(agree(distance, square.squareRoot(), within: 1e-10))
    }
  }

  @Test func withoutPenaltyItCountsCanonicalCorrelations() throws {
    let a = GoldenFixture.a
    let meanSquare = try CCA(summary: .meanRhoSquared).similarity(a.x, a.y)
    let square = try GULP(output: .squaredDistance).similarity(a.x, a.y)
    #expect(agree(square, 6 + 9 - 2 * 6 * meanSquare, within: 1e-12))
  }

  /// The definition with inverse matrices, on the fixture scaled to ‖Xc‖²_F = n.
  @Test func fewerSamplesThanFeaturesAreNoObstacle() throws {
    let b = GoldenFixture.b
    let value = try GULP(lambda: 0.1).similarity(b.x, b.y)
    let kernels = try [b.x, b.y].map { matrix in
      let centered = matrix.centered()
      let gram = centered.scaled(by: 1 / centered.squaredFrobeniusNorm().squareRoot()).sampleGram()
      let eigen = try SymmetricEigen(gram)
      let weighted = Matrix(rows: 10, columns: 10) {
        eigen.vectors[$0, $1] * (eigen.values[$0] / (eigen.values[$0] + 0.1))
      }
      return eigen.vectors.transposeTimes(weighted)
    }
    let difference = Matrix(rows: 10, columns: 10) { kernels[0][$0, $1] - kernels[1][$0, $1] }
    #expect(agree(value, difference.squaredFrobeniusNorm().squareRoot(), within: 1e-12))
  }
}
