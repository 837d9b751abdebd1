import LinearAlgebra

/// A representation reduced to one vector whose inner products hold all values.
public struct MetricVector: Sendable {
  /// The number of samples of the representation.
  public let samples: Int
  public let elements: [Double]

  public init(samples: Int, elements: [Double]) {
    self.samples = samples
    self.elements = elements
  }
}

/// A metric whose values follow from inner products, one vector per representation: all pairs of a
/// zoo are one matrix product.
public protocol VectorMetric: SimilarityMetric where Prepared == MetricVector {
  /// The value, given the inner product of the two vectors.
  func value(innerProduct: Double) -> Double
}

extension VectorMetric {
  public func compare(_ x: MetricVector, _ y: MetricVector) throws -> Double {
    guard x.samples == y.samples else { throw MetricError.sampleCountsDiffer(x.samples, y.samples) }
    return value(innerProduct: dot(x.elements, y.elements))
  }
}
