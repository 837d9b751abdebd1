public import LinearAlgebra

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Orthogonal Procrustes: how well a rotation maps one representation onto the other.
///
/// With A = Xc/‖Xc‖_F and B = Yc/‖Yc‖_F, the narrower one padded with zeros:
///
///     s = ‖AᵀB‖_* = Σ singular values       similarity, the normalised Bures similarity
///     d = min over rotations R ‖A R − B‖_F = √(2 − 2s)        distance
///     d² = 2 − 2s                                             squared-distance
///     θ = arccos s                                            angle, in radians
///
/// s = 1, d = θ = 0: equal up to a rotation and a scale. s = 0: no feature of one correlates with any
/// of the other. Distance and angle are metrics (triangle inequality), so that clustering by them is
/// sound; the squared distance is not. Chance is well above 0 for s when features are many.
///
/// - Numerics: singular values of AᵀB itself, not the roots of eigenvalues, which have half the digits.
///   1 − s below its rounding error is 0: distances below 10⁻⁷ √d are not told apart.
/// - Complexity: O(n d) to prepare (O(n² d) for d > n), O(n dₓ d_y + dₓ d_y min(dₓ, d_y)) per pair.
/// - Source: Ding, Denain & Steinhardt (NeurIPS 2021), who give the squared distance; Williams, Kunz,
///   Kornblith & Linderman (NeurIPS 2021) for the angle; ReSi gives the distance.
public struct Procrustes: FactorMetric, StandardizedMetric {
  public enum Output: String, Sendable, CaseIterable {
    case similarity, distance, angle
    case squaredDistance = "squared-distance"
  }

  public let output: Output

  public init(output: Output = .similarity) { self.output = output }

  public var name: String {
    specification("procrustes", [("output", output.rawValue, "similarity")])
  }
  public var conventions: String {
    let what =
      switch output {
      case .similarity: "nuclear norm s of the cross-product; 0 … 1, larger is more similar"
      case .distance: "√(2 − 2s); 0 … √2, smaller is more similar"
      case .squaredDistance: "2 − 2s; 0 … 2, smaller is more similar"
      case .angle: "arccos s; 0 … π/2, smaller is more similar"
      }
    return "columns centred, unit Frobenius norm, \(what)"
  }
  public let invariances: Set<Invariance> = [
    .translation, .isotropicScaling, .featurePermutation, .orthogonal, .zeroPadding,
  ]
  public var range: ClosedRange<Double> {
    switch output {
    case .similarity: 0...1
    case .distance: 0...2.0.squareRoot()
    case .squaredDistance: 0...2
    case .angle: 0...Double.pi / 2
    }
  }
  public var direction: MetricDirection { output == .similarity ? .similarity : .distance }
  public let reduction = CrossProductReduction.nuclear
  public let fewestSamples = 2

  /// F = Xc/‖Xc‖_F.
  ///
  /// - Throws: ``MetricError/constant``, ``MetricError/notFinite(sample:feature:)``,
  ///   ``MetricError/tooFewSamples(count:needed:)`` below 2 samples.
  public func prepare(_ representation: StandardizedMatrix) throws -> Factor {
    let factor = try representation.matrix().rotatedToSampleCount()
    return Factor(matrix: factor, rank: factor.columns)
  }

  public func similarity(
    reduced: Double, rowProduct: Double, _ x: FactorSummary, _ y: FactorSummary
  ) -> Double {
    let similarity = reduced.clampedAgainstRounding(to: 0...1)
    let missing = (1 - similarity).zeroIfRounding(of: 1, terms: min(x.rank, y.rank))
    switch output {
    case .similarity: return similarity
    case .distance: return (2 * missing).squareRoot()
    case .squaredDistance: return 2 * missing
    case .angle: return missing == 0 ? 0 : acos(similarity)
    }
  }
}

extension MetricEntry {
  static let procrustes = MetricEntry(
    name: "procrustes", summary: "How well a rotation maps one representation onto the other",
    parameters: [
      Parameter(
        name: "output", defaultValue: "similarity",
        values: "similarity | distance | squared-distance | angle",
        meaning: "s, √(2 − 2s), 2 − 2s or arccos s")
    ],
    cost: "n d once per layer, n dₓ d_y + d³ per pair",
    source: "Ding, Denain & Steinhardt 2021; Williams et al. 2021"
  ) { values in
    let read = ParameterReader(metric: "procrustes", values: values)
    return Procrustes(output: try read.choice("output", default: .similarity))
  }
}
