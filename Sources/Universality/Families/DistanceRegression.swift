import LinearAlgebra

/// Distances between models against the differences of their covariates.
///
/// For each covariate alone the correlation over the pairs of models (Mantel), and for all together the t
/// of its slope in a least-squares regression (MRQAP). Pairs that share a model depend on each other, so
/// that p reorders models. In the regression what is reordered is the part of a covariate that the others
/// do not explain (double semi-partialling), which keeps the relation among the covariates.
///
/// Both p-values are two-sided.
///
/// - Source: Mantel (1967); Dekker, Krackhardt & Snijders (Psychometrika 2007).
struct DistanceRegression {
  private let distances: [Double]
  private let covariates: [Matrix]
  private let orders: ModelOrders

  /// - Parameter covariates: One symmetric matrix of differences each, models × models.
  init(_ distances: Matrix, covariates: [Matrix], orders: ModelOrders) {
    self.distances = distances.pairs
    self.covariates = covariates
    self.orders = orders
  }

  /// The correlation of distances and differences; `nil` where one of them does not vary.
  func correlation(with covariate: Int) -> (r: Double, pValue: Double)? {
    let difference = covariates[covariate]
    let basis = ResidualBasis([])
    guard let y = basis.unitResidual(of: distances),
      let x = basis.unitResidual(of: difference.pairs)
    else { return nil }
    let r = dot(x, y)
    let p = orders.pValue(of: abs(r)) { order in
      abs(basis.unitResidual(of: difference.reordered(order).pairs).map { dot($0, y) } ?? .nan)
    }
    return (r, p)
  }

  /// The t of the slope of a covariate beside all others; `nil` where the others explain it, or there are
  /// too few pairs.
  func slope(of covariate: Int) -> (t: Double, pValue: Double)? {
    let others = covariates.indices.filter { $0 != covariate }.map { covariates[$0].pairs }
    let basis = ResidualBasis(others)
    let degrees = distances.count - basis.dimension - 1
    let difference = covariates[covariate]
    guard degrees > 0, basis.unitResidual(of: difference.pairs) != nil else { return nil }
    let y = basis.residual(of: distances)
    func t(_ x: [Double]) -> Double {
      guard let unit = basis.unitResidual(of: x) else { return .nan }
      let projection = dot(unit, y)
      let rest = max(0, dot(y, y) - projection * projection)
      return projection / (rest / Double(degrees)).squareRoot()
    }
    let residual = Matrix(pairs: basis.residual(of: difference.pairs), size: difference.rows)
    let observed = t(residual.pairs)
    guard observed.isFinite else { return nil }
    return (observed, orders.pValue(of: abs(observed)) { abs(t(residual.reordered($0).pairs)) })
  }
}

/// The constant vector and some others, orthonormal, and what they leave of a vector.
private struct ResidualBasis {
  /// Beside the constant one.
  private var vectors: [[Double]] = []

  var dimension: Int { vectors.count + 1 }

  init(_ others: [[Double]]) {
    for other in others {
      // Twice: once leaves rounding errors along the earlier ones (Parlett 1998, section 6.9).
      if let unit = unitResidual(of: other) { vectors.append(unitResidual(of: unit) ?? unit) }
    }
  }

  func residual(of vector: [Double]) -> [Double] {
    let mean = vector.reduce(0, +) / Double(vector.count)
    var rest = vector.map { $0 - mean }
    for basis in vectors {
      let projection = dot(basis, rest)
      for index in rest.indices { rest[index] -= projection * basis[index] }
    }
    return rest
  }

  /// The residual in unit length; `nil` where no more than rounding is left.
  func unitResidual(of vector: [Double]) -> [Double]? {
    let rest = residual(of: vector)
    let norm = dot(rest, rest).squareRoot()
    // Half of the digits.
    guard norm > Double.ulpOfOne.squareRoot() * dot(vector, vector).squareRoot() else { return nil }
    return rest.map { $0 / norm }
  }
}

extension Matrix {
  /// The strict upper triangle, row after row.
  fileprivate var pairs: [Double] {
    (0..<rows).flatMap { row(($0)).dropFirst($0 + 1) }
  }

  /// The symmetric matrix with a diagonal of zeros and these ``pairs``.
  fileprivate init(pairs: [Double], size: Int) {
    self.init(rows: size, columns: size)
    var index = 0
    for i in 0..<size {
      for j in i + 1..<max(size, i + 1) {
        self[i, j] = pairs[index]
        self[j, i] = pairs[index]
        index += 1
      }
    }
  }

  /// Rows and columns in another order.
  fileprivate func reordered(_ order: [Int]) -> Matrix {
    Matrix(rows: rows, columns: columns) { self[order[$0], order[$1]] }
  }
}
