import Activations
import LinearAlgebra

/// What cards are made of: the leading directions first, then units, as columns.
struct CardTargets: Sendable {
  /// A unit as a column.
  struct Unit: Sendable {
    var member: Int
    var layer: Int
    var feature: Int
    /// On the fitted samples about their mean, of unit norm; on the held-out ones about the same mean.
    var column: SplitTargets
  }

  let directions: DirectionReadings?
  let units: [Unit]
  /// Family by family the columns that its models are to predict: of directions what other families
  /// read. Last, what all families read.
  private let columns: [SplitTargets]

  var directionCount: Int { directions?.count ?? 0 }
  var count: Int { directionCount + units.count }

  init(directions: DirectionReadings?, units: [Unit], families: Int) throws {
    self.directions = directions
    self.units = units
    func joined(_ readings: SplitTargets?) -> SplitTargets {
      let parts = [readings].compactMap { $0 } + units.map(\.column)
      return SplitTargets(
        fitted: .sideBySide(parts.map(\.fitted)), heldOut: .sideBySide(parts.map(\.heldOut)))
    }
    columns =
      (0..<families).map { family in joined(directions?.withoutFamily(family)) }
      + [joined(directions?.consensus)]
  }

  /// All targets, of directions what the families other than one read; `nil` for all families.
  func columns(forFamily family: Int?) -> SplitTargets {
    columns[family ?? columns.count - 1]
  }

  /// The first units that are no near copies of each other. They are first by their scores on the
  /// held-out samples, so that these scores are no fair estimates for them.
  ///
  /// - Throws: `SpillError`.
  static func leadingUnits(
    of features: FeatureUniversality, in zoo: UnitZoo
  ) throws -> [Unit] {
    // Copies in many seeds can fill the top: no more than these are looked at.
    let mostLookedAt = 40 * FeatureCards.mostUnits
    var chosen: [Unit] = []
    for score in features.scores.prefix(mostLookedAt) where chosen.count < FeatureCards.mostUnits {
      guard let unit = try unit(score, in: zoo) else { continue }
      let mine = unit.column.heldOut.elements.centered()
      let isNew = chosen.allSatisfy { other in
        abs(mine.correlation(with: other.column.heldOut.elements.centered()))
          <= FeatureCards.mostAlike
      }
      if isNew { chosen.append(unit) }
    }
    return chosen
  }

  private static func unit(_ score: FeatureScore, in zoo: UnitZoo) throws -> Unit? {
    for (member, pieces) in zoo.pieces.enumerated() {
      for piece in pieces where piece.block.layer == score.layer {
        guard let place = piece.block.features.firstIndex(of: score.feature) else { continue }
        let all = try SplitTargets([piece.block])
        return Unit(
          member: member, layer: score.layer, feature: score.feature,
          column: SplitTargets(
            fitted: all.fitted.selectingColumns([place]),
            heldOut: all.heldOut.selectingColumns([place])))
      }
    }
    return nil
  }
}

/// The leading shared directions as families read them, on both halves.
struct DirectionReadings: Sendable {
  /// The weighted mean of the read-outs of all models.
  let consensus: SplitTargets
  /// For each direction and each family of the population the mean correlation of its read-outs with
  /// those of each other family, on held-out samples; `nil` for a family without read-outs.
  let agreements: [[Double?]]
  private let others: [SplitTargets]

  var count: Int { consensus.count }

  /// What the families other than `family` read, a place in the population.
  func withoutFamily(_ family: Int) -> SplitTargets { others[family] }

  init(
    _ found: SharedDirections, _ population: Population, of activations: ActivationSet,
    halves: SampleHalves, threads: Int
  ) throws {
    let zoo = try DirectionZoo(
      population, of: activations, halves: halves,
      limit: SharedDirections.rankLimit(fittedSamples: halves.fitted.count), threads: threads)
    let fit = try zoo.fit(limit: SharedDirections.directionLimit)
    // Where nothing is known to be shared, the first few are shown for what they are.
    let wanted = found.nullThreshold == nil ? min(3, found.directions.count) : found.shared.count
    let count = min(FeatureCards.mostDirections, wanted, fit.directions.rows)
    let kept = Array(0..<count)
    let heldOut = zoo.readouts(of: fit).map { $0.selectingColumns(kept) }
    let directions = fit.directions.selectingRows(kept).transposed()
    let fitted = zoo.members.map { member in
      member.truncated.basis.times(member.truncated.basis.transposeTimes(directions))
    }
    let weights = zoo.weights
    func read(by members: [Int]) -> SplitTargets {
      func sum(_ readouts: [Matrix], rows: Int) -> Matrix {
        Matrix(rows: rows, columns: count) { row, column in
          members.reduce(0) { $0 + weights[$1] * readouts[$1][row, column] }
        }
      }
      return SplitTargets(
        fitted: sum(fitted, rows: halves.fitted.count),
        heldOut: sum(heldOut, rows: halves.heldOut.count))
    }
    let places = population.blocks.map { name in zoo.blocks.firstIndex(of: name) }
    consensus = read(by: Array(zoo.members.indices))
    others = places.map { place in
      read(by: zoo.members.indices.filter { zoo.members[$0].block != place })
    }
    agreements = kept.map { direction in
      let columns = heldOut.map { $0.selectingColumns([direction]).elements.centered() }
      return places.map { place in
        place.flatMap { Self.agreement(of: $0, columns, zoo.members.map(\.block)) }
      }
    }
  }

  /// Each other family has one vote.
  private static func agreement(
    of family: Int, _ columns: [[Double]], _ blocks: [Int]
  ) -> Double? {
    let mine = blocks.indices.filter { blocks[$0] == family }
    let others = Set(blocks).subtracting([family]).sorted()
    guard !mine.isEmpty, !others.isEmpty else { return nil }
    let means = others.map { other in
      let theirs = blocks.indices.filter { blocks[$0] == other }
      let sum = mine.reduce(0) { sum, a in
        sum + theirs.reduce(0) { $0 + columns[a].correlation(with: columns[$1]) }
      }
      return sum / Double(mine.count * theirs.count)
    }
    return means.reduce(0, +) / Double(means.count)
  }
}

extension [Double] {
  /// About the mean.
  func centered() -> [Double] {
    guard !isEmpty else { return self }
    let mean = reduce(0, +) / Double(count)
    return map { $0 - mean }
  }

  /// Of two lists about their means; 0 where one does not vary.
  func correlation(with other: [Double]) -> Double {
    let scale = (dot(self, self) * dot(other, other)).squareRoot()
    return scale > 0 ? dot(self, other) / scale : 0
  }
}
