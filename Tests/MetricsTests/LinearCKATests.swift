import LinearAlgebra
import Metrics
import Testing

@Suite struct LinearCKATests {
  @Test func goldenValues() throws {
    let (a, b) = (GoldenFixture.a, GoldenFixture.b)
    #expect(agree(try LinearCKA().similarity(a.x, a.y), 0.400694707520, within: 1e-10))
    #expect(agree(try LinearCKA().similarity(b.x, b.y), 0.562807738259, within: 1e-10))
  }

  /// Kornblith et al. 2019, section 3: the feature form equals ⟨Kc, Lc⟩/(‖Kc‖‖Lc‖).
  @Test func featureFormAgreesWithTheGramForm() throws {
    for fixture in [GoldenFixture.a, .b] {
      let k = fixture.x.centered().sampleGram()
      let l = fixture.z.centered().sampleGram()
      let gramForm =
        dot(k.elements, l.elements)
        / (k.squaredFrobeniusNorm() * l.squaredFrobeniusNorm()).squareRoot()
      #expect(agree(try LinearCKA().similarity(fixture.x, fixture.z), gramForm, within: 1e-13))
    }
  }

  /// Davari et al. 2022: moving a subset S (a share ρ of the samples) away along a line drives the
  /// similarity of X with its translated self to (ρ/(1 − ρ)) ‖mean_S‖²/mean‖x‖² √PR(X).
  @Test func translatingASubsetEndsAtItsLimit() throws {
    let x = GoldenFixture.a.x.centered()
    let subset = 0..<10
    let moved = Matrix(rows: x.rows, columns: x.columns) {
      x[$0, $1] + (subset.contains($0) && $1 == 0 ? 1e7 : 0)
    }
    let share = 10.0 / 40.0
    let meanOfSubset = (0..<x.columns).map { column in
      subset.reduce(0) { $0 + x[$1, column] } / 10
    }
    let meanSquare = x.squaredFrobeniusNorm() / 40
    let covariance = x.featureGram()
    let participation =
      x.squaredFrobeniusNorm() * x.squaredFrobeniusNorm() / covariance.squaredFrobeniusNorm()
    let limit =
      share / (1 - share) * dot(meanOfSubset, meanOfSubset) / meanSquare
      * participation.squareRoot()
    #expect(agree(try LinearCKA().similarity(x, moved), limit, within: 1e-6))
  }
}
