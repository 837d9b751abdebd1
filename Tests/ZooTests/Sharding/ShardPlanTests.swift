import Metrics
import Testing

@testable import Zoo

@Suite struct ShardPlanTests {
  private let metrics: [any SimilarityMetric] = [DebiasedCKA(), SVCCA()]

  /// Layers of unequal widths.
  private func shapes(_ count: Int, samples: Int = 2000) -> [RepresentationShape] {
    (0..<count).map {
      RepresentationShape(
        samples: samples, features: [64, 512, 128, 768, 300][$0 % 5], elementBytes: 4,
        isPooled: false)
    }
  }

  @Test(arguments: [0, 1, 2, 5, 60], [1, 2, 3, 7, 100])
  func everyPairBelongsToExactlyOneShard(layers: Int, count: Int) {
    let shards = ShardPlan(shapes: shapes(layers), metrics: metrics, count: count).shards
    #expect(shards.count == count)
    for a in 0..<layers {
      for b in 0..<layers {
        let owners = shards.indices.filter { shards[$0].contains(a, b) }
        #expect(owners.count == 1, "pair \(a), \(b) belongs to \(owners)")
        guard let owner = owners.first else { continue }
        #expect(shards[owner].contains(b, a))
        #expect(shards[owner].members.contains(a) && shards[owner].members.contains(b))
      }
    }
    #expect(shards.reduce(0) { $0 + $1.pairCount } == layers * (layers + 1) / 2)
    for shard in shards {
      for member in shard.members {
        #expect((0..<layers).contains { shard.contains(member, $0) })
      }
    }
  }

  @Test(arguments: [2, 3, 7, 16, 32])
  func shardsCostAboutTheSame(count: Int) {
    let shapes = shapes(60)
    let cost = ComparisonCost(shapes: shapes, metrics: metrics)
    let costs = ShardPlan(shapes: shapes, metrics: metrics, count: count).shards.map { shard in
      shard.members.reduce(0) { sum, a in
        let partners = shard.members.filter { $0 > a && shard.contains(a, $0) }
        let own = shard.contains(a, a) ? cost.comparing(a..<a + 1, a..<a + 1) : 0
        return sum + cost.preparations[a] + own
          + partners.reduce(0) { $0 + cost.comparing(a..<a + 1, $1..<$1 + 1) }
      }
    }
    let mean = costs.reduce(0, +) / Double(count)
    #expect((costs.max() ?? .infinity) <= 1.1 * mean, "\(costs.map { $0 / mean })")
  }

  @Test(arguments: [4, 16, 64, 256])
  func aShardNeedsAboutOneRootOfTheLayers(count: Int) {
    let shards = ShardPlan(shapes: shapes(240), metrics: [DebiasedCKA()], count: count).shards
    let shares = shards.map { Double($0.members.count) / 240 }
    let root = 1 / Double(count).squareRoot()
    #expect(shares.reduce(0, +) / Double(count) <= 1.8 * root, "\(shares)")
    #expect((shares.max() ?? 1) <= 2.2 * root, "\(shares)")
  }

  /// 3,000 layers come in tiles of three.
  @Test func pairsOfManyLayersAreDividedToo() {
    let shards = ShardPlan(shapes: shapes(3000), metrics: metrics, count: 5).shards
    #expect(shards.reduce(0) { $0 + $1.pairCount } == 3000 * 3001 / 2)
    for a in stride(from: 0, to: 3000, by: 97) {
      for b in stride(from: a, to: 3000, by: 101) {
        #expect(shards.count { $0.contains(a, b) } == 1)
      }
    }
  }

  @Test func moreShardsThanPairsLeaveTheLastEmpty() {
    let shards = ShardPlan(shapes: shapes(2), metrics: metrics, count: 7).shards
    #expect(shards.map(\.pairCount) == [1, 1, 1, 0, 0, 0, 0])
    #expect(shards[6].members.isEmpty)
  }

  @Test func theCurveVisitsNeighboursOneAfterTheOther() {
    let curve = HilbertCurve(covering: 13)
    #expect(curve.side == 16)
    let cells = (0..<256).map { curve.cell(at: $0) }
    #expect(Set(cells.map { $0.row * 16 + $0.column }).count == 256)
    for (cell, next) in zip(cells, cells.dropFirst()) {
      #expect(abs(cell.row - next.row) + abs(cell.column - next.column) == 1)
    }
    #expect(curve.upperTriangle(size: 13).count == 13 * 14 / 2)
  }
}
