import COpenBLAS

/// ‖AᵢᵀAⱼ‖²_F of all pairs by products of columns × columns.
///
/// The columns of all matrices, side by side, are cut into panels of about a thousand. A piece of work
/// is the product of two panels: their rows are brought side by side block by block, and one large
/// product a block serves every pair of matrices that meet in the two panels.
struct FeatureProducts<Element: BLASScalar> {
  private let matrices: [StandardizedMatrix]
  private let panels: [Panel]
  private let cover: Set<Int>?
  private let rowsPerBlock: Int

  /// Some neighbouring columns of the list of matrices.
  struct Panel {
    var pieces: [Piece] = []
    var width: Int { pieces.last.map { $0.offset + $0.columns.count } ?? 0 }
  }

  /// Columns of one matrix, and where they begin in the panel.
  struct Piece {
    var matrix: Int
    var columns: Range<Int>
    var offset: Int
  }

  init(_ matrices: [StandardizedMatrix], cover: Set<Int>?, workspace: Int) {
    self.matrices = matrices
    self.cover = cover
    // Two panels of half as many rows as columns and their product: 2 w² elements, and the product
    // once more in double precision where it is summed in blocks.
    let size = MemoryLayout<Element>.stride
    let fitting = Int((Double(workspace) / Double(3 * size)).squareRoot())
    let width = min(1024, max(64, fitting))
    panels = Self.panels(of: matrices.map(\.columns), width: width)
    let widest = panels.map(\.width).max() ?? 1
    rowsPerBlock = max(64, min(Self.longestBlock, workspace / (4 * size * max(1, widest))))
  }

  /// In single precision a block is summed by the product itself, so that it should be long; float32
  /// loses no more than 10⁻⁶ of a sum of so many terms.
  private static var longestBlock: Int { Element.self == Float.self ? 4096 : 512 }

  private static func panels(of widths: [Int], width limit: Int) -> [Panel] {
    var panels: [Panel] = []
    var panel = Panel()
    for (index, width) in widths.enumerated() {
      // Whole matrices where they fit: fewer pieces, fewer sums.
      if panel.width > 0, panel.width + width > limit {
        panels.append(panel)
        panel = Panel()
      }
      for start in stride(from: 0, to: width, by: limit) {
        let columns = start..<min(width, start + limit)
        if panel.width + columns.count > limit {
          panels.append(panel)
          panel = Panel()
        }
        panel.pieces.append(Piece(matrix: index, columns: columns, offset: panel.width))
      }
    }
    if panel.width > 0 { panels.append(panel) }
    return panels
  }

  func squaredNorms(
    threads: Int, finished: (@Sendable (_ done: Int, _ total: Int) -> Void)?
  ) throws -> Matrix {
    // The halves on the diagonal come last, to fill gaps.
    let tasks = panels.indices.reversed().flatMap { distance in
      (0..<panels.count - distance).map { (left: $0, right: $0 + distance) }
    }.filter { isWanted(panels[$0.left], panels[$0.right]) }
    let total = tasks.count
    let widest = panels.map(\.width).max() ?? 0
    let products = WorkspacePool<Element>(widest * widest)
    let blocks = WorkspacePool<Element>(2 * rowsPerBlock * widest)
    let sums = try Parallel.map(
      count: total, threads: threads, finished: counter(finished, total: total)
    ) { task in
      try products.with { product in
        try blocks.with { block in
          try contributions(of: tasks[task].left, tasks[task].right, product, block)
        }
      }
    }
    var result = Matrix(rows: matrices.count, columns: matrices.count)
    for (i, j, sum) in sums.joined() {
      result[i, j] += sum
      if i != j { result[j, i] += sum }
    }
    return result
  }

  /// Whether two panels hold a pair that is wanted.
  private func isWanted(_ left: Panel, _ right: Panel) -> Bool {
    guard let cover else { return true }
    return left.pieces.contains { x in
      cover.contains(x.matrix)
        || right.pieces.contains { x.matrix == $0.matrix || cover.contains($0.matrix) }
    }
  }

