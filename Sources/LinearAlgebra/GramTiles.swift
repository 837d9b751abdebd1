import COpenBLAS

/// ⟨AᵢAᵢᵀ, AⱼAⱼᵀ⟩ of all pairs through the sample Gram matrices AAᵀ, tile by tile.
///
/// For one tile (some rows by some rows) the tiles of all P Gram matrices are laid side by side as P
/// vectors, and one symmetric product adds the inner products of all pairs. No Gram matrix is ever
/// whole. Of the tiles on the diagonal only the upper triangle is computed and kept, its off-diagonal
/// elements multiplied by √2, so that they count twice.
struct GramTiles<Element: BLASScalar> {
  private let matrices: [StandardizedMatrix]
  /// Tiles of the upper triangle as pairs of row ranges, in chunks of work.
  private let chunks: [[(Range<Int>, Range<Int>)]]
  /// The largest number of rows of a tile.
  private let side: Int

  /// Columns that are brought into the cache at a time.
  private static var panelWidth: Int { 384 }

  init(_ matrices: [StandardizedMatrix], workspace: Int) {
    self.matrices = matrices
    // All tiles of one position take P · side² elements. Below 64 rows the products become too small
    // to be fast, above 256 nothing is gained.
    let count = max(1, matrices.count)
    let fitting = (Double(workspace) / Double(MemoryLayout<Element>.stride * count)).squareRoot()
    let side = min(256, max(64, Int(fitting) / 16 * 16))
    self.side = side
    let rows = matrices.first?.rows ?? 0
    let ranges = stride(from: 0, to: rows, by: side).map { $0..<min(rows, $0 + side) }
    let tiles = ranges.indices.flatMap { a in (a..<ranges.count).map { (ranges[a], ranges[$0]) } }
    // Enough chunks to keep many cores busy, few enough that their P × P sums stay small.
    let chunkCount = min(tiles.count, 64, max(8, (1 << 23) / (count * count)))
    chunks = (0..<chunkCount).map { chunk in
      stride(from: chunk, to: tiles.count, by: chunkCount).map { tiles[$0] }
    }
  }

  func squaredNorms(
    threads: Int, finished: (@Sendable (_ done: Int, _ total: Int) -> Void)?
  ) throws -> Matrix {
    let total = chunks.count
    let pool = WorkspacePool<Element>(matrices.count * side * side)
    let sums = try Parallel.map(
      count: total, threads: threads, finished: counter(finished, total: total)
    ) { chunk in try pool.with { try products(of: chunks[chunk], tileVectors: $0) } }
    return symmetricSum(of: sums, size: matrices.count)
  }

  /// Σ over tiles of the inner products restricted to the tile, for all i ≤ j (upper triangle).
  private func products(
    of tiles: [(Range<Int>, Range<Int>)], tileVectors: Workspace<Element>
  ) throws -> Matrix {
    let count = matrices.count
    let scratch = Workspace<Element>(side * side)
    let panels = (
      Workspace<Element>(side * Self.panelWidth), Workspace<Element>(side * Self.panelWidth)
    )
    let product = Workspace<Element>(count * count)
    var total = Matrix(rows: count, columns: count)
    for (upper, lower) in tiles {
      let isDiagonal = upper == lower
      let size =
        isDiagonal ? upper.count * (upper.count + 1) / 2 : upper.count * lower.count
      for (index, matrix) in matrices.enumerated() {
        let vector = tileVectors.start + index * size
        if isDiagonal {
          try gram(matrix, upper, panels.0, to: scratch.start)
          packTriangle(scratch.start, side: upper.count, to: vector)
        } else {
          try gram(matrix, upper, lower, panels, to: vector)
        }
      }
      // A tile off the diagonal stands for its mirror image too.
      Element.syrk(
        CblasNoTrans, size: count, inner: size, scale: isDiagonal ? 1 : 2, tileVectors.start,
        leadingA: size, adding: false, to: product.start, leadingC: count)
      total.elements.withUnsafeMutableBufferPointer { total in
        for row in 0..<count {
          for index in row * count + row..<(row + 1) * count {
            total[index] += Double(product.start[index])
          }
        }
      }
    }
    return total
  }

  /// One tile of a Gram matrix: rows `upper` by rows `lower`.
  private func gram(
    _ matrix: StandardizedMatrix, _ upper: Range<Int>, _ lower: Range<Int>,
    _ panels: (Workspace<Element>, Workspace<Element>), to tile: UnsafeMutablePointer<Element>
  ) throws {
    try matrix.withBlock(upper) { above in
      try matrix.withBlock(lower) { below in
        for start in stride(from: 0, to: matrix.columns, by: Self.panelWidth) {
          let columns = start..<min(matrix.columns, start + Self.panelWidth)
          above.fill(columns: columns, into: panels.0.start, stride: columns.count)
          below.fill(columns: columns, into: panels.1.start, stride: columns.count)
          Element.gemm(
            CblasNoTrans, CblasTrans, rows: upper.count, columns: lower.count,
            inner: columns.count, panels.0.start, leadingA: columns.count, panels.1.start,
            leadingB: columns.count, adding: start > 0, to: tile, leadingC: lower.count)
        }
      }
    }
  }

  /// One tile on the diagonal; its upper triangle.
  private func gram(
    _ matrix: StandardizedMatrix, _ rows: Range<Int>, _ panel: Workspace<Element>,
    to tile: UnsafeMutablePointer<Element>
  ) throws {
    try matrix.withBlock(rows) { block in
      for start in stride(from: 0, to: matrix.columns, by: Self.panelWidth) {
        let columns = start..<min(matrix.columns, start + Self.panelWidth)
        block.fill(columns: columns, into: panel.start, stride: columns.count)
        Element.syrk(
          CblasNoTrans, size: rows.count, inner: columns.count, scale: 1, panel.start,
          leadingA: columns.count, adding: start > 0, to: tile, leadingC: rows.count)
      }
    }
  }

  /// The upper triangle as a vector whose inner products are those of the whole square.
  private func packTriangle(
    _ square: UnsafeMutablePointer<Element>, side: Int, to vector: UnsafeMutablePointer<Element>
  ) {
    let root = Element(2).squareRoot()
    var target = vector
    for row in 0..<side {
      let source = square + row * side
      target[0] = source[row]
      for column in row + 1..<max(row + 1, side) { target[column - row] = source[column] * root }
      target += side - row
    }
  }
}
