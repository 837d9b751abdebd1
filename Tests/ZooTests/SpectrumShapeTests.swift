import Testing

@testable import Zoo

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite struct SpectrumShapeTests {
  @Test func aPowerLawIsFoundAgain() throws {
    let shape = try #require(
      SpectrumShape(eigenvalues: (1...200).map { pow(Double($0), -1.3) * 7 }))
    let law = try #require(shape.powerLaw)
    #expect(abs(law.exponent - 1.3) <= 1e-12)
    #expect(law.standardError <= 1e-10)
    #expect(law.firstRank == 11 && law.lastRank == 100)
  }

  /// ln λ_k = −1.1 ln k + 0.2 sin k over ranks 4 to 16, against a weighted fit by NumPy.
  @Test func theFitAgreesWithLeastSquares() throws {
    let eigenvalues = (1...32).map { exp(-1.1 * log(Double($0)) + 0.2 * sin(Double($0))) }
    let law = try #require(SpectrumShape.PowerLaw(eigenvalues: eigenvalues))
    #expect(law.firstRank == 4 && law.lastRank == 16)
    #expect(abs(law.exponent - 0.9499592631538397) <= 1e-10)
    #expect(abs(law.standardError - 0.08485107448824007) <= 1e-10)
  }

  @Test func equalDirectionsCountEach() throws {
    let shape = try #require(SpectrumShape(eigenvalues: Array(repeating: 2.5, count: 8)))
    #expect(abs(shape.effectiveRank - 8) <= 1e-12)
    #expect(abs(shape.topShare - 0.125) <= 1e-15)
    #expect(shape.powerLaw == nil)
    let one = try #require(SpectrumShape(eigenvalues: [3]))
    #expect(one.effectiveRank == 1 && one.topShare == 1)
    #expect(SpectrumShape(eigenvalues: []) == nil)
  }
}
