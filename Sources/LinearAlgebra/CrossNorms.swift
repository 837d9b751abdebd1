import COpenBLAS

/// How the norms of all cross-products of a list of matrices are computed.
public enum CrossNormRoute: String, Sendable, Codable {
  /// One product of columns × columns a pair: Σ n dᵢ dⱼ multiplications.
  case features
  /// All sample Gram matrices tile by tile, then one symmetric product a tile over the list:
  /// n² Σd/2 + P² n²/4 multiplications, and no n × n matrix is ever stored.
  case samples

  /// The cheaper route for matrices of `rows` rows and the given numbers of columns.
  ///
  /// Both routes spend their time in matrix products of similar shape, so that the numbers of
  /// multiplications decide.
  ///
  /// - Parameters:
  ///   - rows: The number of rows, the same for all matrices.
  ///   - columns: The number of columns of each matrix.
  ///   - cover: The matrices that have a part in every pair that is wanted; `nil` for all.
  public static func cheaper(
    rows: Int, columns: [Int], cover: Set<Int>? = nil
  ) -> CrossNormRoute {
    let n = Double(rows)
    let total = columns.reduce(0) { $0 + Double($1) }
    let count = Double(columns.count)
    let bySamples = n * n * total / 2 + count * count * n * n / 4
    var byFeatures = n * total * total / 2
    if let cover {
      let covering = cover.reduce(0) { $0 + Double(columns[$1]) }
      let squares = columns.reduce(0) { $0 + Double($1) * Double($1) }
      byFeatures = min(byFeatures, n * (total * covering + squares / 2))
    }
    return byFeatures <= bySamples ? .features : .samples
  }
}

/// ‖AᵢᵀAⱼ‖²_F = ⟨AᵢAᵢᵀ, AⱼAⱼᵀ⟩ for all pairs of matrices with the same number of rows.
///
/// - Parameters:
///   - matrices: The matrices, centred and in unit norm.
///   - route: See ``CrossNormRoute``.
///   - cover: Where not all pairs are wanted: matrices of which each wanted pair has one. Other pairs
///     may be left 0, but for those of a matrix with itself.
///   - precision: Of the products; blocks of them are added in double precision.
///   - workspace: The most bytes of scratch memory for each thread; more than about 40 MB gains
///     nothing, less than 2 MB becomes slow.
///   - threads: The number of threads.
///   - finished: Told after each piece of work.
/// - Returns: the symmetric P × P matrix of squared norms. The bits do not depend on the number of
///   threads: work is cut into pieces that depend on the sizes alone, and their sums are added in a
///   fixed order.
/// - Throws: ``SpillError`` when matrices are in a file that cannot be read.
/// - Complexity: see ``CrossNormRoute``.
public func squaredCrossNorms(
  of matrices: [StandardizedMatrix], route: CrossNormRoute, cover: Set<Int>? = nil,
  precision: Precision = .double,
  workspace: Int = 40 << 20, threads: Int = Parallel.coreCount,
  finished: (@Sendable (_ done: Int, _ total: Int) -> Void)? = nil
) throws -> Matrix {
  guard let rows = matrices.first?.rows else { return Matrix(rows: 0, columns: 0) }
  precondition(matrices.allSatisfy { $0.rows == rows }, "the matrices differ in their rows")
  switch (route, precision) {
  case (.features, .double):
    return try FeatureProducts<Double>(matrices, cover: cover, workspace: workspace)
      .squaredNorms(threads: threads, finished: finished)
  case (.features, .single):
    return try FeatureProducts<Float>(matrices, cover: cover, workspace: workspace)
      .squaredNorms(threads: threads, finished: finished)
  case (.samples, .double):
    return try GramTiles<Double>(matrices, workspace: workspace)
      .squaredNorms(threads: threads, finished: finished)
  case (.samples, .single):
    return try GramTiles<Float>(matrices, workspace: workspace)
      .squaredNorms(threads: threads, finished: finished)
  }
}
