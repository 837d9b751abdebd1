import Testing

@testable import Universality

@Suite struct DistributionTests {
  /// Tables of Student's t: 97.5 % points.
  @Test(arguments: [(1, 12.706204736), (2, 4.302652730), (10, 2.228138852), (49, 2.009575237)])
  func quantilesOfStudentsT(_ degrees: Int, _ expected: Double) {
    #expect(abs(StudentT.quantile(0.975, degrees: degrees) - expected) <= 1e-8)
    #expect(abs(StudentT.quantile(0.025, degrees: degrees) + expected) <= 1e-8)
  }

  @Test func falseDiscoveryRatesOfBenjaminiAndHochberg() {
    let rates = falseDiscoveryRates([0.01, nil, 0.04, 0.03, 0.005])
    let expected: [Double?] = [0.02, nil, 0.04, 0.04, 0.02]
    for (rate, value) in zip(rates, expected) {
      if let value { #expect(abs((rate ?? .nan) - value) <= 1e-15) } else { #expect(rate == nil) }
    }
  }

  @Test func jackknifeGroupsFollowTheSampleCount() {
    #expect(Jackknife.groupCount(samples: 797, requested: 200) == 50)
    #expect(Jackknife.groupCount(samples: 300, requested: 200) == 30)
    #expect(Jackknife.groupCount(samples: 40, requested: 200) == 10)
    #expect(Jackknife.groupCount(samples: 12, requested: 200) == 6)
    #expect(Jackknife.groupCount(samples: 797, requested: 25) == 25)
    #expect(Jackknife.groupCount(samples: 797, requested: 0) == 0)
  }

  @Test func clearDifferencesSeparateRanksAndEqualItemsShareThem() throws {
    let noise: [[Double]] = (0..<4).map { item in
      (0..<20).map { group in
        let step = (group * 7 + item * 3) % 5 - 2
        return 0.01 * Double(step)
      }
    }
    let apart = try #require(
      RankIntervals(scores: [4, 3, 2, 1], deviations: noise.map { [$0] }, degrees: [19], seed: 1))
    #expect(apart.ranges == [1...1, 2...2, 3...3, 4...4])
    let together = try #require(
      RankIntervals(
        scores: [1.001, 1, 0.999, 0.998], deviations: noise.map { [$0] }, degrees: [19], seed: 1))
    #expect(together.ranges == [1...4, 1...4, 1...4, 1...4])
  }
}
