import LinearAlgebra

/// Ridge regression on one layer, fitted on one half of the samples and scored on the other.
///
///     X = U S Vᵀ on the fitted samples, centred;   Ŷ' = (X' − mean) V (S² + λ)⁻¹ S UᵀY
///     R² = 1 − ‖y' − ŷ'‖² / ‖y'‖² for each target, y' about the mean of the fitted samples
///
/// Negative where the prediction is worse than that mean. λ is one of 10⁻⁸ s₁², 10⁻⁷ s₁², …, 10 s₁², for
/// each target the one with the least generalised cross-validation error
/// ‖(I − H)y‖²/(n − tr H − 1)² on the fitted samples.
///
/// One decomposition serves all targets. Layers of more features than fitted samples are decomposed by the
/// products of their samples, block of features by block of features.
///
/// - Complexity: O(n d min(n, d)) to decompose, O(n min(n, d)) a target; O(n²) numbers where d > n.
/// - Source: Golub, Heath & Wahba (Technometrics 1979) for the choice of λ.
struct LayerRidge: Sendable {
  /// U: fitted samples × rank.
  private let basis: Matrix
  /// (X' − mean) V S⁻¹: held-out samples × rank.
  private let scores: Matrix
  /// S² / s₁².
  private let squares: [Double]

  /// What is predicted of one target.
  struct Prediction: Sendable {
    /// The generalised cross-validation error on the fitted samples, on the scale of the target there: by
    /// it layers can be chosen without a look at the held-out samples.
    var error: Double
    var r2: Double
  }

  /// `nil` where the layer is constant on the fitted samples, or its squares exceed double precision.
  ///
  /// - Throws: `DecompositionError`, `SpillError`.
  init?(_ values: StoredMatrix, halves: SampleHalves) throws {
    let (squares, largest): ([Double], Double)
    if values.columns <= halves.fitted.count {
      guard
        let truncated = try TruncatedRepresentation(
          try values.matrix(), fitting: halves.fitted, heldOut: halves.heldOut, limit: .max,
          variance: 1)
      else { return nil }
      (basis, scores) = (truncated.basis, truncated.heldOutScores)
      (squares, largest) = (truncated.squares, truncated.squares.first ?? 0)
    } else {
      let products = try SampleProducts(values, halves: halves)
      guard let eigen = try products.leadingEigenvectors() else { return nil }
      squares = Array(eigen.values.prefix(eigen.vectors.rows))
      largest = squares.first ?? 0
      basis = eigen.vectors.transposed()
      scores = products.across.times(basis).scalingColumns(by: squares.map { 1 / $0 })
    }
    guard largest > 0, largest.isFinite else { return nil }
    self.squares = squares.map { $0 / largest }
  }

  func predictions(of targets: SplitTargets) -> [Prediction] {
    let projections = basis.transposeTimes(targets.fitted)
    let errors = Self.errors(projections, targets.fitted, squares)
    let choices = (0..<targets.count).map { target -> Int in
      errors.indices.min { errors[$0][target] < errors[$1][target] } ?? 0
    }
    let shrunken = Matrix(rows: projections.rows, columns: projections.columns) {
      projections[$0, $1] * squares[$0] / (squares[$0] + Self.penalties[choices[$1]])
    }
    let predicted = scores.times(shrunken)
    return Self.r2(of: predicted, targets.heldOut).enumerated().map { target, r2 in
      Prediction(error: errors[choices[target]][target], r2: r2)
    }
  }

  /// λ / s₁².
  private static let penalties = (-8...1).map { exponent in
    (0..<abs(exponent)).reduce(1.0) { power, _ in exponent < 0 ? power / 10 : power * 10 }
  }

  /// λ by λ the generalised cross-validation error of each target.
  private static func errors(
    _ projections: Matrix, _ targets: Matrix, _ squares: [Double]
  ) -> [[Double]] {
    let energies = Matrix(rows: projections.rows, columns: projections.columns) {
      projections[$0, $1] * projections[$0, $1]
    }
    let totals = targets.squaredColumnNorms()
    let explained = energies.columnSums()
    let leftOver = Matrix(rows: penalties.count, columns: squares.count) {
      let left = penalties[$0] / (squares[$1] + penalties[$0])
      return left * left
    }
    let residuals = leftOver.times(energies)
    return penalties.indices.map { row in
      let freedom = squares.reduce(Double(targets.rows - 1)) {
        $0 - $1 / ($1 + penalties[row])
      }
      return (0..<targets.columns).map { target in
        let outside = max(0, totals[target] - explained[target])
        return freedom > 0
          ? (outside + residuals[row, target]) / (freedom * freedom) : .infinity
      }
    }
  }

