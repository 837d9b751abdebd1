import LinearAlgebra
import Metrics
import Testing

@Suite struct SpectralCKATests {
  /// The values of the formula in NumPy; the ends of the family are other metrics.
  @Test func goldenValues() throws {
    let a = GoldenFixture.a
    let cases: [(SpectralCKA.Weight, Double)] = [
      (.power(1), 0.400694707520), (.power(0), 0.454086094443),
      (.power(0.5), 0.449518762943), (.power(2), 0.342780936863), (.ridge(0.1), 0.440189591945),
    ]
    for (weight, expected) in cases {
      let value = try SpectralCKA(weight: weight).similarity(a.x, a.y)
      #expect(agree(value, expected, within: 1e-10), "\(weight)")
    }
  }

  @Test func theFamilyConnectsCKAAndGCD() throws {
    for fixture in [GoldenFixture.a, .b] {
      func value(_ weight: SpectralCKA.Weight) throws -> Double {
        try SpectralCKA(weight: weight).similarity(fixture.x, fixture.z)
      }
      let cka = try LinearCKA().similarity(fixture.x, fixture.z)
      let gcd = try GCD().similarity(fixture.x, fixture.z)
      #expect(agree(try value(.power(1)), cka, within: 1e-11))
      #expect(agree(try value(.ridge(1e9)), cka, within: 1e-8))
      #expect(agree(try value(.power(0)), gcd, within: 1e-12))
      #expect(agree(try value(.ridge(1e-14)), gcd, within: 1e-8))
    }
  }
}
