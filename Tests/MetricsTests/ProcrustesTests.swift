import LinearAlgebra
import Metrics
import Testing

@Suite struct ProcrustesTests {
  @Test func goldenValues() throws {
    let (a, b) = (GoldenFixture.a, GoldenFixture.b)
    let cases: [(Procrustes, GoldenFixture, Double)] = [
      (Procrustes(), a, 0.559122526270),
      (Procrustes(output: .squaredDistance), a, 0.881754947461),
      (Procrustes(output: .angle), a, 0.977469268930),
      (Procrustes(output: .distance), a, 0.881754947461.squareRoot()),
      (Procrustes(), b, 0.735680535789),
    ]
    for (metric, fixture, expected) in cases {
      let value = try metric.similarity(fixture.x, fixture.y)
      #expect(agree(value, expected, within: 1e-10), "\(metric.name)")
    }
  }

  /// The distance by its definition: what is left of A R − B for the best R, from the decomposition.
  @Test func theDistanceIsWhatTheBestRotationLeaves() throws {
    let a = GoldenFixture.a
    let x = a.x.centered().scaled(by: 1 / a.x.centered().squaredFrobeniusNorm().squareRoot())
    let y = a.y.centered().scaled(by: 1 / a.y.centered().squaredFrobeniusNorm().squareRoot())
    let cross = try SingularValueDecomposition(x.transposeTimes(y))
    let rotated = x.times(cross.left).times(cross.rightTransposed)
    let difference = Matrix(rows: 40, columns: 9) { rotated[$0, $1] - y[$0, $1] }
    let value = try Procrustes(output: .distance).similarity(a.x, a.y)
    #expect(agree(value, difference.squaredFrobeniusNorm().squareRoot(), within: 1e-12))
  }

  @Test func distanceAndAngleSatisfyTheTriangleInequality() throws {
    for output in [Procrustes.Output.distance, .angle] {
      let metric = Procrustes(output: output)
      for fixture in [GoldenFixture.a, .b] {
        let (x, y, z) = (fixture.x, fixture.y, fixture.z)
        let sides = [
          try metric.similarity(x, y), try metric.similarity(y, z), try metric.similarity(x, z),
        ]
        let longest = sides.max() ?? .nan
        #expect(2 * longest <= sides.reduce(0, +))
      }
    }
  }

  @Test func rotatedCopiesAreAtDistanceZero() throws {
    var generator = SeededGenerator(seed: 3)
    let b = GoldenFixture.b
    let rotation = try generator.gaussianMatrix(rows: 15, columns: 15).orthonormalized()
    for output in [Procrustes.Output.distance, .angle] {
      #expect(try Procrustes(output: output).similarity(b.x, b.x.times(rotation)) == 0)
    }
  }
}
