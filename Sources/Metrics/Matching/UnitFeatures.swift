import LinearAlgebra

/// The features of a representation as unit vectors over the samples: their inner products are
/// Pearson correlations.
public struct UnitFeatures: Sendable {
  /// Samples × features that vary; each column is centred and of length 1.
  let columns: Matrix

  /// Features that do not vary correlate with nothing and are left out.
  ///
  /// - Throws: the errors of ``SimilarityMetric/prepare(_:)``; at least 3 samples are needed, since
  ///   all correlations over 2 are ±1.
  init(of representation: Matrix) throws {
    let features = try representation.standardized(atLeast: 3).transposed()
    let varying = (0..<features.rows).filter { features.row($0).contains { $0 != 0 } }
    columns = try features.selectingRows(varying)
      .withUnitRows(orElse: "does not vary").transposed()
  }

  /// All correlations between the features of two representations, their magnitudes if asked.
  func correlations(with other: UnitFeatures, absolute: Bool) throws -> Matrix {
    guard columns.rows == other.columns.rows else {
      throw MetricError.sampleCountsDiffer(columns.rows, other.columns.rows)
    }
    let products = columns.transposeTimes(other.columns)
    return Matrix(rows: products.rows, columns: products.columns) {
      absolute ? abs(products[$0, $1]) : products[$0, $1]
    }
  }
}

/// What the metrics that match features have in common.
enum FeatureMatching {
  /// A correlation over the samples sees neither the mean nor the scale of a feature.
  static let invariances: Set<Invariance> = [
    .translation, .isotropicScaling, .featurePermutation, .featureScaling, .zeroPadding,
  ]

  static let absolute = MetricEntry.Parameter(
    name: "absolute", defaultValue: "false", values: "true | false",
    meaning: "whether features of opposite sign match, as where signs are arbitrary")
}
