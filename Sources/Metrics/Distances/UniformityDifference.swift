public import LinearAlgebra

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The difference between how evenly two representations fill their spaces.
///
///     |u(X) − u(Y)|,   u(X) = log( Σᵢⱼ exp(−t ‖xᵢ − xⱼ‖²) / n² )
///
/// over all pairs, a sample with itself included. 0: equally even. A comparison of two summaries: which
/// sample is which plays no part. u is measured in the units of the activations: where all samples are
/// much further apart than 1/√t it is −log n whatever they are, so look at the scale first.
///
/// - Numerics: distances from centred samples, those of near neighbours from their differences.
/// - Complexity: O(n² d) to prepare, O(1) per pair.
/// - Source: Wang & Isola (ICML 2020), with t = 2; as computed in ReSi (Klabunde et al., ICLR 2025),
///   which does not scale the samples to unit length.
public struct UniformityDifference: SimilarityMetric {
  public struct Prepared: Sendable {
    let samples: Int
    let uniformity: Double
  }

  /// The factor of the squared distances.
  public let t: Double

  /// - Precondition: `t` is finite and positive.
  public init(t: Double = 2) {
    precondition(t > 0 && t.isFinite, "t = \(t)")
    self.t = t
  }

  public var name: String { specification("uniformity-difference", [("t", "\(t)", "2.0")]) }
  public var conventions: String {
    "raw activations, t = \(t), all n² pairs; 0 … log n, smaller is more similar"
  }
  public let invariances: Set<Invariance> = [
    .translation, .featurePermutation, .orthogonal, .zeroPadding,
  ]
  public let range = 0.0...Double.infinity
  public let direction = MetricDirection.distance
  public let comparesSampleBySample = false

  /// - Throws: ``MetricError/constant``, ``MetricError/notFinite(sample:feature:)``,
  ///   ``MetricError/tooFewSamples(count:needed:)`` below 2 samples.
  public func prepare(_ representation: Matrix) throws -> Prepared {
    _ = try representation.standardized(atLeast: 2)
    let kernel = SymmetricTriangle(ofSquaredDistancesBetween: representation.centered()) {
      exp(-t * $0)
    }
    let n = Double(representation.rows)
    return Prepared(
      samples: representation.rows,
      uniformity: log((n + 2 * kernel.elements.reduce(0, +)) / (n * n)))
  }

  public func compare(_ x: Prepared, _ y: Prepared) throws -> Double {
    guard x.samples == y.samples else { throw MetricError.sampleCountsDiffer(x.samples, y.samples) }
    return abs(x.uniformity - y.uniformity)
  }
}

extension MetricEntry {
  static let uniformityDifference = MetricEntry(
    name: "uniformity-difference",
    summary: "Difference between how evenly the samples are spread",
    parameters: [
      Parameter(
        name: "t", defaultValue: "2", values: "t > 0", meaning: "the factor of squared distances")
    ],
    cost: "n² d once per layer, 1 per pair",
    source: "Wang & Isola 2020; ReSi (Klabunde et al. 2025)"
  ) { values in
    let read = ParameterReader(metric: "uniformity-difference", values: values)
    return UniformityDifference(
      t: try read.number("t", allowed: "t > 0") { $0 > 0 && $0.isFinite } ?? 2)
  }
}
