public import LinearAlgebra

/// What recording few of many features does to debiased CKA.
public enum UnitSampling {
  /// By which factor a layer lowers its debiased CKA with any other if its features are a sample of a
  /// larger population:
  ///
  ///     √(S(X)/D(X, X)),   S(X) = Q/(Q − 1) · (D(X, X) − Σ_q D(x_q, x_q))
  ///
  /// for Q features, with D the unbiased estimator of ``DebiasedCKA``: the inner product of two layers is
  /// right on average whatever is recorded of them, but D(X, X) holds each feature with itself. 1: nothing
  /// is lost. It says nothing about layers that were recorded completely.
  ///
  /// - Parameters:
  ///   - representation: The layer.
  ///   - squaredNorm: ‖XᵀX‖²_F of it: 1 over its participation ratio.
  /// - Returns: A number above 0, above 1 by chance; `nil` below two features or four samples, and where
  ///   the features share nothing, so that the population cannot be estimated.
  /// - Throws: `SpillError` when its numbers are in a file that cannot be read.
  /// - Complexity: O(n d).
  /// - Source: Chun, Canatar, Chung & Lee (2025, arXiv 2502.15104), as in ``DependentColumnsCKA``.
  public static func attenuation(
    of representation: StandardizedMatrix, squaredNorm: Double
  ) throws -> Double? {
    let (samples, features) = (representation.rows, representation.columns)
    guard samples >= 4, features >= 2 else { return nil }
    let rowNorms = representation.squaredRowNorms
    let whole = CenteredProduct(squaredNorm: squaredNorm, rowProduct: dot(rowNorms, rowNorms))
    let selfProduct = DebiasedCKA.unbiased(whole, samples: samples)
    let matrix = try representation.matrix()
    var (squares, fourths) = (0.0, 0.0)
    var sums = [Double](repeating: 0, count: features)
    for row in 0..<samples {
      for (column, value) in matrix.row(row).enumerated() {
        let square = value * value
        sums[column] += square
        fourths += square * square
      }
    }
    for sum in sums { squares += sum * sum }
    let single = DebiasedCKA.unbiased(
      CenteredProduct(squaredNorm: squares, rowProduct: fourths), sums: squares,
      samples: samples)
    let others = Double(features) / Double(features - 1) * (selfProduct - single)
    let floor = Double(samples) * Double.ulpOfOne * squaredNorm
    guard selfProduct > floor, others > floor else { return nil }
    return (others / selfProduct).squareRoot()
  }
}
