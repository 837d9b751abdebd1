import LinearAlgebra
import Metrics
import Testing

@Suite struct MinibatchCKATests {
  @Test func goldenValues() throws {
    let a = GoldenFixture.a
    #expect(agree(try MinibatchCKA(batch: 10).similarity(a.x, a.y), 0.333808766564, within: 1e-10))
    #expect(agree(try MinibatchCKA(batch: 20).similarity(a.x, a.y), 0.327138303159, within: 1e-10))
  }

  @Test func oneBatchIsDebiasedCKA() throws {
    for fixture in [GoldenFixture.a, .b] {
      let expected = try DebiasedCKA().similarity(fixture.x, fixture.y)
      for batch in [fixture.x.rows, 1000] {
        let value = try MinibatchCKA(batch: batch).similarity(fixture.x, fixture.y)
        #expect(agree(value, expected, within: 1e-12))
      }
    }
  }

  @Test func aShorterLastBatchIsDropped() throws {
    let a = GoldenFixture.a
    let whole = (a.x.selectingRows(0..<30), a.y.selectingRows(0..<30))
    let value = try MinibatchCKA(batch: 15).similarity(a.x, a.y)
    #expect(agree(value, try MinibatchCKA(batch: 15).similarity(whole.0, whole.1), within: 1e-12))
  }
}
