import LinearAlgebra
import Metrics
import Testing

@Suite struct UniformityDifferenceTests {
  /// Computed with NumPy by ReSi's formula.
  @Test func goldenValues() throws {
    let a = GoldenFixture.a
    let value = try UniformityDifference().similarity(a.x, a.y)
    #expect(agree(value, 0.8716271634577657, within: 1e-12))
  }

  /// Far apart, every sample sees only itself: −log n whatever the representation is.
  @Test func distantSamplesAreAllEquallyUniform() throws {
    let a = GoldenFixture.a
    let (x, y) = (a.x.scaled(by: 1e3), a.y.scaled(by: 1e3))
    #expect(try UniformityDifference().similarity(x, y) == 0)
    let close = a.x.scaled(by: 1e-9)
    let value = try UniformityDifference().similarity(x, close)
    #expect(agree(value, 3.6888794541139363, within: 1e-9))  // log 40
  }
}
