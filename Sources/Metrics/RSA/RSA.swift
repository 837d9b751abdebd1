public import LinearAlgebra

/// Representational similarity analysis: the correlation of two dissimilarity matrices.
///
///     RSA(X, Y) = r(D_X, D_Y),   D_X = (δ(xᵢ, xⱼ))   for all i < j
///
/// with δ one of four dissimilarities between samples and r one of
///
///     pearson:   Σ (a − ā)(b − b̄) / (‖a − ā‖ ‖b − b̄‖)
///     spearman:  the same of the ranks, ties sharing their average rank
///     cosine:    Σ a b / (‖a‖ ‖b‖)
///
/// where a and b run through the n(n − 1)/2 dissimilarities; for Kendall's τ see ``KendallRSA``. 1: the
/// dissimilarities are proportional (cosine), linearly related (pearson), or in the same order
/// (spearman). 0: unrelated, which is also the mean over all permutations of the samples – but not
/// for the cosine, whose chance value is far above 0 because dissimilarities are never negative.
///
/// - Numerics: correlation and cosine dissimilarities of the rows as they are, no feature centred over
///   the samples, as in rsatoolbox. Ranks tie where 38 bits agree. The vector of dissimilarities is transformed and normalised once
///   per representation; a pair is one inner product.
/// - Complexity: O(n² d) to prepare, O(n²) per pair; n(n − 1)/2 numbers per representation.
/// - Source: Kriegeskorte, Mur & Bandettini (2008); conventions of rsatoolbox (Schütt et al. 2023).
public struct RSA: VectorMetric {
  /// How two vectors of dissimilarities are compared.
  public enum Comparison: String, Sendable, CaseIterable {
    case spearman, pearson, cosine
  }

  public let dissimilarity: Dissimilarity
  public let comparison: Comparison

  public init(
    dissimilarity: Dissimilarity = .correlation, comparison: Comparison = .spearman
  ) {
    self.dissimilarity = dissimilarity
    self.comparison = comparison
  }

  public var name: String {
    specification("rsa", rsaParameters(dissimilarity, comparison: comparison.rawValue))
  }

  public var conventions: String {
    let chance = comparison == .cosine ? "0 … 1, chance is far above 0" : "−1 … 1, chance is 0"
    return "\(dissimilarity.rawValue) dissimilarities of raw rows, upper triangle, "
      + "\(comparison.rawValue); \(chance), larger is more similar"
  }

  public var invariances: Set<Invariance> { dissimilarity.invariances }
  public var range: ClosedRange<Double> { comparison == .cosine ? 0...1 : -1...1 }

  /// The dissimilarities, transformed, centred and scaled to unit length as `comparison` asks.
  ///
  /// - Throws: ``MetricError/undefinedSample(_:_:)``, ``MetricError/equalDissimilarities``,
  ///   ``MetricError/constant``, ``MetricError/notFinite(sample:feature:)``,
  ///   ``MetricError/tooFewSamples(count:needed:)`` below 4 samples.
  public func prepare(_ representation: Matrix) throws -> MetricVector {
    var vector = try dissimilarity.varyingUpperTriangle(of: representation)
    if comparison == .spearman { vector = vector.map(\.roundedForOrder).averageRanks() }
    // One column, so that centring and scaling are those of representations.
    var column = Matrix(rows: vector.count, columns: 1, elements: vector).normalizedExponent()
    if comparison != .cosine { column = column.centered() }
    let norm = column.squaredFrobeniusNorm().squareRoot()
    guard norm > 0 else { throw MetricError.equalDissimilarities }
    return MetricVector(
      samples: representation.rows, elements: column.scaled(by: 1 / norm).elements)
  }

  public func value(innerProduct: Double) -> Double {
    innerProduct.clampedAgainstRounding(to: range)
  }
}

/// The parameters of RSA with their values and defaults.
func rsaParameters(
  _ dissimilarity: Dissimilarity, comparison: String
) -> [(name: String, value: String, default: String)] {
  [
    ("dissimilarity", dissimilarity.rawValue, Dissimilarity.correlation.rawValue),
    ("comparison", comparison, RSA.Comparison.spearman.rawValue),
  ]
}

extension MetricEntry {
  static let rsa = MetricEntry(
    name: "rsa",
    summary: "Representational similarity analysis: correlation of two dissimilarity matrices",
    parameters: [
      Parameter(
        name: "dissimilarity", defaultValue: "correlation",
        values: Dissimilarity.allCases.map(\.rawValue).joined(separator: " | "),
        meaning: "between two samples, over the features; correlation and cosine of raw rows"),
      Parameter(
        name: "comparison", defaultValue: "spearman",
        values: "spearman | pearson | cosine | kendall",
        meaning: "of two dissimilarity matrices; ties share average ranks, kendall is τ_a"),
    ],
    cost: "n² d once per layer, n² per pair (n² log n with kendall)",
    source: "Kriegeskorte, Mur & Bandettini 2008; conventions of rsatoolbox"
  ) { values in
    let reader = ParameterReader(metric: "rsa", values: values)
    let dissimilarity = try reader.choice("dissimilarity", default: Dissimilarity.correlation)
    if values["comparison"] == "kendall" { return KendallRSA(dissimilarity: dissimilarity) }
    guard let comparison = RSA.Comparison(rawValue: values["comparison"] ?? "spearman") else {
      throw reader.refusal(
        values["comparison"] ?? "", "comparison", allowed: "spearman | pearson | cosine | kendall")
    }
    return RSA(dissimilarity: dissimilarity, comparison: comparison)
  }
}
