import LinearAlgebra

/// The inner products of two vectors after their projection onto the complement of others.
///
/// Gaussian elimination on the small matrix of inner products, which is the partial correlation
/// formula
///
///     R_xy.z = (R_xy − R_xz R_yz) / √((1 − R_xz²)(1 − R_yz²))
///
/// applied once for each covariate. For U-centred Gram matrices R is debiased CKA and R_xy.z the
/// partial distance correlation of Székely & Rizzo (Annals of Statistics 2014) for linear kernels;
/// taking the input away from a similarity in this way follows Cui et al. (NeurIPS 2022).
struct ResidualProducts {
  var xy: Double
  var xx: Double
  var yy: Double

  /// - Parameters:
  ///   - products: The inner products of all vectors.
  ///   - covariates: Places of the vectors that are taken away; one that is a combination of those
  ///     before
  ///     it adds nothing.
  ///   - rounding: The relative size below which what is left of a vector is rounding error.
  init(_ products: Matrix, x: Int, y: Int, beyond covariates: [Int], rounding: Double) {
    let places = [x, y] + covariates
    var rest = Matrix(rows: places.count, columns: places.count) {
      products[places[$0], places[$1]]
    }
    for pivot in places.indices.dropFirst(2) {
      let size = rest[pivot, pivot]
      guard size > rounding * products[places[pivot], places[pivot]] else { continue }
      let column = places.indices.map { rest[$0, pivot] }
      for a in places.indices {
        for b in places.indices { rest[a, b] -= column[a] * column[b] / size }
      }
    }
    xy = rest[0, 1]
    xx = rest[0, 0]
    yy = rest[1, 1]
  }

  /// The cosine of what is left; NaN where no more than rounding error is left of a side.
  ///
  /// - Parameter whole: The squared norms of both sides before anything was taken away.
  func cosine(ofWhole whole: (x: Double, y: Double), rounding: Double) -> Double {
    guard xx > rounding * whole.x, yy > rounding * whole.y else { return .nan }
    return min(1, max(-1, xy / (xx * yy).squareRoot()))
  }
}
