import LinearAlgebra

/// A representation in both roles of cross-validated regression: decomposed in every fold to predict
/// from, and as it is to be predicted.
public struct CrossValidatedDesign: Sendable {
  /// Centred over all samples, largest magnitude in [1, 2).
  let activations: Matrix
  /// `activations` times two to this power is the centred representation.
  private let exponent: Int
  private let parts: [Part]

  /// The design of one fold.
  fileprivate struct Part: Sendable {
    let training: [Int]
    let held: [Int]
    /// X = USVᵀ on the training samples, centred on their means.
    let left: Matrix
    let values: [Double]
    /// The samples of the fold, centred on the same means, times V.
    let scores: Matrix
  }

  init(of representation: Matrix, folds: Folds) throws {
    let first = representation.largestExponent
    let centered = representation.scaled(byExponent: -first).centered()
    let second = centered.largestExponent
    activations = centered.scaled(byExponent: -second)
    exponent = first + second
    do {
      parts = try folds.held.indices.map { [activations] in
        try Self.part(of: activations, folds: folds, fold: $0)
      }
    } catch let error as DecompositionError {
      throw MetricError.notConverged(error.description)
    }
  }

  private static func part(of activations: Matrix, folds: Folds, fold: Int) throws -> Part {
    let training = folds.training(without: fold, of: activations.rows)
    let held = folds.held[fold]
    let design = activations.selectingRows(training)
    let decomposition = try SingularValueDecomposition(design.centered())
    let floor =
      (decomposition.values.first ?? 0) * Double(max(design.rows, design.columns))
      * Double.ulpOfOne
    let rank = decomposition.values.prefix { $0 > floor }.count
    let directions = decomposition.rightTransposed.selectingRows(0..<rank)
    return Part(
      training: training, held: held,
      left: decomposition.left.block(rows: 0..<design.rows, columns: 0..<rank),
      values: Array(decomposition.values.prefix(rank)),
      scores: activations.selectingRows(held).subtracting(design.columnMeans())
        .times(directions.transposed()))
  }

  /// The predictions of `target` in every fold.
  ///
  /// - Parameter penalty: The absolute λ for the representation as it was given; `nil` chooses one.
  func predictions(of target: Matrix, penalty: Double?) -> [HeldOutPrediction] {
    let scaled = penalty.map { Double(sign: .plus, exponent: -2 * exponent, significand: $0) }
    return parts.map { part in
      let means = target.selectingRows(part.training).columnMeans()
      let training = target.selectingRows(part.training).subtracting(means)
      let projections = part.left.transposeTimes(training)
      let lambda = scaled ?? part.penalty(projections, total: training.squaredFrobeniusNorm())
      // V (S² + λ)⁻¹ S UᵀY
      let shrunken = Matrix(rows: projections.rows, columns: projections.columns) {
        projections[$0, $1] * (part.values[$0] / (part.values[$0] * part.values[$0] + lambda))
      }
      return HeldOutPrediction(
        samples: part.held, values: part.scores.times(shrunken).subtracting(means.map { -$0 }),
        of: target.selectingRows(part.held), means: means)
    }
  }
}

extension CrossValidatedDesign.Part {
  /// The λ of the grid with the least generalised cross-validation error of all targets together.
  ///
  ///     ‖(I − H)Y‖² / (n − tr H − 1)²,   H = U S² (S² + λ)⁻¹ Uᵀ
  ///
  /// - Parameter total: ‖Y‖² of the training samples.
  fileprivate func penalty(_ projections: Matrix, total: Double) -> Double {
    guard let largest = values.first else { return 0 }
    let explained = projections.squaredRowNorms()
    let outside = max(0, total - explained.reduce(0, +))
    func error(_ lambda: Double) -> Double {
      var (residual, freedom) = (outside, Double(training.count - 1))
      for (value, energy) in zip(values, explained) {
        let left = lambda / (value * value + lambda)
        residual += energy * left * left
        freedom -= 1 - left
      }
      return residual / (freedom * freedom)
    }
    let grid = (-8...1).map { largest * largest * tenTo($0) }
    return grid.min { error($0) < error($1) } ?? 0
  }

  private func tenTo(_ exponent: Int) -> Double {
    (0..<abs(exponent)).reduce(1) { power, _ in exponent < 0 ? power / 10 : power * 10 }
  }
}

/// What was predicted for the samples of one fold.
struct HeldOutPrediction {
  let samples: [Int]
  let values: Matrix
  let squaredError: Double
  /// About the means of the training samples.
  let squaredTotal: Double

  init(samples: [Int], values: Matrix, of actual: Matrix, means: [Double]) {
    self.samples = samples
    self.values = values
    squaredError = zip(values.elements, actual.elements).reduce(0) {
      $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
    }
    squaredTotal = actual.subtracting(means).squaredFrobeniusNorm()
  }
}

extension Matrix {
  fileprivate func columnMeans() -> [Double] {
    (0..<columns).map { column in
      (0..<rows).reduce(0) { $0 + self[$1, column] } / Double(rows)
    }
  }

  fileprivate func subtracting(_ means: [Double]) -> Matrix {
    Matrix(rows: rows, columns: columns) { self[$0, $1] - means[$1] }
  }

  /// The exponent of the largest magnitude, 0 for a zero matrix.
  fileprivate var largestExponent: Int {
    let largest = elements.reduce(0) { Swift.max($0, abs($1)) }
    return largest > 0 ? Int(largest.exponent) : 0
  }

  /// The matrix times a power of two, in two steps because the factor alone may overflow.
  fileprivate func scaled(byExponent exponent: Int) -> Matrix {
    scaled(by: Double(sign: .plus, exponent: exponent / 2, significand: 1))
      .scaled(by: Double(sign: .plus, exponent: exponent - exponent / 2, significand: 1))
  }
}
