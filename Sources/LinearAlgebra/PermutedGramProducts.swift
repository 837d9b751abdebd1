import COpenBLAS

/// ⟨K, PLPᵀ⟩ off the diagonal, for the Gram matrices K = FFᵀ and L = GGᵀ of all pairs of factors and many
/// reorderings P of the samples.
///
/// One inner product of two n × n matrices costs n², however many columns the factors have: for wide
/// factors that is far less than FᵀPG. The Gram matrices are kept where they fit in memory, else the
/// rows at hand are computed from the factors. They are in single precision, in which random
/// reorderings are known far better than a few hundred of them tell; sums over blocks of rows are added in
/// double precision. The diagonals, which can outweigh everything else, are left to the caller.
///
/// - Complexity: for P factors with D columns in all, P² n² for each reordering, and n² D more where the
///   Gram matrices are not kept.
public struct PermutedGramProducts: Sendable {
  /// The number of samples.
  public let samples: Int
  /// The number of factors.
  public let count: Int
  private let source: Source

  /// Where rows of Gram matrices come from.
  private enum Source: Sendable {
    /// Each Gram matrix whole, its diagonal 0.
    case kept([[Float]])
    /// Samples × columns.
    case factors([(elements: [Float], columns: Int)])
  }

  /// How many elements a gather reads in the time of one multiplication with addition, about.
  private static let costOfGather = 20.0

  /// - Parameters:
  ///   - factors: Samples × columns, all with the same number of samples.
  ///   - memory: The bytes that Gram matrices may take.
  public init(_ factors: [Matrix], memory: Int, threads: Int) throws {
    samples = factors.first?.rows ?? 0
    let samples = samples
    precondition(factors.allSatisfy { $0.rows == samples }, "the factors differ in their samples")
    count = factors.count
    source =
      Self.keeps(samples: samples, count: factors.count, memory: memory)
      ? .kept(
        try Parallel.map(count: factors.count, threads: threads) { index in
          let gram = factors[index].sampleGram()
          return (0..<samples * samples).map { place in
            place.isMultiple(of: samples + 1) ? 0 : Float(gram.elements[place])
          }
        })
      : .factors(factors.map { ($0.elements.map(Float.init), $0.columns) })
  }

  /// Whether Gram matrices are kept within `memory` bytes.
  public static func keeps(samples: Int, count: Int, memory: Int) -> Bool {
    let elements = Double(count) * Double(samples) * Double(samples)
    return elements * Double(MemoryLayout<Float>.stride) <= Double(memory)
  }

  /// The work of one reordering in multiplications, to be weighed against n D² by the factors.
  public static func cost(samples: Int, columns: [Int], memory: Int) -> Double {
    let (n, count) = (Double(samples), Double(columns.count))
    let isKept = keeps(samples: samples, count: columns.count, memory: memory)
    let rows = isKept ? count * costOfGather : Double(columns.reduce(0, +))
    return n * n / 2 * (count * count + rows)
  }

  /// Σ_{a≠b} K_ab L_{π(a)π(b)} of all pairs: K of the factor of the row, L of that of the column.
  ///
  /// - Parameter orders: Each a π: π(a) is at place a.
  /// - Returns: A matrix for each order.
  public func products(orders: [[Int]]) -> [Matrix] {
    var totals = orders.map { _ in Matrix(rows: count, columns: count) }
    let side = blockSide
    let fixed = Workspace<Float>(count * side * samples)
    let permuted = Workspace<Float>(count * side * samples)
    let product = Workspace<Float>(count * count)
    let identity = (0..<samples).map(blasInt)
    let orders = orders.map { $0.map(blasInt) }
    for start in stride(from: 0, to: samples, by: side) {
      let rows = start..<min(samples, start + side)
      let size = rows.count * (samples - start)
      fill(fixed.start, rows, order: identity)
      // What is right of the block of the diagonal stands for what is below it too.
      for row in 0..<count * rows.count {
        let elements = fixed.start + row * (samples - start)
        for column in rows.count..<max(rows.count, samples - start) { elements[column] *= 2 }
      }
      for (place, order) in orders.enumerated() {
        fill(permuted.start, rows, order: order)
        Float.gemm(
          CblasNoTrans, CblasTrans, rows: count, columns: count, inner: size, fixed.start,
          leadingA: size, permuted.start, leadingB: size, adding: false, to: product.start,
          leadingC: count)
        for index in 0..<count * count {
          totals[place].elements[index] += Double(product.start[index])
        }
      }
    }
    return totals
  }

  /// The rows of a block: as many as a cache of 4 MB holds of all Gram matrices.
  private var blockSide: Int {
    min(64, max(8, (1 << 20) / max(1, count * samples)))
  }

  /// Factor after factor, row after row of `rows`: the elements from the first of `rows` on.
  private func fill(_ target: UnsafeMutablePointer<Float>, _ rows: Range<Int>, order: [Int32]) {
    let width = samples - rows.lowerBound
    let columns = Array(order[rows.lowerBound...])
    for index in 0..<count {
      let block = target + index * rows.count * width
      switch source {
      case .kept(let grams):
        grams[index].withUnsafeBufferPointer { gram in
          guard let first = gram.baseAddress else { return }
          for row in rows {
            let next = row + 1 < rows.upperBound ? order[row + 1] : order[row]
            ub_pick(
              first + Int(order[row]) * samples, columns, width,
              block + (row - rows.lowerBound) * width, first + Int(next) * samples, samples)
          }
        }
      case .factors(let factors):
        let (elements, inner) = factors[index]
        let right = Workspace<Float>(width * inner)
        for (place, sample) in columns.enumerated() {
          let row = Int(sample) * inner
          for column in 0..<inner {
            right.start[place * inner + column] = elements[row + column]
          }
        }
        // The rows of the block are the first of the columns.
        Float.gemm(
          CblasNoTrans, CblasTrans, rows: rows.count, columns: width, inner: inner, right.start,
          leadingA: inner, right.start, leadingB: inner, adding: false, to: block,
          leadingC: width)
        for row in 0..<rows.count { block[row * width + row] = 0 }
      }
    }
  }
}
