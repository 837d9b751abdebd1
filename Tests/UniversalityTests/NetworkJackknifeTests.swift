import Testing

@testable import Universality

/// Intervals for other stimuli and other networks of one family of three.
@Suite struct NetworkJackknifeTests {
  private let stimuli = Jackknife(replicates: [[0.49], [0.5], [0.51]])

  private func networks(_ replicates: [Double]) -> NetworkJackknife {
    NetworkJackknife(
      population: Population(
        members: replicates.indices.map { .init(model: $0, layers: [$0], block: 0) },
        blocks: ["a"], reference: .otherModels), replicates: replicates.map { [$0] })
  }

  /// - Returns: The number 0.5 on Fisher's scale and on its own.
  private func estimates(_ networks: NetworkJackknife) throws -> [Estimate] {
    let source = try #require(networks.source(of: nil))
    return [
      try #require(networks.estimate(0.5, at: 0, stimuli, source, range: -1...1)),
      try #require(networks.linearEstimate(0.5, at: 0, stimuli, source)),
    ]
  }

  @Test func networksWidenTheInterval() throws {
    let alone = try #require(stimuli.linearEstimate(0.5, at: 0)?.low)
    for estimate in try estimates(networks([0.3, 0.5, 0.7])) {
      #expect((estimate.low ?? .nan) < alone && (estimate.high ?? .nan) > 0.5)
    }
  }

  /// An interval from the stimuli alone would pass for one that allows for networks.
  @Test func withoutAValueForOneNetworkThereIsNoInterval() throws {
    for estimate in try estimates(networks([0.3, 0.5, .nan])) {
      #expect(estimate.value == 0.5 && estimate.low == nil && estimate.high == nil)
    }
  }
}
