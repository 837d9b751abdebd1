import LinearAlgebra

/// How different two samples of one representation are.
public enum Dissimilarity: String, Sendable, CaseIterable {
  /// ‖xᵢ − xⱼ‖
  case euclidean
  /// ‖xᵢ − xⱼ‖²
  case squaredEuclidean = "squared-euclidean"
  /// 1 − the Pearson correlation of xᵢ and xⱼ over the features
  case correlation
  /// 1 − the cosine of the angle between xᵢ and xⱼ
  case cosine

  /// What leaves all dissimilarities unchanged, up to one common factor.
  var invariances: Set<Invariance> {
    switch self {
    case .euclidean, .squaredEuclidean:
      [.translation, .isotropicScaling, .featurePermutation, .orthogonal, .zeroPadding]
    // A feature that is always zero takes part in the mean over the features.
    case .correlation: [.isotropicScaling, .featurePermutation]
    case .cosine: [.isotropicScaling, .featurePermutation, .orthogonal, .zeroPadding]
    }
  }

  /// The dissimilarities, when they differ by more than rounding.
  ///
  /// - Throws: ``MetricError/equalDissimilarities``, the errors of ``upperTriangle(of:)``.
  func varyingUpperTriangle(of representation: Matrix) throws -> [Double] {
    let triangle = try upperTriangle(of: representation)
    let (least, largest) = triangle.reduce((Double.infinity, 0.0)) {
      (min($0.0, $1), max($0.1, $1))
    }
    // Each is a sum over the features, of terms that may be twice as large.
    let rounding = 2 * Double(representation.columns) * Double.ulpOfOne * largest
    guard largest - least > rounding else { throw MetricError.equalDissimilarities }
    return triangle
  }

  /// The representational dissimilarity matrix: its strict upper triangle, row after row.
  ///
  /// All four are squared Euclidean distances: of unit vectors, ½ ‖u − v‖² = 1 − ⟨u, v⟩, which keeps
  /// the digits of small dissimilarities and is exactly 0 for equal samples.
  ///
  /// - Throws: ``MetricError/undefinedSample(_:_:)`` for a sample without length (cosine) or without
  ///   variance over the features (correlation), the errors of ``SimilarityMetric/prepare(_:)``.
  /// - Complexity: O(n² d), n(n − 1)/2 numbers.
  func upperTriangle(of representation: Matrix) throws -> [Double] {
    let validated = try representation.validated(atLeast: 4)
    let points: Matrix
    switch self {
    case .euclidean, .squaredEuclidean:
      points = try representation.standardized(atLeast: 4)
    case .correlation:
      points = try validated.transposed().centered().transposed()
        .withUnitRows(orElse: "all its features are equal, so it correlates with nothing")
    case .cosine:
      points = try validated.withUnitRows(orElse: "all its features are zero: it has no direction")
    }
    func finished(_ squaredDistance: Double) -> Double {
      switch self {
      case .euclidean: squaredDistance.squareRoot()
      case .squaredEuclidean: squaredDistance
      case .correlation, .cosine: squaredDistance / 2
      }
    }
    let distances = SquaredDistances(between: points)
    var triangle: [Double] = []
    triangle.reserveCapacity(points.rows * (points.rows - 1) / 2)
    for tile in distances.tiles {
      let block = distances.distances(of: tile, toPointsFrom: tile.lowerBound)
      for row in 0..<block.rows { triangle += block.row(row).dropFirst(row + 1).map(finished) }
    }
    return triangle
  }
}
