import Testing

@testable import Universality

@Suite struct RandomStreamTests {
  /// The draws of a purpose are numbered from its first stream on, with up to 2³² numbers.
  @Test func noTwoPurposesShareADraw() {
    let first = [
      RandomStream.permutations, RandomStream.jackknifeGroups, RandomStream.rankSimulation,
      RandomStream.modelOrders, RandomStream.sampleHalves, RandomStream.directionNull,
      RandomStream.withinClassNull, RandomStream.featureRotations, RandomStream.reorderedUnits,
      RandomStream.reorderedHeldOut, RandomStream.reorderedTargets, RandomStream.imageEvidence,
      RandomStream.auditSamples, RandomStream.auditUnits, RandomStream.auditOutliers,
      RandomStream.auditDirections, RandomStream.trend, RandomStream.dispersionRotations,
      RandomStream.layerNames, RandomStream.sampleShuffling, RandomStream.cliqueRotations,
    ].sorted()
    for (one, next) in zip(first, first.dropFirst()) { #expect(next - one >= 1 << 32) }
    #expect(first.last == RandomStream.cliqueRotations)
  }
}
