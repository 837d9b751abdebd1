import LinearAlgebra

/// The best matches of many units among the units of one family, and among rotations of these.
///
///     r(u, B) = corr(u, v*) on held-out samples,   v* = argmax_v corr(u, v) on fitted samples
///
/// over all units v of all layers of model B, then the mean over the models of the family. Correlations
/// keep their sign: a unit and its negative are no match. Units that do not vary match nothing. The baseline is the same with the units of B
/// rotated, which keeps the dimension and the covariance spectrum of each layer and takes away that its
/// units are special.
///
/// Work goes block by block; besides the units themselves, memory holds a few blocks of products and
/// (1 + rotations) numbers a unit.
///
/// - Source: Gurnee et al. (2024), with cross-validation and several rotations that are exactly
///   orthogonal.
struct BestMatches: Sendable {
  /// First without rotation, then for each rotation: one value a unit, in the order of the blocks.
  let values: [[Double]]

  /// - Parameters:
  ///   - units: The units that look for matches.
  ///   - models: For each model of the family its blocks, numbered within the zoo.
  /// - Throws: `DecompositionError`, `SpillError`.
  init(
    of units: [UnitBlock], in models: [[UnitZoo.Piece]], rotations: Int, seed: UInt64
  ) throws {
    let count = units.reduce(0) { $0 + $1.features.count }
    var sums = Array(repeating: [Double](repeating: 0, count: count), count: 1 + rotations)
    for pieces in models {
      var best = BestSoFar(units: count, variants: 1 + rotations)
      for piece in pieces {
        let rotated = try (0..<rotations).map { rotation in
          var generator = SeededGenerator(
            seed: seed,
            stream: RandomStream.featureRotations + UInt64(piece.number * rotations + rotation))
          return try RotatedUnits(piece.block, using: &generator)
        }
        var start = 0
        for mine in units {
          try best.look(from: mine, startingAt: start, at: piece.block, rotated)
          start += mine.features.count
        }
      }
      for variant in sums.indices {
        for unit in 0..<count { sums[variant][unit] += best.heldOut[variant][unit] }
      }
    }
    values = sums.map { $0.map { $0 / Double(models.count) } }
  }
}

/// The best match of each unit in a model so far.
private struct BestSoFar {
  /// Variant by variant the correlation on fitted samples.
  var fitted: [[Double]]
  /// Variant by variant the correlation of the same match on held-out samples.
  var heldOut: [[Double]]

  init(units: Int, variants: Int) {
    fitted = Array(
      repeating: [Double](repeating: -.infinity, count: units), count: variants)
    heldOut = Array(repeating: [Double](repeating: 0, count: units), count: variants)
  }

  mutating func look(
    from mine: UnitBlock, startingAt start: Int, at block: UnitBlock, _ rotated: [RotatedUnits]
  ) throws {
    let fitted = try crossProduct(of: [mine.fitted], with: [block.fitted], precision: .single)
    let heldOut = try crossProduct(of: [mine.heldOut], with: [block.heldOut], precision: .single)
    let varying = block.varying
    improve(0, startingAt: start, fitted, among: varying) { unit, match in heldOut[unit, match] }
    for (index, rotation) in rotated.enumerated() {
      improve(
        1 + index, startingAt: start, fitted.times(rotation.fitted), among: varying
      ) { unit, match in
        dot(Array(heldOut.row(unit)), Array(rotation.heldOut.row(match)))
      }
    }
  }

  private mutating func improve(
    _ variant: Int, startingAt start: Int, _ correlations: Matrix, among varying: [Int],
    heldOut value: (_ unit: Int, _ match: Int) -> Double
  ) {
    correlations.elements.withUnsafeBufferPointer { elements in
      for unit in 0..<correlations.rows {
        var (largest, match) = (fitted[variant][start + unit], -1)
        let row = unit * correlations.columns
        for column in varying where elements[row + column] > largest {
          (largest, match) = (elements[row + column], column)
        }
        guard match >= 0 else { continue }
        fitted[variant][start + unit] = largest
        heldOut[variant][start + unit] = value(unit, match)
      }
    }
  }
}

extension RandomStream {
  static let featureRotations: UInt64 = 8 << 32
}
