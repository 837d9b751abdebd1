public import LinearAlgebra

/// Distance correlation.
///
/// With aᵢⱼ = ‖xᵢ − xⱼ‖ and bᵢⱼ = ‖yᵢ − yⱼ‖ (distances, not their squares):
///
///     dCor = √( ⟨A, B⟩ / √(⟨A, A⟩⟨B, B⟩) )     A = a, double-centred      (biased)
///     R*   = ⟨Ã, B̃⟩ / √(⟨Ã, Ã⟩⟨B̃, B̃⟩)         Ã = a, U-centred           (bias-corrected)
///
/// 1: the distances between samples agree up to one factor. In the population 0 means independence,
/// not just the absence of correlation. Chance is above 0 for the biased form; for the corrected one
/// it is exactly 0 on average, with standard deviation √(2/(n(n − 3))), and values below 0 occur.
/// The corrected form estimates the **square** of the other: no root is taken.
///
/// - Numerics: distances of samples that nearly coincide are formed from their differences.
/// - Complexity: O(n² d) to prepare, O(n²) per pair; n²/2 numbers are kept.
/// - Source: Székely, Rizzo & Bakirov (2007); Székely & Rizzo (JMVA 2013; 2014 for U-centring).
public struct DistanceCorrelation: VectorMetric {
  public enum Estimator: String, Sendable, CaseIterable {
    case biased
    case biasCorrected = "bias-corrected"
  }

  public let estimator: Estimator

  public init(estimator: Estimator = .biased) { self.estimator = estimator }

  public var name: String {
    specification("distance-correlation", [("estimator", estimator.rawValue, "biased")])
  }
  public var conventions: String {
    estimator == .biased
      ? "Euclidean distances, double-centred, square root taken; 0 … 1, larger is more similar, "
        + "chance is above 0"
      : "Euclidean distances, U-centred, no square root: estimates the square; at most 1, larger is "
        + "more similar, chance is 0"
  }
  public let invariances: Set<Invariance> = [
    .translation, .isotropicScaling, .featurePermutation, .orthogonal, .zeroPadding,
  ]
  public var range: ClosedRange<Double> { estimator == .biased ? 0...1 : -1...1 }

  /// A/‖A‖.
  ///
  /// - Throws: ``MetricError/constant``, ``MetricError/notFinite(sample:feature:)``,
  ///   ``MetricError/tooFewSamples(count:needed:)`` below 2 samples, below 4 for the corrected form,
  ///   ``MetricError/selfSimilarityNotPositive`` when all distances are equal.
  public func prepare(_ representation: Matrix) throws -> MetricVector {
    let centered = try representation.standardized(atLeast: estimator == .biased ? 2 : 4)
    let distances = SymmetricTriangle(ofSquaredDistancesBetween: centered) { $0.squareRoot() }
    return try MetricVector(
      samples: centered.rows,
      normalizing: estimator == .biased ? distances.doubleCentered() : distances.uCentered(),
      size: (2 * dot(distances.elements, distances.elements)).squareRoot())
  }

  public func value(innerProduct: Double) -> Double {
    let value = innerProduct.clampedAgainstRounding(to: range)
    return estimator == .biased ? value.squareRoot() : value
  }
}

extension MetricEntry {
  static let distanceCorrelation = MetricEntry(
    name: "distance-correlation",
    summary: "Correlation of the distances between samples; 0 only for independence",
    parameters: [
      Parameter(
        name: "estimator", defaultValue: "biased", values: "biased | bias-corrected",
        meaning: "double-centred with the square root taken, or U-centred without")
    ],
    cost: "n² d once per layer, n² per pair",
    source: "Székely, Rizzo & Bakirov 2007; Székely & Rizzo 2013"
  ) { values in
    let read = ParameterReader(metric: "distance-correlation", values: values)
    return DistanceCorrelation(estimator: try read.choice("estimator", default: .biased))
  }
}
