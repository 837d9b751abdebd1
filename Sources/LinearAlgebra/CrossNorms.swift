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
  public static func cheaper(rows: Int, columns: [Int]) -> CrossNormRoute {
    let n = Double(rows)
    let total = columns.reduce(0) { $0 + Double($1) }
    let count = Double(columns.count)
    let bySamples = n * n * total / 2 + count * count * n * n / 4
    return n * total * total / 2 <= bySamples ? .features : .samples
  }
}

/// ‖AᵢᵀAⱼ‖²_F = ⟨AᵢAᵢᵀ, AⱼAⱼᵀ⟩ for all pairs of matrices with the same number of rows.
///
/// - Returns: the symmetric P × P matrix of squared norms. The bits do not depend on the number of
///   threads: work is cut into pieces that depend on the sizes alone, and their sums are added in a
///   fixed order.
/// - Complexity: see ``CrossNormRoute``.
public func squaredCrossNorms(
  of matrices: [Matrix], route: CrossNormRoute, threads: Int = Parallel.coreCount,
  finished: (@Sendable (_ done: Int, _ total: Int) -> Void)? = nil
) throws -> Matrix {
  guard let rows = matrices.first?.rows else { return Matrix(rows: 0, columns: 0) }
  precondition(matrices.allSatisfy { $0.rows == rows }, "the matrices differ in their rows")
  switch route {
  case .features:
    return try crossNormsByFeatures(matrices, threads: threads, finished: finished)
  case .samples:
    return try crossNormsBySamples(matrices, rows: rows, threads: threads, finished: finished)
  }
}

private func crossNormsByFeatures(
  _ matrices: [Matrix], threads: Int, finished: (@Sendable (Int, Int) -> Void)?
) throws -> Matrix {
  let count = matrices.count
  let lines = try Parallel.map(
    count: count, threads: threads, finished: counter(finished, total: count)
  ) { i in
    (i..<count).map { j in matrices[i].transposeTimes(matrices[j]).squaredFrobeniusNorm() }
  }
  return Matrix(rows: count, columns: count) { i, j in lines[min(i, j)][abs(i - j)] }
}

private func crossNormsBySamples(
  _ matrices: [Matrix], rows: Int, threads: Int, finished: (@Sendable (Int, Int) -> Void)?
) throws -> Matrix {
  let tiling = GramTiling(rows: rows, matrices: matrices.count)
  let total = tiling.chunks.count
  let sums = try Parallel.map(
    count: total, threads: threads, finished: counter(finished, total: total)
  ) { chunk in
    gramProducts(of: matrices, tiles: tiling.chunks[chunk], side: tiling.side)
  }
  let count = matrices.count
  var result = Matrix(rows: count, columns: count)
  for sum in sums {
    for index in result.elements.indices { result.elements[index] += sum.elements[index] }
  }
  // Only the upper triangle was accumulated.
  return Matrix(rows: count, columns: count) { result[min($0, $1), max($0, $1)] }
}

/// How the n × n Gram matrices are cut into tiles, and the tiles into chunks of work.
private struct GramTiling {
  /// Tiles of the upper triangle as pairs of row ranges.
  let chunks: [[(Range<Int>, Range<Int>)]]
  /// The largest number of rows of a tile.
  let side: Int

  init(rows: Int, matrices: Int) {
    // All tiles of one position take 8 · P · side² bytes: at most 128 MiB; below 64 rows the
    // products become too small to be fast, above 256 nothing is gained.
    let fitting = (Double(1 << 24) / Double(max(1, matrices))).squareRoot()
    side = min(256, max(64, Int(fitting)))
    let side = side
    let ranges = stride(from: 0, to: rows, by: side).map { $0..<min(rows, $0 + side) }
    let tiles = ranges.indices.flatMap { a in (a..<ranges.count).map { (ranges[a], ranges[$0]) } }
    // Enough chunks to keep many cores busy, few enough that their P × P sums stay below 512 MiB.
    let count = min(tiles.count, 64, max(8, (1 << 26) / max(1, matrices * matrices)))
    chunks = (0..<count).map { chunk in
      stride(from: chunk, to: tiles.count, by: count).map { tiles[$0] }
    }
  }
}

/// Σ over tiles of ⟨AᵢAᵢᵀ, AⱼAⱼᵀ⟩ restricted to the tile, for all i ≤ j (upper triangle).
private func gramProducts(
  of matrices: [Matrix], tiles: [(Range<Int>, Range<Int>)], side: Int
) -> Matrix {
  let count = matrices.count
  let buffer = UnsafeMutablePointer<Double>.allocate(capacity: count * side * side)
  defer { buffer.deallocate() }
  return Matrix(rows: count, columns: count) { result in
    for (upper, lower) in tiles {
      let size = upper.count * lower.count
      for (index, matrix) in matrices.enumerated() {
        let tile = buffer + index * size
        let width = matrix.columns
        guard width > 0 else {
          tile.initialize(repeating: 0, count: size)
          continue
        }
        matrix.elements.withUnsafeBufferPointer { elements in
          guard let base = elements.baseAddress else { return }
          cblas_dgemm(
            CblasRowMajor, CblasNoTrans, CblasTrans, blasInt(upper.count), blasInt(lower.count),
            blasInt(width), 1, base + upper.lowerBound * width, blasInt(width),
            base + lower.lowerBound * width, blasInt(width), 0, tile, blasInt(lower.count))
        }
      }
      // A tile off the diagonal stands for its mirror image too.
      cblas_dsyrk(
        CblasRowMajor, CblasUpper, CblasNoTrans, blasInt(count), blasInt(size),
        upper == lower ? 1 : 2, buffer, blasInt(size), 1, result, blasInt(count))
    }
  }
}

private func counter(
  _ finished: (@Sendable (Int, Int) -> Void)?, total: Int
) -> (@Sendable (Int) -> Void)? {
  guard let finished else { return nil }
  return { done in finished(done, total) }
}
