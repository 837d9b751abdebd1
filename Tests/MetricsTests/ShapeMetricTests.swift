import LinearAlgebra
import Metrics
import Testing

@Suite struct ShapeMetricTests {
  @Test func goldenValues() throws {
    let a = GoldenFixture.a
    let cases: [(ShapeMetric, Double)] = [
      (ShapeMetric(alpha: 0), 0.990903810652),
      (ShapeMetric(alpha: 0.5, scale: .raw), 0.974057403793),
      (ShapeMetric(alpha: 1), 0.977469268930),
      // ‖Xc‖²_F = n: by the formula in NumPy.
      (ShapeMetric(alpha: 0.5), 0.970418405281),
    ]
    for (metric, expected) in cases {
      #expect(agree(try metric.similarity(a.x, a.y), expected, within: 1e-10), "\(metric.name)")
    }
  }

  @Test func withoutWhiteningItIsTheProcrustesAngle() throws {
    for fixture in [GoldenFixture.a, .b] {
      let angle = try Procrustes(output: .angle).similarity(fixture.x, fixture.z)
      #expect(agree(try ShapeMetric().similarity(fixture.x, fixture.z), angle, within: 1e-12))
      // And so is the limit: the route by components meets the direct one.
      let nearly = ShapeMetric(alpha: 1 - 1e-12)
      #expect(agree(try nearly.similarity(fixture.x, fixture.z), angle, within: 1e-10))
    }
  }

  @Test func fullyWhitenedItIsTheSumOfCanonicalCorrelations() throws {
    let a = GoldenFixture.a
    let sum = try CCA().similarity(a.x, a.y) * 6
    let cosine = sum / (6.0 * 9).squareRoot()
    let angle = try ShapeMetric(alpha: 0).similarity(a.x, a.y)
    #expect(agree(angle, 0.990903810652, within: 1e-10))
    #expect(agree(cosine, 0.671079389912 * 6 / 54.0.squareRoot(), within: 1e-10))
  }

  @Test(arguments: [0, 0.3, 0.7, 1]) func theTriangleInequalityHolds(alpha: Double) throws {
    let a = GoldenFixture.a
    let metric = ShapeMetric(alpha: alpha)
    let sides = [
      try metric.similarity(a.x, a.y), try metric.similarity(a.y, a.z),
      try metric.similarity(a.x, a.z),
    ]
    #expect(2 * (sides.max() ?? .nan) <= sides.reduce(0, +))
  }
}
