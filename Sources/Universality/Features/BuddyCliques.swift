import LinearAlgebra

/// Cliques of best buddies: units of models of different families, each the best buddy of each other.
///
/// Matches are made on the fitted samples; a clique is scored by the mean correlation of its pairs on the
/// held-out ones. Every unit belongs to at most one clique: the largest ones come first, and among equal
/// ones those whose pairs correlate most on the fitted samples.
///
/// The null is the same search in zoos whose layers are rotated (``RotatedUnits``): what the layers share
/// stays, and no unit is special. With L rotations the false-discovery rate of cliques of at least k
/// families and an agreement of at least a is estimated by
///
///     q(k, a) = (1 + cliques(k, a) in all rotated zoos)/L / cliques(k, a) found
///
/// made monotone, so that a single clique never has a q below 1/L.
///
/// - Source: Dravid et al. (ICCV 2023), there stars around one unit and no null; the estimate of false
///   discoveries by the number in null draws is that of Tusher, Tibshirani & Chu (PNAS 2001).
struct BuddyCliques: Sendable {
  struct Clique: Sendable {
    /// Numbers of units, in ascending order.
    var units: [Int]
    /// The mean correlation of its pairs.
    var fitted: Double
    var heldOut: Double
    var leastHeldOut: Double
  }

  let cliques: [Clique]

  /// The fewest families of a clique: three, or two where there are no more.
  static func fewest(of families: Int) -> Int { min(3, families) }

  /// - Throws: `SpillError`.
  init(_ zoo: UnitZoo, threads: Int) throws {
    let search = CliqueSearch(
      buddies: try BestBuddies(zoo, threads: threads),
      families: zoo.population.members.map(\.block))
    let fewest = Self.fewest(of: zoo.population.blocks.count)
    let candidates = Set(
      (0..<zoo.unitCount).map { search.largest(around: $0) }.filter { $0.count >= fewest })
    let columns = UnitLookup(zoo)
    let scored = try candidates.map { units -> Clique in
      let fitted = try units.map { try columns.column(of: $0) { $0.fitted } }
      let heldOut = try units.map { try columns.column(of: $0) { $0.heldOut } }
      let pairs = units.indices.flatMap { a in
        (a + 1..<max(a + 1, units.count)).map { (a, $0) }
      }
      let (x, y) = (
        pairs.map { dot(fitted[$0.0], fitted[$0.1]) },
        pairs.map { dot(heldOut[$0.0], heldOut[$0.1]) }
      )
      return Clique(
        units: units, fitted: x.reduce(0, +) / Double(pairs.count),
        heldOut: y.reduce(0, +) / Double(pairs.count), leastHeldOut: y.min() ?? 0)
    }
    cliques = Self.disjoint(scored)
  }

  private static func disjoint(_ cliques: [Clique]) -> [Clique] {
    let sorted = cliques.sorted {
      ($1.units.count, $1.fitted, $0.units[0]) < ($0.units.count, $0.fitted, $1.units[0])
    }
    var taken: Set<Int> = []
    return sorted.filter { clique in
      guard taken.isDisjoint(with: clique.units) else { return false }
      taken.formUnion(clique.units)
      return true
    }
  }

  /// The cliques of a zoo against those of its rotations: in ascending order of q, among equal ones the
  /// largest first and then in descending order of agreement.
  ///
  /// - Throws: `DecompositionError`, `SpillError`.
  static func scored(
    _ zoo: UnitZoo, rotations: Int, seed: UInt64, threads: Int
  ) throws -> [FeatureClique] {
    let found = try BuddyCliques(zoo, threads: threads).cliques
    guard !found.isEmpty else { return [] }
    var byChance: [Clique] = []
    for rotation in 0..<rotations {
      let rotated = try zoo.rotated(
        stream: RandomStream.cliqueRotations + UInt64(rotation) << 24, seed: seed,
        threads: threads)
      byChance += try BuddyCliques(rotated, threads: threads).cliques
    }
    let units = zoo.units
    let chance = CliqueChance(found: found, byChance: byChance, rotations: rotations)
    return zip(found, chance.qValues).map { clique, q in
      FeatureClique(
        members: clique.units.map { .init(layer: units[$0].layer, feature: units[$0].feature) },
        agreement: clique.heldOut, leastAgreement: clique.leastHeldOut,
        expectedByChance: Double(chance.asGood(as: clique)) / Double(rotations), qValue: q)
    }.sorted {
      ($0.qValue, -$0.size, -$0.agreement, $0.members[0].layer, $0.members[0].feature)
        < ($1.qValue, -$1.size, -$1.agreement, $1.members[0].layer, $1.members[0].feature)
    }
  }
}

/// How many cliques are as good as a given one, among those found and by chance.
struct CliqueChance {
  let found: [BuddyCliques.Clique]
  let byChance: [BuddyCliques.Clique]
  let rotations: Int

  /// Cliques by chance of at least as many families and at least the same agreement.
  func asGood(as clique: BuddyCliques.Clique) -> Int { count(byChance, asGoodAs: clique) }

  private func count(
    _ cliques: [BuddyCliques.Clique], asGoodAs clique: BuddyCliques.Clique
  ) -> Int {
    cliques.count { $0.units.count >= clique.units.count && $0.heldOut >= clique.heldOut }
  }

  /// For each clique found the least rate over all bounds that let it pass.
  var qValues: [Double] {
    let rates = found.map { clique in
      Double(1 + asGood(as: clique)) / Double(rotations) / Double(count(found, asGoodAs: clique))
    }
    return found.map { clique in
      zip(found, rates).reduce(1) { least, other in
        clique.units.count >= other.0.units.count && clique.heldOut >= other.0.heldOut
          ? min(least, other.1) : least
      }
    }
  }
}

/// The columns of units by their numbers.
private struct UnitLookup {
  private let pieces: [UnitZoo.Piece]
  private let starts: [Int]

  init(_ zoo: UnitZoo) {
    pieces = zoo.pieces.flatMap { $0 }
    var (starts, next) = ([Int](), 0)
    for piece in pieces {
      starts.append(next)
      next += piece.block.features.count
    }
    self.starts = starts
  }

  func column(of unit: Int, _ half: (UnitBlock) -> StoredMatrix) throws -> [Double] {
    var (low, high) = (0, starts.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= unit { low = middle } else { high = middle }
    }
    return try half(pieces[low].block).selectingColumns([unit - starts[low]]).matrix().elements
  }
}

extension RandomStream {
  /// Rotation by rotation 2²⁴ streams, one a block: beyond all others, so that 2³² rotations fit.
  static let cliqueRotations: UInt64 = 1 << 56
}