  /// What the columns of two panels add to the squared norms.
  private func contributions(
    of a: Int, _ b: Int, _ product: Workspace<Element>, _ blocks: Workspace<Element>
  ) throws -> [(Int, Int, Double)] {
    let (left, right) = (panels[a], panels[b])
    let isDiagonal = a == b
    let rows = matrices[0].rows
    let total: Workspace<Double>? =
      Element.self == Double.self || rows <= rowsPerBlock
      ? nil : Workspace(left.width * right.width)
    total?.start.update(repeating: 0, count: left.width * right.width)
    let x = blocks.start
    let y = isDiagonal ? x : x + rowsPerBlock * left.width
    for start in stride(from: 0, to: rows, by: rowsPerBlock) {
      let block = start..<min(rows, start + rowsPerBlock)
      try fill(x, left, block)
      if !isDiagonal { try fill(y, right, block) }
      let adding = total == nil && start > 0
      if isDiagonal {
        Element.syrk(
          CblasTrans, size: left.width, inner: block.count, scale: 1, x,
          leadingA: left.width, adding: adding, to: product.start, leadingC: left.width)
      } else {
        Element.gemm(
          CblasTrans, CblasNoTrans, rows: left.width, columns: right.width, inner: block.count,
          x, leadingA: left.width, y, leadingB: right.width, adding: adding,
          to: product.start, leadingC: right.width)
      }
      if let total { add(product, to: total, left.width, right.width, triangle: isDiagonal) }
    }
    if let total {
      return reduced(total.start, left, right, isDiagonal: isDiagonal)
    }
    return reduced(product.start, left, right, isDiagonal: isDiagonal)
  }

  private func fill(
    _ target: UnsafeMutablePointer<Element>, _ panel: Panel, _ rows: Range<Int>
  ) throws {
    for piece in panel.pieces {
      try matrices[piece.matrix].fill(
        rows, columns: piece.columns, into: target + piece.offset, stride: panel.width)
    }
  }

  private func add(
    _ product: Workspace<Element>, to total: Workspace<Double>, _ rows: Int, _ columns: Int,
    triangle: Bool
  ) {
    for row in 0..<rows {
      let first = row * columns
      for index in first + (triangle ? row : 0)..<first + columns {
        total.start[index] += Double(product.start[index])
      }
    }
  }

  /// The sums of squares of the blocks of the product, a block for two pieces. Of a panel with itself
  /// only the upper triangle is there.
  private func reduced<Value: BLASScalar>(
    _ product: UnsafeMutablePointer<Value>, _ left: Panel, _ right: Panel, isDiagonal: Bool
  ) -> [(Int, Int, Double)] {
    let stride = right.width
    var sums: [(Int, Int, Double)] = []
    for (s, x) in left.pieces.enumerated() {
      for (t, y) in right.pieces.enumerated() where !isDiagonal || t >= s {
        var sum = 0.0
        if isDiagonal, s == t {
          for row in x.offset..<x.offset + x.columns.count {
            let diagonal = Double(product[row * stride + row])
            let end = x.offset + x.columns.count
            sum +=
              diagonal * diagonal + 2
              * sumOfSquares(product + row * stride + row + 1, count: end - row - 1)
          }
        } else {
          for row in x.offset..<x.offset + x.columns.count {
            sum += sumOfSquares(product + row * stride + y.offset, count: y.columns.count)
          }
          // Two blocks of columns of one matrix stand for their mirror image too.
          if x.matrix == y.matrix { sum *= 2 }
        }
        sums.append((x.matrix, y.matrix, sum))
      }
    }
    return sums
  }
}

/// Σ xᵢ², in double precision, in eight interleaved sums.
func sumOfSquares<Element: BLASScalar>(_ values: UnsafePointer<Element>, count: Int) -> Double {
  var sums = SIMD8<Double>.zero
  var index = 0
  while index + 8 <= count {
    var block = SIMD8<Double>.zero
    for lane in 0..<8 { block[lane] = Double(values[index + lane]) }
    sums += block * block
    index += 8
  }
  var sum = sums.sum()
  while index < count {
    let value = Double(values[index])
    sum += value * value
    index += 1
  }
  return sum
}

func counter(
  _ finished: (@Sendable (Int, Int) -> Void)?, total: Int
) -> (@Sendable (Int) -> Void)? {
  guard let finished else { return nil }
  return { done in finished(done, total) }
}
