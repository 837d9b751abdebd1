public import LinearAlgebra

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The angular shape metric: the angle that is left after partial whitening and the best rotation.
///
///     Z(α) = α I + (1 − α) (XcᵀXc)^−½,   A = Xc Z(α) / ‖Xc Z(α)‖_F
///     θ_α(X, Y) = arccos ‖AᵀB‖_*
///
/// α = 1: no whitening, the Procrustes angle. α = 0: full whitening, arccos(Σρ/√(rₓ r_y)) with the
/// canonical correlations ρ. 0: equal up to the maps that α permits. π/2: uncorrelated. A metric
/// (triangle inequality) for each α, so that clustering, embedding and averaging of networks are sound.
///
/// Between the two ends the formula mixes a length with its inverse, and α means something only in a
/// given unit. By default ‖Xc‖²_F = n, so that the value does not depend on the scale of the
/// activations; `scale=raw` takes them as they are, as netrep does (and depends on scale).
///
/// - Numerics: whitening in the basis of the principal components; directions below the rounding error
///   (see `PrincipalScores`) are left out rather than floored at an absolute value. 1 − cos θ below
///   its rounding error is 0.
/// - Complexity: O(n d²) to prepare, O(n rₓ r_y + r³) per pair.
/// - Source: Williams, Kunz, Kornblith & Linderman (NeurIPS 2021); `LinearMetric` of netrep.
public struct ShapeMetric: FactorMetric, StandardizedMetric {
  public enum Scale: String, Sendable, CaseIterable {
    /// ‖Xc‖²_F = n.
    case normalized
    /// As the activations are.
    case raw
  }

  /// 1 keeps the variances of the directions, 0 equalises them.
  public let alpha: Double
  public let scale: Scale

  /// - Precondition: `alpha` is in [0, 1].
  public init(alpha: Double = 1, scale: Scale = .normalized) {
    precondition(alpha >= 0 && alpha <= 1, "α = \(alpha)")
    self.alpha = alpha
    self.scale = scale
  }

  public var name: String {
    specification(
      "shape", [("alpha", "\(alpha)", "1.0"), ("scale", scale.rawValue, "normalized")])
  }
  public var conventions: String {
    "columns centred, \(scale == .raw ? "raw scale" : "‖Xc‖²_F = n"), partial whitening with α = "
      + "\(alpha), unit Frobenius norm, angle in radians; 0 … π/2, smaller is more similar"
  }
  public var invariances: Set<Invariance> {
    var invariances: Set<Invariance> = [
      .translation, .featurePermutation, .orthogonal, .zeroPadding,
    ]
    if scale == .normalized || alpha == 0 || alpha == 1 { invariances.insert(.isotropicScaling) }
    if alpha == 0 {
      invariances.formUnion([.featureScaling, .invertibleLinear, .featureDuplication])
    }
    return invariances
  }
  public let range = 0.0...Double.pi / 2
  public let fewestSamples = 3
  public let direction = MetricDirection.distance
  public let reduction = CrossProductReduction.nuclear

  /// F = U diag(α s + (1 − α)), scaled to unit Frobenius norm: A up to a rotation.
  ///
  /// - Throws: as ``CCA/prepare(_:)``.
  public func prepare(_ representation: StandardizedMatrix) throws -> Factor {
    if alpha == 1 {
      let factor = try representation.matrix().rotatedToSampleCount()
      return Factor(matrix: factor, rank: factor.columns)
    }
    let scores = try PrincipalScores(of: representation)
    // The scores are those of unit norm; without the first term the unit plays no part.
    let norm =
      switch scale {
      case .raw where alpha > 0: representation.centeredNorm
      case .raw, .normalized: Double(representation.rows).squareRoot()
      }
    let stretch = scores.singularValues.map { alpha * norm * $0 + (1 - alpha) }
    let total = dot(stretch, stretch).squareRoot()
    return Factor(
      matrix: scores.basis(weightedBy: stretch.map { $0 / total }), rank: stretch.count)
  }

  public func similarity(
    reduced: Double, rowProduct: Double, _ x: FactorSummary, _ y: FactorSummary
  ) -> Double {
    let cosine = reduced.clampedAgainstRounding(to: 0...1)
    let missing = (1 - cosine).zeroIfRounding(of: 1, terms: min(x.rank, y.rank))
    return missing == 0 ? 0 : acos(cosine)
  }
}

extension MetricEntry {
  static let shape = MetricEntry(
    name: "shape", summary: "Angle left after partial whitening and the best rotation",
    parameters: [
      Parameter(
        name: "alpha", defaultValue: "1", values: "0 ≤ α ≤ 1",
        meaning: "1 is Procrustes, 0 is canonical correlations"),
      Parameter(
        name: "scale", defaultValue: "normalized", values: "normalized | raw",
        meaning: "unit in which 0 < α < 1 mixes: ‖Xc‖²_F = n, or as stored like netrep"),
    ],
    cost: "n d² once per layer, n rₓ r_y + r³ per pair",
    source: "Williams, Kunz, Kornblith & Linderman 2021"
  ) { values in
    let read = ParameterReader(metric: "shape", values: values)
    let alpha = try read.number("alpha", allowed: "0 ≤ α ≤ 1") { $0 >= 0 && $0 <= 1 }
    return ShapeMetric(alpha: alpha ?? 1, scale: try read.choice("scale", default: .normalized))
  }
}
