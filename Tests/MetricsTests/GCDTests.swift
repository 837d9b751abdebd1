import LinearAlgebra
import Metrics
import Testing

@Suite struct GCDTests {
  @Test func goldenValues() throws {
    let a = GoldenFixture.a
    #expect(agree(try GCD().similarity(a.x, a.y), 0.454086094443, within: 1e-10))
  }

  /// Kornblith et al. call R²_CCA by this name: they differ by √(larger/smaller rank).
  @Test func itIsTheMeanSquaredCorrelationForEqualRanks() throws {
    let a = GoldenFixture.a
    let mean = try CCA(summary: .meanRhoSquared).similarity(a.x, a.y)
    #expect(agree(try GCD().similarity(a.x, a.y), mean * (6.0 / 9).squareRoot(), within: 1e-13))
  }

  @Test func itIsLinearCKAOfTheProjections() throws {
    let a = GoldenFixture.a
    let bases = (try GCD().prepare(a.x).matrix, try GCD().prepare(a.y).matrix)
    let value = try LinearCKA().similarity(bases.0, bases.1)
    #expect(agree(try GCD().similarity(a.x, a.y), value, within: 1e-12))
  }
}
