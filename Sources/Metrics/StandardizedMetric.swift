public import LinearAlgebra

/// A metric whose first step is to centre the columns and to scale the whole to unit norm.
///
/// Several such metrics in one run share that step, and what they are handed converts the numbers
/// block by block: nothing is copied whole.
public protocol StandardizedMetric: SimilarityMetric {
  /// The fewest samples for which the metric is defined.
  var fewestSamples: Int { get }

  /// The work that belongs to one representation.
  ///
  /// - Throws: ``MetricError`` when this representation has no similarity to anything, and why;
  ///   `SpillError` when its numbers are in a file that cannot be read.
  func prepare(_ representation: StandardizedMatrix) throws -> Prepared
}

extension StandardizedMetric {
  /// - Throws: ``MetricError/constant``, ``MetricError/notFinite(sample:feature:)``,
  ///   ``MetricError/noFeatures``, ``MetricError/tooFewSamples(count:needed:)``, and what the metric
  ///   itself throws.
  public func prepare(_ representation: Matrix) throws -> Prepared {
    guard representation.columns > 0 else { throw MetricError.noFeatures }
    try check(samples: representation.rows)
    return try prepare(StandardizedMatrix(checking: StoredMatrix(representation)))
  }

  public func prepare(sharing representation: some RepresentationSource) throws -> Prepared {
    guard representation.features > 0 else { throw MetricError.noFeatures }
    try check(samples: representation.samples)
    return try prepare(representation.standardized())
  }

  /// - Throws: ``MetricError/tooFewSamples(count:needed:)`` if there are too few.
  public func check(samples: Int) throws(MetricError) {
    guard samples >= fewestSamples else {
      throw MetricError.tooFewSamples(count: samples, needed: fewestSamples)
    }
  }
}

/// A metric that compares the spaces that features span.
///
/// Two spaces of dimensions r and s in the n − 1 dimensions that centred samples have meet in at least
/// r + s − (n − 1): so many canonical correlations are 1 whatever the data are.
public protocol SubspaceMetric: StandardizedMetric {}

extension StandardizedMatrix {
  /// The representation centred and in unit norm, or the reason why that is impossible.
  ///
  /// - Throws: ``MetricError``; `SpillError` when the numbers are in a file that cannot be read.
  public init(checking representation: StoredMatrix) throws {
    guard representation.columns > 0 else { throw MetricError.noFeatures }
    guard representation.rows >= 1 else { throw MetricError.tooFewSamples(count: 0, needed: 1) }
    do {
      try self.init(representation)
    } catch StandardizationError.constant {
      throw MetricError.constant
    } catch StandardizationError.notFinite(let row, let column) {
      throw MetricError.notFinite(sample: row, feature: column)
    }
  }
}

extension Matrix {
  /// The matrix centred and scaled to unit Frobenius norm, or the reason why that is impossible.
  func standardized(atLeast needed: Int) throws -> Matrix {
    guard columns > 0 else { throw MetricError.noFeatures }
    guard rows >= needed else { throw MetricError.tooFewSamples(count: rows, needed: needed) }
    return try StandardizedMatrix(checking: StoredMatrix(self)).matrix()
  }
}
