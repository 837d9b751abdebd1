public import LinearAlgebra

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The family between CKA and canonical correlations: linear CKA with reweighted components.
///
/// With Xc = U S Vᵀ and the shares lᵢ = sᵢ²/Σs² of the variance:
///
///     CKA_w = Σᵢⱼ w(lₓᵢ) w(l_yⱼ) ⟨uₓᵢ, u_yⱼ⟩² / (‖w(lₓ)‖ ‖w(l_y)‖)
///
///     w(l) = lᵖ           power p: 1 is linear CKA, ½ dwells on small components, 0 is Yanai's GCD
///     w(l) = l/(l + κ)    ridge κ: large κ tends to linear CKA, small κ to GCD
///
/// 1: the components that count agree, with their relative variances. 0: no component of one
/// correlates with any of the other. Chance is above 0 and the higher the flatter the weights are. The
/// curve over κ shows at which share of the variance representations begin to agree.
///
/// - Numerics: components below the rounding error (see `PrincipalScores`) are left out; only at p = 0
///   does their number matter.
/// - Complexity: O(n d²) to prepare, O(n rₓ r_y) per pair.
/// - Source: Kornblith, Norouzi, Lee & Hinton (ICML 2019): CKA, CCA and regression as weighted sums over
///   pairs of components; l/(l + κ) is their equation 33 (canonical ridge).
public struct SpectralCKA: FactorMetric, StandardizedMetric {
  /// What a component with a given share of the variance weighs.
  public enum Weight: Sendable, Equatable {
    case power(Double)
    case ridge(Double)
  }

  public let weight: Weight

  /// - Precondition: A power is finite and not negative; a ridge is finite and positive.
  public init(weight: Weight = .power(0.5)) {
    switch weight {
    case .power(let p): precondition(p >= 0 && p.isFinite, "a power of \(p)")
    case .ridge(let kappa): precondition(kappa > 0 && kappa.isFinite, "a ridge of \(kappa)")
    }
    self.weight = weight
  }

  public var name: String {
    switch weight {
    case .power(let p): specification("cka-spectral", [("power", "\(p)", "0.5")])
    case .ridge(let kappa): specification("cka-spectral", [("ridge", "\(kappa)", "")])
    }
  }
  public var conventions: String {
    let formula =
      switch weight {
      case .power(let p): "l^\(p)"
      case .ridge(let kappa): "l/(l + \(kappa))"
      }
    return
      "columns centred, component with share l of the variance weighs \(formula); 0 … 1, larger is "
      + "more similar, chance is above 0"
  }
  public var invariances: Set<Invariance> {
    let always: Set<Invariance> = [
      .translation, .isotropicScaling, .featurePermutation, .orthogonal, .zeroPadding,
    ]
    return weight == .power(0)
      ? always.union([.featureScaling, .invertibleLinear, .featureDuplication]) : always
  }
  public let range = 0.0...1.0
  public let fewestSamples = 3
  public let reduction = CrossProductReduction.squaredFrobenius

  /// F = U diag(√w) / √‖w‖.
  ///
  /// - Throws: as ``CCA/prepare(_:)``.
  public func prepare(_ representation: StandardizedMatrix) throws -> Factor {
    let scores = try PrincipalScores(of: representation)
    let weights = scores.singularValues.map { weight(ofShare: $0 * $0) }
    let norm = dot(weights, weights).squareRoot()
    return Factor(
      matrix: scores.basis(weightedBy: weights.map { ($0 / norm).squareRoot() }),
      rank: weights.count)
  }

  public func similarity(
    reduced: Double, rowProduct: Double, _ x: FactorSummary, _ y: FactorSummary
  ) -> Double {
    reduced.clampedAgainstRounding(to: range)
  }

  private func weight(ofShare share: Double) -> Double {
    switch weight {
    case .power(let p): pow(share, p)
    case .ridge(let kappa): share / (share + kappa)
    }
  }
}

extension MetricEntry {
  static let spectralCKA = MetricEntry(
    name: "cka-spectral", summary: "Linear CKA with the components reweighted by their variance",
    parameters: [
      Parameter(
        name: "power", defaultValue: "0.5", values: "p ≥ 0",
        meaning: "a component with share l of the variance weighs l^p: 1 is CKA, 0 is GCD"),
      Parameter(
        name: "ridge", defaultValue: "none", values: "κ > 0",
        meaning: "in place of the power: it weighs l/(l + κ)"),
    ],
    cost: "n d² once per layer, n rₓ r_y per pair",
    source: "Kornblith, Norouzi, Lee & Hinton 2019 (canonical ridge)"
  ) { values in
    let read = ParameterReader(metric: "cka-spectral", values: values)
    let power = try read.number("power", allowed: "p ≥ 0") { $0 >= 0 && $0.isFinite }
    let ridge = try read.number("ridge", allowed: "κ > 0") { $0 > 0 && $0.isFinite }
    guard let ridge else { return SpectralCKA(weight: .power(power ?? 0.5)) }
    guard power == nil else {
      throw read.refusal("\(ridge)", "ridge", allowed: "only without power=")
    }
    return SpectralCKA(weight: .ridge(ridge))
  }
}
