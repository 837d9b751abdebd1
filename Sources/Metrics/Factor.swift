public import LinearAlgebra

/// A representation reduced to a matrix whose cross-products with others hold all similarities.
///
/// For a ``FactorMetric`` the similarity of X and Y depends only on the k × l matrix F(X)ᵀF(Y) and on
/// the inner product of two vectors of row norms. Permuting the samples of a representation permutes
/// the rows of its factor and changes nothing else: this is what makes permutation tests cheap.
public struct Factor: Sendable {
  /// Samples × k.
  public let matrix: Matrix
  /// The squared norm of each row in the scale of `matrix`; empty when the metric has no use for it.
  public let squaredRowNorms: [Double]
  /// What remains to be known of the factor once its cross-products are there.
  public let summary: FactorSummary

  public init(
    matrix: Matrix, squaredRowNorms: [Double] = [], rank: Int, selfProduct: Double = 0
  ) {
    self.matrix = matrix
    self.squaredRowNorms = squaredRowNorms
    summary = FactorSummary(
      samples: matrix.rows, rank: rank, rowNormSum: squaredRowNorms.reduce(0, +),
      selfProduct: selfProduct)
  }
}

/// What a similarity needs to know of a factor beside its cross-products. It does not depend on the
/// order of the samples.
public struct FactorSummary: Sendable, Equatable {
  /// The number of samples.
  public let samples: Int
  /// The number of directions kept, for metrics that divide by it.
  public let rank: Int
  /// The sum of the squared row norms.
  public let rowNormSum: Double
  /// The reduced cross-product of the factor with itself, for distances; 0 when the metric has no
  /// use for it.
  public let selfProduct: Double
}

/// What a metric needs of a cross-product of two factors.
public enum CrossProductReduction: Sendable {
  /// The sum of the squared elements.
  case squaredFrobenius
  /// The sum of the singular values.
  case nuclear

  /// Reduces a cross-product to one number.
  public func callAsFunction(_ product: Matrix) throws -> Double {
    switch self {
    case .squaredFrobenius: product.squaredFrobeniusNorm()
    case .nuclear: try product.nuclearNorm()
    }
  }
}

/// A metric whose values follow from cross-products of factors, one factor per representation.
public protocol FactorMetric: SimilarityMetric where Prepared == Factor {
  var reduction: CrossProductReduction { get }

  /// The similarity, given the reduced cross-product of the factors and the inner product of their
  /// `squaredRowNorms` (0 when there are none).
  func similarity(
    reduced: Double, rowProduct: Double, _ x: FactorSummary, _ y: FactorSummary
  ) -> Double
}

extension FactorMetric {
  public func compare(_ x: Factor, _ y: Factor) throws -> Double {
    guard x.matrix.rows == y.matrix.rows else {
      throw MetricError.sampleCountsDiffer(x.matrix.rows, y.matrix.rows)
    }
    let reduced: Double
    do {
      reduced = try reduction(x.matrix.transposeTimes(y.matrix))
    } catch let error as DecompositionError {
      throw MetricError.notConverged(error.description)
    }
    let rowProduct =
      x.squaredRowNorms.isEmpty ? 0 : dot(x.squaredRowNorms, y.squaredRowNorms)
    return similarity(reduced: reduced, rowProduct: rowProduct, x.summary, y.summary)
  }
}

extension Matrix {
  /// A matrix with the same sample Gram matrix and at most `rows` columns.
  ///
  /// With more features than samples, X is replaced by U·Λ^½ from the eigen-decomposition
  /// XXᵀ = UΛUᵀ: every cross-product norm ‖XᵀY‖ stays what it was, and the cost of a pair no longer
  /// grows with the number of features.
  func reducedToSampleCount() throws -> Matrix {
    guard columns > rows else { return self }
    let eigen: SymmetricEigen
    do {
      eigen = try SymmetricEigen(sampleGram())
    } catch let error as DecompositionError {
      throw MetricError.notConverged(error.description)
    }
    // Below this an eigenvalue is rounding error of the largest one.
    let floor = (eigen.values.first ?? 0) * Double(rows) * Double.ulpOfOne
    let kept = eigen.values.prefix { $0 > floor }.count
    return Matrix(rows: rows, columns: kept) { row, column in
      eigen.vectors[column, row] * eigen.values[column].squareRoot()
    }
  }

  /// A matrix with the same sample Gram matrix and at most `rows` columns, to the last digit.
  ///
  /// With more features than samples, X is replaced by X·Q with Q an orthonormal basis of the columns
  /// of Xᵀ. `reducedToSampleCount` is several times faster, but it drops the directions whose singular
  /// values are below √(n ε) of the largest: squares do not feel that, the nuclear norm does.
  func rotatedToSampleCount() throws -> Matrix {
    guard columns > rows else { return self }
    do {
      return times(try transposed().orthonormalized())
    } catch let error as DecompositionError {
      throw MetricError.notConverged(error.description)
    }
  }

  /// ‖XᵀX‖_F = ‖XXᵀ‖_F, from the smaller of the two.
  func gramNorm() -> Double {
    (columns <= rows ? featureGram() : sampleGram()).squaredFrobeniusNorm().squareRoot()
  }
}
