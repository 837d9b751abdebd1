public import LinearAlgebra
public import Metrics

/// The factors of several representations side by side, so that one matrix product serves many
/// pairs.
///
/// The similarities of the l layers of one model with the m layers of another cost one product of
/// (Σk) × n by n × (Σk′) instead of l · m small ones.
public struct FactorStack: Sendable {
  /// The factor of each representation, or why it has none.
  let factors: [Result<StoredFactor, MetricError>]
  /// Where the columns of each representation begin, and the end of the last.
  private let offsets: [Int]
  /// Samples × representations, or `nil` when the metric has no use for row norms.
  private let rowNorms: Matrix?
  private let precision: Precision

  /// - Parameter precision: Of the products of stacks.
  /// - Precondition: All factors have the same number of samples.
  init(_ factors: [Result<StoredFactor, MetricError>], precision: Precision) {
    self.factors = factors
    self.precision = precision
    let usable = factors.map { try? $0.get() }
    let samples = usable.lazy.compactMap { $0?.summary.samples }.first ?? 0
    offsets = usable.reduce(into: [0]) { $0.append($0[$0.count - 1] + ($1?.matrix.columns ?? 0)) }
    let hasRowNorms = usable.contains { $0?.squaredRowNorms.isEmpty == false }
    rowNorms =
      hasRowNorms
      ? Matrix(rows: samples, columns: factors.count) { usable[$1]?.squaredRowNorms[$0] ?? 0 } : nil
  }

  /// The number of representations.
  public var count: Int { factors.count }

  /// The stack with its samples in another order: row i of the result is row `order[i]`.
  public func permuted(_ order: [Int]) -> FactorStack {
    FactorStack(factors.map { $0.map { $0.permuted(order) } }, precision: precision)
  }

  /// The similarity of each representation of this stack (rows) with each of the other (columns).
  ///
  /// - Returns: a value, or the reason why there is none, row by row.
  /// - Throws: `SpillError` when factors are in a file that cannot be read.
  public func similarities(
    with other: FactorStack, metric: some FactorMetric
  ) throws -> [Result<Double, MetricError>] {
    let product = try crossProduct(of: pieces, with: other.pieces, precision: precision)
    let rowProducts = rowNorms.flatMap { mine in other.rowNorms.map { mine.transposeTimes($0) } }
    return factors.indices.flatMap { i in
      other.factors.indices.map { j in
        similarity(i, j, other, metric, product, rowProducts)
      }
    }
  }

  /// The similarities of the representations of this stack with each other: i with j for i ≤ j, row
  /// by row.
  ///
  /// - Throws: `SpillError` when factors are in a file that cannot be read.
  func similarities(metric: some FactorMetric) throws -> [Result<Double, MetricError>] {
    // What is below the diagonal blocks' diagonals is missing, and a norm needs all of a block.
    var product = try crossProduct(of: pieces, with: nil, precision: precision)
    product.mirrorUpperTriangle()
    let rowProducts = rowNorms.map { $0.featureGram() }
    return factors.indices.flatMap { i in
      (i..<count).map { j in similarity(i, j, self, metric, product, rowProducts) }
    }
  }

  private var pieces: [StoredMatrix] { factors.compactMap { try? $0.get().matrix } }

  private func similarity(
    _ i: Int, _ j: Int, _ other: FactorStack, _ metric: some FactorMetric, _ product: Matrix,
    _ rowProducts: Matrix?
  ) -> Result<Double, MetricError> {
    Result {
      () throws(MetricError) in
      let (x, y) = (try factors[i].get().summary, try other.factors[j].get().summary)
      guard x.samples == y.samples else {
        throw MetricError.sampleCountsDiffer(x.samples, y.samples)
      }
      let reduced = try reduce(
        product, rows: offsets[i]..<offsets[i + 1],
        columns: other.offsets[j]..<other.offsets[j + 1], by: metric.reduction)
      return precision.rounded(
        metric.similarity(reduced: reduced, rowProduct: rowProducts?[i, j] ?? 0, x, y))
    }
  }

  private func reduce(
    _ product: Matrix, rows: Range<Int>, columns: Range<Int>, by reduction: CrossProductReduction
  ) throws(MetricError) -> Double {
    switch reduction {
    case .squaredFrobenius:
      return product.squaredFrobeniusNorm(rows: rows, columns: columns)
    case .nuclear:
      do {
        return try reduction(product.block(rows: rows, columns: columns))
      } catch {
        throw MetricError.notConverged("\(error)")
      }
    }
  }
}

extension FactorStack {
  /// The most columns that lie side by side where no single factor is wider.
  public static let widest = 1024

  /// Stacks of at most ``widest`` columns (more only where a single factor is wider), in order.
  public static func stacks(
    of factors: [Result<StoredFactor, MetricError>], precision: Precision = .double
  ) -> [FactorStack] {
    var stacks: [FactorStack] = []
    var group: [Result<StoredFactor, MetricError>] = []
    var width = 0
    for factor in factors {
      let columns = (try? factor.get().matrix.columns) ?? 0
      if !group.isEmpty, width + columns > widest {
        stacks.append(FactorStack(group, precision: precision))
        group = []
        width = 0
      }
      group.append(factor)
      width += columns
    }
    if !group.isEmpty { stacks.append(FactorStack(group, precision: precision)) }
    return stacks
  }
}

/// A factor as it is kept between its preparation and its comparisons: in the precision of the
/// products, in memory or in a file.
public struct StoredFactor: Sendable {
  /// Samples × k.
  let matrix: StoredMatrix
  let squaredRowNorms: [Double]
  let summary: FactorSummary

  /// - Throws: `SpillError` when the factor cannot be written to `spill`.
  public init(_ factor: Factor, precision: Precision = .double, spill: SpillFile? = nil) throws {
    let stored =
      precision == .single ? StoredMatrix(rounding: factor.matrix) : StoredMatrix(factor.matrix)
    self.init(
      matrix: try spill.map { try stored.spilled(to: $0) } ?? stored,
      squaredRowNorms: factor.squaredRowNorms, summary: factor.summary)
  }

  private init(matrix: StoredMatrix, squaredRowNorms: [Double], summary: FactorSummary) {
    self.matrix = matrix
    self.squaredRowNorms = squaredRowNorms
    self.summary = summary
  }

  func permuted(_ order: [Int]) -> StoredFactor {
    StoredFactor(
      matrix: matrix.selectingRows(order),
      squaredRowNorms: squaredRowNorms.isEmpty ? [] : order.map { squaredRowNorms[$0] },
      summary: summary)
  }
}
