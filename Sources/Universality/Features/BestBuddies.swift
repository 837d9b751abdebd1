import LinearAlgebra

/// Units of different families that are each other's best match on the fitted samples.
///
///     v = argmax corr(u, ·) over the units of all models of v's family, and
///     u = argmax corr(v, ·) over the units of all models of u's family
///
/// so that a unit has at most one best buddy in each other family. Correlations keep their sign.
///
/// - Complexity: O(D² n) for D units; besides the units, (families) numbers a unit and a product of two
///   panels on each thread.
/// - Source: Dekel et al. (CVPR 2015) for best-buddy pairs; Dravid et al. (ICCV 2023) between networks.
struct BestBuddies: Sendable {
  /// Family by family: for each unit of the zoo the number of its best buddy there, or -1.
  let buddies: [[Int]]

  /// - Throws: `SpillError`.
  init(_ zoo: UnitZoo, threads: Int) throws {
    let families = zoo.population.blocks.count
    let panels = (0..<families).map { family in
      zoo.members(ofFamily: family).flatMap {
        UnitPanel.panels(of: zoo.pieces[$0], startingAt: zoo.starts[$0])
      }
    }
    let pairs = (0..<families).flatMap { a in (a + 1..<max(a + 1, families)).map { (a, $0) } }
    let found = try Parallel.map(count: pairs.count, threads: threads) { pair in
      try Self.mutual(panels[pairs[pair].0], panels[pairs[pair].1])
    }
    var buddies = Array(
      repeating: Array(repeating: -1, count: zoo.unitCount), count: families)
    for (pair, matches) in zip(pairs, found) {
      for (unit, other) in matches {
        buddies[pair.1][unit] = other
        buddies[pair.0][other] = unit
      }
    }
    self.buddies = buddies
  }

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

/// The best match so far of each unit of one family. A constant unit correlates with nothing and is
/// never chosen: only positive correlations count.
private struct Choices {
  private let first: Int
  private var values: [Double]
  private var chosen: [Int]

  /// The units of one family have neighbouring numbers or not; those in between are never asked for.
  init(_ panels: [UnitPanel]) {
    first = panels.map(\.start).min() ?? 0
    let end = panels.map { $0.start + $0.width }.max() ?? first
    values = Array(repeating: 0, count: end - first)
    chosen = Array(repeating: -1, count: end - first)
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
