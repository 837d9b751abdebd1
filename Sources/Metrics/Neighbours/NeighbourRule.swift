import LinearAlgebra

/// What makes one sample the nearest to another.
public enum Nearness: String, Sendable, CaseIterable {
  /// The smallest angle.
  case cosine
  /// The smallest Euclidean distance.
  case euclidean
}

/// How the k nearest neighbours of every sample are found: shared by all neighbourhood metrics.
///
/// In this order: activations are clamped to a quantile of their magnitudes, if asked; the features
/// are centred over the samples, if asked (Euclidean distances do not notice); samples are compared
/// by angle or distance. A sample is not its own neighbour.
public struct NeighbourRule: Sendable, Equatable {
  public var count: Int
  public var nearness: Nearness
  public var isCentered: Bool
  /// Activations beyond ±q are set to ±q, q being the mean over the samples of this quantile of the
  /// magnitudes of a sample; 1 leaves them as they are. 0.95 in Huh et al. 2024.
  public var clampQuantile: Double

  /// The defaults are those of the published codes: 10 neighbours by the cosine of raw activations.
  ///
  /// - Precondition: at least one neighbour, a quantile in (0, 1].
  public init(
    count: Int = 10, nearness: Nearness = .cosine, isCentered: Bool = false,
    clampQuantile: Double = 1
  ) {
    precondition(count > 0, "\(count) neighbours")
    precondition(clampQuantile > 0 && clampQuantile <= 1, "quantile \(clampQuantile)")
    self.count = count
    self.nearness = nearness
    self.isCentered = isCentered
    self.clampQuantile = clampQuantile
  }

  /// What leaves the neighbours of every sample the same.
  var invariances: Set<Invariance> {
    var kept: Set<Invariance> = [.isotropicScaling, .featurePermutation]
    // Clamping sees the coordinates; nothing else does.
    if clampQuantile == 1 {
      kept.formUnion([.orthogonal, .zeroPadding])
      if isCentered || nearness == .euclidean { kept.insert(.translation) }
    }
    return kept
  }

  var conventions: String {
    var parts = ["k = \(count)"]
    if clampQuantile < 1 { parts.append("clamped at quantile \(clampQuantile) of |activation|") }
    parts.append(isCentered ? "columns centred" : "not centred")
    parts.append("\(nearness.rawValue) neighbours without the sample itself")
    return parts.joined(separator: ", ")
  }

  /// The samples as points whose Euclidean distances are in the order of nearness: for the cosine,
  /// on the unit sphere, where ‖u − v‖² = 2 − 2 cos.
  ///
  /// - Throws: ``MetricError/undefinedSample(_:_:)`` for a sample at the origin (cosine), the errors
  ///   of ``SimilarityMetric/prepare(_:)``; at least k + 2 samples are needed.
  func points(of representation: Matrix) throws -> Matrix {
    var points = try representation.validated(atLeast: count + 2)
    if clampQuantile < 1 { points = points.clamped(toQuantile: clampQuantile) }
    // Distances are taken from centred points: a common offset costs digits.
    if isCentered || nearness == .euclidean { points = try points.standardized(atLeast: 1) }
    guard nearness == .cosine else { return points }
    return try points.withUnitRows(
      orElse: isCentered
        ? "it is the mean of all samples and has no direction from there"
        : "all its features are zero: it has no direction")
  }
}

extension NeighbourRule {
  static let parameters: [MetricEntry.Parameter] =
    [
      .init(
        name: "k", defaultValue: "10", values: "a whole number ≥ 1, at most n − 2",
        meaning: "the number of neighbours of each sample"),
      .init(
        name: "neighbours", defaultValue: "cosine", values: "cosine | euclidean",
        meaning: "nearest by angle or by distance"),
    ] + angular

  /// Those that remain for metrics that know only angles.
  static let angularParameters = parameters.filter { $0.name == "k" } + angular

  private static let angular: [MetricEntry.Parameter] = [
    .init(
      name: "centred", defaultValue: "false", values: "true | false",
      meaning: "whether the mean of each feature is subtracted first"),
    .init(
      name: "clamp", defaultValue: "1", values: "0 < q ≤ 1",
      meaning: "quantile of |activation| beyond which activations are clamped; 0.95 in Huh et al."),
  ]

  init(_ reader: ParameterReader) throws {
    self.init(
      count: try reader.integer("k", default: 10, atLeast: 1),
      nearness: try reader.choice("neighbours", default: .cosine),
      isCentered: try reader.flag("centred", default: false),
      clampQuantile: try reader.number("clamp", allowed: "0 < q ≤ 1") { $0 > 0 && $0 <= 1 } ?? 1)
  }

  func name(of metric: String, _ further: [(String, String, String)] = []) -> String {
    specification(
      metric,
      [
        ("k", "\(count)", "10"), ("neighbours", nearness.rawValue, "cosine"),
        ("centred", "\(isCentered)", "false"), ("clamp", "\(clampQuantile)", "1.0"),
      ] + further)
  }
}

extension Matrix {
  /// The elements clamped to ± the mean over the rows of the given quantile of a row's magnitudes
  /// (linear between order statistics, as `torch.quantile`).
  fileprivate func clamped(toQuantile quantile: Double) -> Matrix {
    let quantiles = (0..<rows).map { index -> Double in
      let magnitudes = row(index).map { abs($0) }.sorted()
      let place = quantile * Double(columns - 1)
      let (lower, upper) = (Int(place), min(Int(place) + 1, columns - 1))
      let share = place - Double(lower)
      return magnitudes[lower] + share * (magnitudes[upper] - magnitudes[lower])
    }
    let bound = quantiles.reduce(0, +) / Double(rows)
    return Matrix(rows: rows, columns: columns) { min(max(self[$0, $1], -bound), bound) }
  }
}
