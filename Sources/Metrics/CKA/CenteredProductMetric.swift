/// The inner products of two centred representations that linear CKA and its relatives are made of.
///
/// Both sides are centred and scaled to unit Frobenius norm.
public struct CenteredProduct: Sendable {
  /// ‖XᵀY‖²_F = ⟨XXᵀ, YYᵀ⟩.
  public var squaredNorm: Double
  /// Σᵢ ‖xᵢ‖² ‖yᵢ‖², the inner product of the diagonals of XXᵀ and YYᵀ.
  public var rowProduct: Double

  public init(squaredNorm: Double, rowProduct: Double) {
    self.squaredNorm = squaredNorm
    self.rowProduct = rowProduct
  }

  /// Of a representation of unit norm with itself: the share of ‖XᵀX‖² that is left of it without
  /// bias, 1 at most. With d features and n ≪ d samples about n/d is left; errors of the squared norm
  /// weigh so much more.
  public func unbiasedShare(samples: Int) -> Double {
    DebiasedCKA.unbiased(self, samples: samples) / squaredNorm
  }
}

/// A metric that needs nothing but the ``CenteredProduct``s of X with Y, of X with itself and of Y
/// with itself.
///
/// All such metrics share one computation for a whole zoo: the products of all pairs are formed once
/// (`squaredCrossNorms`), those on the diagonal normalise the others, and no representation needs any
/// preparation beyond centring.
public protocol CenteredProductMetric: FactorMetric, StandardizedMetric {
  /// The similarity of X and Y.
  ///
  /// - Throws: ``MetricError`` when a self-product cannot normalise.
  func similarity(
    _ xy: CenteredProduct, xx: CenteredProduct, yy: CenteredProduct, samples: Int
  ) throws(MetricError) -> Double

  /// Whether a representation with this self-product has similarities at all.
  ///
  /// - Throws: ``MetricError`` if not.
  func checkSelfProduct(_ product: CenteredProduct, samples: Int) throws(MetricError)
}
