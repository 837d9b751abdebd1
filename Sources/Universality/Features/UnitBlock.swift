import LinearAlgebra

/// Some units of one layer: their activations on both halves of the samples, centred and of unit norm,
/// so that products of columns are correlations.
struct UnitBlock: Sendable {
  /// The index of the layer in the activation set.
  let layer: Int
  /// Columns of the layer.
  let features: [Int]
  /// Fitted samples × units, in single precision: correlations are good to 10⁻⁶.
  let fitted: StoredMatrix
  let heldOut: StoredMatrix
  /// The norms that were divided by, up to a factor of the block; 0 for a constant unit.
  let fittedNorms: [Double]
  let heldOutNorms: [Double]
  /// The mean over held-out samples less that over fitted ones, up to the same factor.
  let shifts: [Double]

  /// The most units of a block. A wider layer is cut into blocks of every k-th unit, which are rotated
  /// each by itself: a full rotation of d units would cost O(d³).
  static let width = 512

  /// The units of a layer in blocks.
  ///
  /// - Throws: `SpillError` when the values are in a file that cannot be read.
  static func blocks(
    of values: StoredMatrix, layer: Int, halves: SampleHalves
  ) throws -> [UnitBlock] {
    let count = (values.columns + width - 1) / width
    let fitted = 0..<halves.fitted.count
    let heldOut = halves.fitted.count..<halves.fitted.count + halves.heldOut.count
    return try (0..<count).map { block in
      let features = Array(stride(from: block, to: values.columns, by: count))
      let units = try values.selectingColumns(features)
        .selectingRows(halves.fitted + halves.heldOut).matrix().normalizedExponent()
      let columns = 0..<features.count
      let x = UnitColumns(units.block(rows: fitted, columns: columns))
      let y = UnitColumns(units.block(rows: heldOut, columns: columns))
      return UnitBlock(
        layer: layer, features: features, fitted: StoredMatrix(rounding: x.matrix),
        heldOut: StoredMatrix(rounding: y.matrix), fittedNorms: x.norms, heldOutNorms: y.norms,
        shifts: zip(y.means, x.means).map { $0 - $1 })
    }
  }

  /// Whether a unit varies on both halves.
  func varies(_ unit: Int) -> Bool { fittedNorms[unit] > 0 && heldOutNorms[unit] > 0 }

  /// The units that vary on both halves, as places in the block: those that can match or be matched.
  var varying: [Int] { features.indices.filter(varies) }
}

/// A Haar rotation of the units of a block, as a map from correlations with the units to correlations
/// with their rotations.
struct RotatedUnits: Sendable {
  /// units × rotated units: C · `fitted` are correlations with the rotated units on fitted samples.
  let fitted: Matrix
  /// rotated units × units, one rotated unit a row; the same on held-out samples.
  let heldOut: Matrix

  /// Rotates the activations as they are, not standardised: the rotated layer has the same covariance
  /// spectrum, but no unit of it is special. Only the units that vary are rotated, among themselves; the
  /// others stay zero. Else the k units that vary would become as many rotated units as the block is wide,
  /// in k dimensions, and chance would match better the more dead units there are.
  ///
  /// - Throws: `DecompositionError`, `SpillError`.
  init(_ block: UnitBlock, using generator: inout SeededGenerator) throws {
    let rotation = try Self.rotation(of: block, using: &generator)
    fitted = try Self.scaled(rotation, block.fitted, norms: block.fittedNorms)
    heldOut = try Self.scaled(rotation, block.heldOut, norms: block.heldOutNorms).transposed()
  }

  /// A Haar rotation of the units that vary; the rows and columns of the others are zero.
  private static func rotation(
    of block: UnitBlock, using generator: inout SeededGenerator
  ) throws -> Matrix {
    let varying = block.varying
    let width = block.features.count
    var rotation = Matrix(rows: width, columns: width)
    guard !varying.isEmpty else { return rotation }
    let turned = try generator.gaussianMatrix(rows: varying.count, columns: varying.count)
      .orthonormalized()
    for (row, unit) in varying.enumerated() {
      for (column, other) in varying.enumerated() { rotation[unit, other] = turned[row, column] }
    }
    return rotation
  }

  /// diag(norms) Q, each column divided by the norm of the rotated unit it stands for.
  private static func scaled(
    _ rotation: Matrix, _ units: StoredMatrix, norms: [Double]
  ) throws -> Matrix {
    let mixed = Matrix(rows: rotation.rows, columns: rotation.columns) {
      norms[$0] * rotation[$0, $1]
    }
    let gram = try units.matrix().featureGram()
    let image = gram.times(mixed)
    var squares = [Double](repeating: 0, count: mixed.columns)
    for row in 0..<mixed.rows {
      for column in 0..<mixed.columns { squares[column] += mixed[row, column] * image[row, column] }
    }
    return mixed.scalingColumns(by: squares.map { $0 > 0 ? 1 / $0.squareRoot() : 0 })
  }
}

extension UnitBlock {
  /// The rotated units as units of their own, for what is to be found again among them.
  ///
  /// - Throws: `DecompositionError`, `SpillError`.
  func rotated(using generator: inout SeededGenerator) throws -> UnitBlock {
    let rotation = try RotatedUnits(self, using: &generator)
    let norms: [Double] = features.indices.map { varies($0) ? 1 : 0 }
    return UnitBlock(
      layer: layer, features: features,
      fitted: StoredMatrix(rounding: try fitted.matrix().times(rotation.fitted)),
      heldOut: StoredMatrix(
        rounding: try heldOut.matrix().timesTransposed(rotation.heldOut)),
      fittedNorms: norms, heldOutNorms: norms,
      shifts: Array(repeating: 0, count: features.count))
  }
}

/// Columns centred and divided by their norms; constant columns become zero.
private struct UnitColumns {
  let matrix: Matrix
  let means: [Double]
  let norms: [Double]

  init(_ values: Matrix) {
    let centered = values.centered()
    var squares = [Double](repeating: 0, count: values.columns)
    for row in 0..<values.rows {
      for column in 0..<values.columns {
        squares[column] += centered[row, column] * centered[row, column]
      }
    }
    means = (0..<values.columns).map { values[0, $0] - centered[0, $0] }
    norms = squares.map { $0.squareRoot() }
    matrix = centered.scalingColumns(by: norms.map { $0 > 0 ? 1 / $0 : 0 })
  }
}
