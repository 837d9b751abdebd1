import LinearAlgebra
import Metrics
import Testing

@Suite struct PWCCATests {
  @Test func goldenValues() throws {
    let a = GoldenFixture.a
    #expect(agree(try PWCCA().similarity(a.x, a.y), 0.788443482844, within: 1e-10))
    #expect(agree(try PWCCA().similarity(a.y, a.x), 0.647277993960, within: 1e-10))
  }

  /// Of the definition: the weights by hand for one feature, whose only variate is itself.
  @Test func oneFeatureHasItsOwnCorrelation() throws {
    let a = GoldenFixture.a
    let one = a.x.selectingColumns([0])
    let expected = try CCA().similarity(one, a.y)
    #expect(agree(try PWCCA().similarity(one, a.y), expected, within: 1e-12))
  }

  /// With squares for absolute values and ρ² for ρ, the formula is the variance of X that linear
  /// regression on Y explains (0.722857282169 for fixture A): the weights are what they should be.
  @Test func theSquaredFormIsLinearRegression() throws {
    let a = GoldenFixture.a
    let (x, y) = (try CCA().prepare(a.x).matrix, try CCA().prepare(a.y).matrix)
    let canonical = try SingularValueDecomposition(x.transposeTimes(y))
    let projections = x.times(canonical.left).transposeTimes(a.x.centered())
    let weights = projections.squaredRowNorms()
    let explained =
      dot(weights, canonical.values.map { $0 * $0 }) / weights.reduce(0, +)
    #expect(agree(explained, 0.722857282169, within: 1e-10))
  }

  @Test func fullRankIsSaturated() throws {
    let b = GoldenFixture.b
    #expect(agree(try PWCCA().similarity(b.x, b.y), 1, within: 1e-12))
  }
}
