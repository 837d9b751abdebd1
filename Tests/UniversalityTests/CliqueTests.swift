import Activations
import LinearAlgebra
import Testing

@testable import Universality

/// Cliques of best buddies against their definition, against planted ones, and by chance.
@Suite struct CliqueTests {
  private func unitZoo(_ activations: ActivationSet, seed: UInt64 = 0) throws -> UnitZoo {
    try UnitZoo(
      Population(of: activations, role: .contestant), of: activations,
      halves: SampleHalves(samples: activations.sampleCount, seed: seed), threads: 2)
  }

  @Test func bestBuddiesChooseEachOther() throws {
    let zoo = try unitZoo(try PlantedUnits(samples: 60).zoo().activations)
    let units = zoo.units
    let columns = try zoo.pieces.joined().flatMap { piece in
      let rows = try piece.block.fitted.matrix().transposed()
      return (0..<rows.rows).map { Array(rows.row($0)) }
    }
    func family(_ member: Int) -> Int { zoo.population.members[member].block }
    func best(_ unit: Int, in member: Int) -> Int? {
      columns.indices.filter { units[$0].member == member }
        .max { dot(columns[unit], columns[$0]) < dot(columns[unit], columns[$1]) }
    }
    let found = try BestBuddies(zoo, threads: 2)
    var pairs = 0
    for unit in columns.indices {
      let own = units[unit].member
      for other in 0..<4 {
        let choice = family(other) == family(own) ? nil : best(unit, in: other)
        let isMutual = choice.map { best($0, in: own) == unit } ?? false
        #expect(Int(found.buddies[other][unit]) == (isMutual ? choice : -1))
        pairs += isMutual ? 1 : 0
      }
    }
    #expect(pairs > 60)
  }

  @Test func theLargestCliqueAroundAUnitIsFound() {
    // Units 0, 1, 2, 3 of models 0, 1, 2, 3: all are buddies but 2 and 3.
    let few = BestBuddies(
      buddies: [[-1, 0, 0, 0], [1, -1, 1, 1], [2, 2, -1, -1], [3, 3, -1, -1]],
      members: [0, 1, 2, 3])
    let search = CliqueSearch(buddies: few, families: [0, 1, 2, 2])
    #expect(search.largest(around: 0) == [0, 1, 2])
    #expect(search.largest(around: 2) == [0, 1, 2] && search.largest(around: 3) == [0, 1, 3])
    // One unit in each of forty families, all of them buddies: 2⁴⁰ subsets are not looked at.
    let all = Array(0..<40)
    let full = BestBuddies(
      buddies: all.map { model in all.map { $0 == model ? -1 : Int32(model) } }, members: all)
    #expect(CliqueSearch(buddies: full, families: all).largest(around: 17) == all)
    let alone = BestBuddies(buddies: [[-1], [-1]], members: [0])
    #expect(CliqueSearch(buddies: alone, families: [0, 1]).largest(around: 0) == [0])
  }

  @Test func theRateOfFalseDiscoveriesFollowsItsFormula() {
    func clique(_ size: Int, _ agreement: Double) -> BuddyCliques.Clique {
      .init(units: Array(0..<size), fitted: 0, heldOut: agreement, leastHeldOut: 0)
    }
    let chance = CliqueChance(
      found: [clique(4, 0.9), clique(3, 0.8), clique(3, 0.2)],
      byChance: [clique(3, 0.5), clique(3, 0.1), clique(4, 0.3)], rotations: 10)
    // (1 + 0)/10/1; (1 + 0)/10/2; (1 + 2)/10/3, but the bound of the second lets no third pass.
    let expected = [0.05, 0.05, 0.1]
    for (q, value) in zip(chance.qValues, expected) { #expect(abs(q - value) <= 1e-15) }
    #expect(chance.asGood(as: clique(3, 0.2)) == 2)
  }

  @Test func plantedCliquesAreFoundWhereverTheirUnitsAre() throws {
    let planted = try PlantedUnits(seed: 5).zoo()
    let found = try FeatureUniversality(of: planted.activations, seed: 3, threads: 2)
    #expect(found.universalCliques.count >= 10)
    let complete = found.universalCliques.filter { clique in
      (0..<10).contains { signal in
        clique.members.allSatisfy { planted.places[$0.layer][signal] == $0.feature }
      }
    }
    #expect(complete.count == 10)
    for clique in complete {
      #expect(clique.size == 3 && clique.agreement > 0.9 && clique.leastAgreement > 0.85)
      #expect(clique.expectedByChance == 0)
      for member in clique.members {
        let score = try #require(
          found.scores.first { $0.layer == member.layer && $0.feature == member.feature })
        #expect(score.clique.map { found.cliques[$0] } == clique)
      }
    }
    #expect(found == (try FeatureUniversality(of: planted.activations, seed: 3, threads: 1)))
  }

  /// Layers that share everything, with rotated units: some clique is found at 5 % in at most 5 % of
  /// zoos. The standard error of 40 zoos is 3.4 %; the bound is three of them away.
  @Test func rotatedLayersHaveCliquesAtTheNominalRate() throws {
    let hits = try Parallel.map(count: 40, threads: 2) { index -> Bool in
      let zoo = try PlantedUnits(
        widths: [12, 15, 14, 12], samples: 100, seed: UInt64(300 + index), isRotated: true
      ).zoo().activations
      return try BuddyCliques.scored(
        self.unitZoo(zoo, seed: UInt64(index)), rotations: 10, seed: UInt64(index), threads: 1
      ).contains { $0.qValue <= 0.05 }
    }
    #expect(hits.count { $0 } <= 6, "\(hits.count { $0 })")
  }

  /// The share of cliques found at 5 % that are no planted ones, over 12 zoos.
  @Test func falseCliquesStayAtTheNominalRate() throws {
    let shares = try Parallel.map(count: 12, threads: 2) { index -> Double in
      let planted = try PlantedUnits(samples: 160, seed: UInt64(500 + index)).zoo()
      let found = try BuddyCliques.scored(
        self.unitZoo(planted.activations), rotations: 10, seed: 1, threads: 1
      ).filter { $0.qValue <= 0.05 }
      #expect(found.count >= 9)
      let wrong = found.count { clique in
        !clique.members.allSatisfy { planted.places[$0.layer].contains($0.feature) }
      }
      return Double(wrong) / Double(max(1, found.count))
    }
    #expect(shares.reduce(0, +) / 12 <= 0.08)
  }
}
