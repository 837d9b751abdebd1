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
  /// The norms that were divided by, up to a factor of each half; 0 for a constant unit.
  let fittedNorms: [Double]
  let heldOutNorms: [Double]

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
    let fitted = try values.selectingRows(halves.fitted).matrix().normalizedExponent()
    let heldOut = try values.selectingRows(halves.heldOut).matrix().normalizedExponent()
    return (0..<count).map { block in
      let features = Array(stride(from: block, to: values.columns, by: count))
      let (x, xNorms) = fitted.selectingColumns(features).withUnitColumns()
      let (y, yNorms) = heldOut.selectingColumns(features).withUnitColumns()
      return UnitBlock(
        layer: layer, features: features, fitted: StoredMatrix(rounding: x),
        heldOut: StoredMatrix(rounding: y), fittedNorms: xNorms, heldOutNorms: yNorms)
    }
  }

  /// Whether a unit varies on both halves.
  func varies(_ unit: Int) -> Bool { fittedNorms[unit] > 0 && heldOutNorms[unit] > 0 }
}

/// A Haar rotation of the units of a block, as a map from correlations with the units to correlations
/// with their rotations.
struct RotatedUnits: Sendable {
  /// units × rotated units: C · `fitted` are correlations with the rotated units on fitted samples.
  let fitted: Matrix
  /// rotated units × units, one rotated unit a row; the same on held-out samples.
  let heldOut: Matrix

  /// Rotates the activations as they are, not standardised: the rotated layer has the same covariance
  /// spectrum, but no unit of it is special.
  ///
  /// - Throws: `DecompositionError`, `SpillError`.
  init(_ block: UnitBlock, using generator: inout SeededGenerator) throws {
    let width = block.features.count
    let rotation = try generator.gaussianMatrix(rows: width, columns: width).orthonormalized()
    fitted = try Self.scaled(rotation, block.fitted, norms: block.fittedNorms)
    heldOut = try Self.scaled(rotation, block.heldOut, norms: block.heldOutNorms).transposed()
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

extension Matrix {
  /// The columns centred and divided by their norms; constant columns become zero.
  fileprivate func withUnitColumns() -> (matrix: Matrix, norms: [Double]) {
    let centered = centered()
    var squares = [Double](repeating: 0, count: columns)
    for row in 0..<rows {
      for column in 0..<columns {
        squares[column] += centered[row, column] * centered[row, column]
      }
    }
    let norms = squares.map { $0.squareRoot() }
    return (centered.scalingColumns(by: norms.map { $0 > 0 ? 1 / $0 : 0 }), norms)
  }
}
