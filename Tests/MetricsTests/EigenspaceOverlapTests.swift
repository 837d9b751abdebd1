import LinearAlgebra
import Metrics
import Testing

@Suite struct EigenspaceOverlapTests {
  /// Computed with NumPy by ReSi's formula, uncentred.
  @Test func goldenValues() throws {
    let a = GoldenFixture.a
    #expect(agree(try EigenspaceOverlap().similarity(a.x, a.y), 0.359527151243, within: 1e-10))
  }

  /// Ten samples span ten dimensions, of which 15 features use ten.
  @Test func withItselfItIsTheShareOfIndependentFeatures() throws {
    let (a, b) = (GoldenFixture.a, GoldenFixture.b)
    #expect(agree(try EigenspaceOverlap().similarity(a.x, a.x), 1, within: 1e-12))
    #expect(agree(try EigenspaceOverlap().similarity(b.x, b.x), 10.0 / 15, within: 1e-12))
  }
}
