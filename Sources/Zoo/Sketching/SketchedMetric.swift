public import Metrics

/// A metric that can be estimated from fingerprints: the cosine of two Gram matrices.
public enum SketchedMetric: String, Sendable, CaseIterable {
  case linear = "cka"
  case debiased = "cka-debiased"

  /// The metric that is estimated.
  public var exact: any CenteredProductMetric {
    switch self {
    case .linear: LinearCKA()
    case .debiased: DebiasedCKA()
    }
  }
}

/// An estimated similarity.
public struct SketchedValue: Sendable, Equatable {
  public var value: Double
  /// The standard deviation of the error over the draws of the design.
  public var standardError: Double

  public init(value: Double, standardError: Double) {
    self.value = value
    self.standardError = standardError
  }
}

extension SketchedMetric {
  /// The estimate for two fingerprints from their moments with each other and with themselves.
  func estimate(
    _ xy: FingerprintMoments, x: FingerprintMoments, y: FingerprintMoments, design: SketchDesign
  ) -> SketchedValue {
    let norms = (product(x, design), product(y, design))
    let value = product(xy, design) / (norms.0.squareRoot() * norms.1.squareRoot())
    var variance =
      design.pairsLeftOut * xy.pairs.deviation(value, x: x.pairs, y: y.pairs, norms: norms)
    if self == .linear {
      variance +=
        design.rowCoordinatesLeftOut
        * xy.rows.deviation(value, x: x.rows, y: y.rows, norms: norms)
    }
    let range = exact.range
    return SketchedValue(
      value: min(range.upperBound, max(range.lowerBound, value)),
      standardError: max(0, variance).squareRoot())
  }

  /// Whether a representation can be normalised: what remains below the rounding of the coordinates
  /// is no estimate.
  func check(_ own: FingerprintMoments, design: SketchDesign) -> Result<Void, MissingFingerprint> {
    let floor = Double(Float.ulpOfOne) * Self.linear.product(own, design)
    guard product(own, design) > floor else {
      return .failure(.init(reason: MetricError.selfSimilarityNotPositive.description))
    }
    return .success(())
  }

  /// ⟨A, B⟩, or ‖XᵀY‖²_F.
  private func product(_ moments: FingerprintMoments, _ design: SketchDesign) -> Double {
    switch self {
    case .debiased: moments.pairs.product
    case .linear:
      moments.pairs.product + moments.rows.product + 1 / Double(design.samples - 1)
    }
  }
}
