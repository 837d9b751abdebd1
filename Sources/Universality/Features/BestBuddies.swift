import LinearAlgebra

/// Units of models of different families that are each other's best match on the fitted samples.
///
///     v = argmax corr(u, ·) over the units of v's model, and u = argmax corr(v, ·) over those of u's model
///
/// so that a unit has at most one best buddy in each model. Correlations keep their sign.
///
/// - Complexity: O(D² n) for D units; besides the units, four bytes for each unit and model, and a product
///   of two panels on each thread.
/// - Source: Dekel et al. (CVPR 2015) for best-buddy pairs; Dravid et al. (ICCV 2023) between networks.
struct BestBuddies: Sendable {
  /// Model by model: for each unit of the zoo the number of its best buddy there, or -1.
  let buddies: [[Int32]]
  /// The model of each unit.
  let members: [Int]

  /// - Throws: `SpillError`.
  init(_ zoo: UnitZoo, threads: Int) throws {
    let models = zoo.pieces.indices
    let panels = models.map { UnitPanel.panels(of: zoo.pieces[$0], startingAt: zoo.starts[$0]) }
    let pairs = models.flatMap { a in
      models.filter {
        $0 > a && zoo.population.members[$0].block != zoo.population.members[a].block
      }.map { (a, $0) }
    }
    let found = try Parallel.map(count: pairs.count, threads: threads) { pair in
      try Self.mutual(panels[pairs[pair].0], panels[pairs[pair].1])
    }
    var buddies = Array(
      repeating: [Int32](repeating: -1, count: zoo.unitCount), count: models.count)
    for (pair, matches) in zip(pairs, found) {
      for (unit, other) in matches {
        buddies[pair.1][unit] = Int32(other)
        buddies[pair.0][other] = Int32(unit)
      }
    }
    self.init(buddies: buddies, members: zoo.units.map(\.member))
  }

  init(buddies: [[Int32]], members: [Int]) {
    self.buddies = buddies
    self.members = members
  }

  /// The best buddies of a unit, in ascending order.
  func buddies(of unit: Int) -> [Int] {
    buddies.compactMap { $0[unit] >= 0 ? Int($0[unit]) : nil }.sorted()
  }

  func areBuddies(_ a: Int, _ b: Int) -> Bool { Int(buddies[members[b]][a]) == b }

  /// The pairs of a unit on the left and one on the right that choose each other.
  private static func mutual(
    _ left: [UnitPanel], _ right: [UnitPanel]
  ) throws -> [(Int, Int)] {
    var ofLeft = Choices(left)
    var ofRight = Choices(right)
    for x in left {
      for y in right {
        let product = try crossProduct(
          of: x.blocks.map(\.fitted), with: y.blocks.map(\.fitted), precision: .single)
        product.elements.withUnsafeBufferPointer { elements in
          for row in 0..<product.rows {
            for column in 0..<product.columns {
              let value = elements[row * product.columns + column]
              ofLeft.consider(value, of: y.start + column, by: x.start + row)
              ofRight.consider(value, of: x.start + row, by: y.start + column)
            }
          }
        }
      }
    }
    return ofLeft.numbers.compactMap { unit in
      guard let other = ofLeft.choice(of: unit), ofRight.choice(of: other) == unit else {
        return nil
      }
      return (unit, other)
    }
  }
}

/// The best match so far of each unit of one model. A constant unit correlates with nothing and is never
/// chosen: only positive correlations count.
private struct Choices {
  private let first: Int
  private var values: [Double]
  private var chosen: [Int]

  init(_ panels: [UnitPanel]) {
    first = panels.first?.start ?? 0
    let count = panels.reduce(0) { $0 + $1.width }
    values = Array(repeating: 0, count: count)
    chosen = Array(repeating: -1, count: count)
  }

  var numbers: Range<Int> { first..<first + chosen.count }

  mutating func consider(_ value: Double, of other: Int, by unit: Int) {
    if value > values[unit - first] {
      values[unit - first] = value
      chosen[unit - first] = other
    }
  }

  func choice(of unit: Int) -> Int? {
    chosen[unit - first] >= 0 ? chosen[unit - first] : nil
  }
}