  private static func r2(of predicted: Matrix, _ actual: Matrix) -> [Double] {
    var errors = [Double](repeating: 0, count: actual.columns)
    var totals = errors
    actual.elements.withUnsafeBufferPointer { actual in
      predicted.elements.withUnsafeBufferPointer { predicted in
        for start in stride(from: 0, to: actual.count, by: max(1, errors.count)) {
          for column in errors.indices {
            let value = actual[start + column]
            let left = value - predicted[start + column]
            errors[column] += left * left
            totals[column] += value * value
          }
        }
      }
    }
    return zip(errors, totals).map { $1 > 0 ? 1 - $0 / $1 : 0 }
  }
}

/// The products of the samples of a wide layer: among the fitted, and of the held-out with the fitted,
/// both about the means of the fitted.
private struct SampleProducts {
  let within: Matrix
  let across: Matrix

  /// Features at a time.
  private static let blockWidth = 512

  init(_ values: StoredMatrix, halves: SampleHalves) throws {
    let count = halves.fitted.count
    let samples = halves.fitted + halves.heldOut
    // The products of the fitted samples with all samples, fitted ones first.
    var products = Matrix(rows: samples.count, columns: count)
    for start in stride(from: 0, to: values.columns, by: Self.blockWidth) {
      let columns = Array(start..<min(start + Self.blockWidth, values.columns))
      let block = try values.selectingColumns(columns).selectingRows(samples).matrix()
      let means = (0..<columns.count).map { column in
        (0..<count).reduce(0) { $0 + block[$1, column] } / Double(count)
      }
      let centered = Matrix(rows: block.rows, columns: block.columns) {
        block[$0, $1] - means[$1]
      }
      products = products.adding(
        centered.timesTransposed(centered.block(rows: 0..<count, columns: 0..<columns.count)))
    }
    within = products.block(rows: 0..<count, columns: 0..<count)
    across = products.block(rows: count..<samples.count, columns: 0..<count)
  }

  /// Those above rounding error; `nil` where there is none.
  func leadingEigenvectors() throws -> SymmetricEigen? {
    guard within.firstNonFinite() == nil, across.firstNonFinite() == nil else { return nil }
    let size = Double(within.rows)
    let eigen = try SymmetricEigen(leadingOf: within) { values in
      let floor = (values.first ?? 0) * size * Double.ulpOfOne
      return floor > 0 ? values.count { $0 > floor } : 0
    }
    return eigen.vectors.rows > 0 ? eigen : nil
  }
}

/// Numbers to be predicted, one a column: on the fitted samples about their mean, and on the held-out
/// samples about the same mean and in the same unit.
struct SplitTargets: Sendable {
  let fitted: Matrix
  let heldOut: Matrix

  var count: Int { fitted.columns }

  init(fitted: Matrix, heldOut: Matrix) {
    self.fitted = fitted
    self.heldOut = heldOut
  }

  /// The units of some blocks.
  init(_ blocks: [UnitBlock]) throws {
    fitted = Matrix.sideBySide(try blocks.map { try $0.fitted.matrix() })
    heldOut = Matrix.sideBySide(
      try blocks.map { block in
        let values = try block.heldOut.matrix()
        let units = block.features.indices.map { block.varies($0) ? 1 / block.fittedNorms[$0] : 0 }
        let scales = zip(units, block.heldOutNorms).map { $0 * $1 }
        let shifts = zip(units, block.shifts).map { $0 * $1 }
        var elements = values.elements
        elements.withUnsafeMutableBufferPointer { elements in
          for start in stride(from: 0, to: elements.count, by: max(1, scales.count)) {
            for unit in scales.indices {
              elements[start + unit] = shifts[unit] + scales[unit] * elements[start + unit]
            }
          }
        }
        return Matrix(rows: values.rows, columns: values.columns, elements: elements)
      })
  }
}

extension Matrix {
  fileprivate func squaredColumnNorms() -> [Double] {
    var sums = [Double](repeating: 0, count: columns)
    for row in 0..<rows {
      for (column, value) in self.row(row).enumerated() { sums[column] += value * value }
    }
    return sums
  }

  fileprivate func columnSums() -> [Double] {
    var sums = [Double](repeating: 0, count: columns)
    for row in 0..<rows {
      for (column, value) in self.row(row).enumerated() { sums[column] += value }
    }
    return sums
  }

  fileprivate func adding(_ other: Matrix) -> Matrix {
    Matrix(
      rows: rows, columns: columns, elements: zip(elements, other.elements).map { $0 + $1 })
  }
}
