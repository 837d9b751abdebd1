public import LinearAlgebra

/// The difference between the lengths of the mean activations.
///
///     |‖x̄‖ − ‖ȳ‖|,   x̄ = Σᵢ xᵢ / n
///
/// 0: the mean samples are equally far from the origin. A distance in the units of the activations, and
/// a comparison of two summaries: which sample is which plays no part.
///
/// - Numerics: the mean is scaled by its largest element before it is squared.
/// - Complexity: O(n d) to prepare, O(1) per pair.
/// - Source: Klabunde, Schumacher, Strohmaier & Lemmerich (2023, arXiv 2305.06329), a survey, as computed
///   in ReSi (Klabunde et al., ICLR 2025).
public struct MagnitudeDifference: SimilarityMetric {
  public struct Prepared: Sendable {
    let samples: Int
    let magnitude: Double
  }

  public let name = "magnitude-difference"
  public let conventions =
    "raw activations, |norm of the mean sample − norm of the other's|; 0 … ∞ in the units of the "
    + "activations, smaller is more similar"
  public let invariances: Set<Invariance> = [.featurePermutation, .orthogonal, .zeroPadding]
  public let range = 0.0...Double.infinity
  public let direction = MetricDirection.distance
  public let comparesSampleBySample = false

  public init() {}

  /// - Throws: ``MetricError/constant``, ``MetricError/notFinite(sample:feature:)``,
  ///   ``MetricError/tooFewSamples(count:needed:)`` below 2 samples.
  public func prepare(_ representation: Matrix) throws -> Prepared {
    _ = try representation.standardized(atLeast: 2)
    let share = 1 / Double(representation.rows)
    let mean = Matrix(rows: representation.rows, columns: 1, repeating: share)
      .transposeTimes(representation)
    let largest = mean.elements.reduce(0) { max($0, abs($1)) }
    guard largest > 0 else { return Prepared(samples: representation.rows, magnitude: 0) }
    let relative = Matrix(rows: 1, columns: mean.columns) { mean[$0, $1] / largest }
    return Prepared(
      samples: representation.rows,
      magnitude: largest * relative.squaredFrobeniusNorm().squareRoot())
  }

  public func compare(_ x: Prepared, _ y: Prepared) throws -> Double {
    guard x.samples == y.samples else { throw MetricError.sampleCountsDiffer(x.samples, y.samples) }
    return abs(x.magnitude - y.magnitude)
  }
}

extension MetricEntry {
  static let magnitudeDifference = MetricEntry(
    name: "magnitude-difference", summary: "Difference between the lengths of the mean activations",
    parameters: [], cost: "n d once per layer, 1 per pair",
    source: "Klabunde et al. 2023; ReSi (Klabunde et al. 2025)"
  ) { _ in MagnitudeDifference() }
}
