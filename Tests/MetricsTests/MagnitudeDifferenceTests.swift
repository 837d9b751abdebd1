import LinearAlgebra
import Metrics
import Testing

@Suite struct MagnitudeDifferenceTests {
  /// Computed with NumPy by ReSi's formula.
  @Test func goldenValues() throws {
    let a = GoldenFixture.a
    let value = try MagnitudeDifference().similarity(a.x, a.y)
    #expect(agree(value, 0.05988288997295706, within: 1e-12))
  }

  @Test func hugeActivationsDoNotOverflow() throws {
    let a = GoldenFixture.a
    let value = try MagnitudeDifference().similarity(a.x.scaled(by: 1e200), a.y.scaled(by: 1e200))
    #expect(agree(value / 1e200, 0.05988288997295706, within: 1e-12))
  }

  @Test func aMeanOfZeroHasNoMagnitude() throws {
    let signs = Matrix(rows: 4, columns: 1) { row, _ in row % 2 == 0 ? 1 : -1 }
    let shifted = Matrix(rows: 4, columns: 1) { row, _ in row % 2 == 0 ? 4 : 2 }
    #expect(try MagnitudeDifference().similarity(signs, shifted) == 3)
  }
}
