public import LinearAlgebra
public import Metrics

/// The factors of several representations side by side, so that one matrix product serves many
/// pairs.
///
/// The similarities of the l layers of one model with the m layers of another cost one product of
/// (Σk) × n by n × (Σk′) instead of l · m small ones.
public struct FactorStack: Sendable {
  /// What is to be known of the factor of each representation, or why it has none.
  public let summaries: [Result<FactorSummary, MetricError>]
  /// Samples × Σk.
  private let matrix: StoredMatrix
  /// Where the columns of each representation begin, and the end of the last.
  private let offsets: [Int]
  /// Samples × representations, or `nil` when the metric has no use for row norms.
  private let rowNorms: Matrix?

  /// - Parameter precision: Of the products of stacks.
  /// - Precondition: All factors have the same number of samples.
  public init(_ factors: [Result<Factor, MetricError>], precision: Precision = .double) {
    summaries = factors.map { $0.map(\.summary) }
    let usable = factors.map { try? $0.get() }
    let samples = usable.lazy.compactMap { $0?.matrix.rows }.first ?? 0
    var offsets = [0]
    for factor in usable {
      offsets.append(offsets[offsets.count - 1] + (factor?.matrix.columns ?? 0))
    }
    self.offsets = offsets
    var elements: [Double] = []
    elements.reserveCapacity(samples * offsets[offsets.count - 1])
    for row in 0..<samples {
      for case let factor? in usable { elements.append(contentsOf: factor.matrix.row(row)) }
    }
    let stacked = Matrix(rows: samples, columns: offsets[offsets.count - 1], elements: elements)
    matrix = precision == .single ? StoredMatrix(rounding: stacked) : StoredMatrix(stacked)
    let hasRowNorms = usable.contains { $0?.squaredRowNorms.isEmpty == false }
    rowNorms =
      hasRowNorms
      ? Matrix(rows: samples, columns: factors.count) { usable[$1]?.squaredRowNorms[$0] ?? 0 } : nil
  }

  private init(_ other: FactorStack, order: [Int]) {
    summaries = other.summaries
    offsets = other.offsets
    matrix = other.matrix.selectingRows(order)
    rowNorms = other.rowNorms?.selectingRows(order)
  }

  /// The stack with its samples in another order: row i of the result is row `order[i]`.
  public func permuted(_ order: [Int]) -> FactorStack { FactorStack(self, order: order) }

  /// The similarity of each representation of this stack (rows) with each of the other (columns).
  ///
  /// - Returns: a value, or the reason why there is none, row by row.
  public func similarities(
    with other: FactorStack, metric: some FactorMetric
  ) throws -> [Result<Double, MetricError>] {
    // Without a usable factor a stack has no rows, and the reasons below are all there is.
    let areAligned = matrix.rows == other.matrix.rows
    let product =
      areAligned ? try matrix.transposeTimes(other.matrix) : Matrix(rows: 0, columns: 0)
    let rowProducts =
      areAligned
      ? rowNorms.flatMap { mine in other.rowNorms.map { mine.transposeTimes($0) } } : nil
    var results: [Result<Double, MetricError>] = []
    results.reserveCapacity(summaries.count * other.summaries.count)
    for (i, x) in summaries.enumerated() {
      for (j, y) in other.summaries.enumerated() {
        results.append(
          Result {
            () throws(MetricError) in
            let (x, y) = (try x.get(), try y.get())
            guard x.samples == y.samples else {
              throw MetricError.sampleCountsDiffer(x.samples, y.samples)
            }
            let reduced = try reduce(
              product, rows: offsets[i]..<offsets[i + 1],
              columns: other.offsets[j]..<other.offsets[j + 1], by: metric.reduction)
            return metric.similarity(reduced: reduced, rowProduct: rowProducts?[i, j] ?? 0, x, y)
          })
      }
    }
    return results
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
  ///
  /// The factors are given up as they are stacked, so that they are not in memory twice.
  public static func stacks(
    of factors: consuming [Result<Factor, MetricError>], precision: Precision = .double
  ) -> [FactorStack] {
    var rest = consume factors
    rest.reverse()
    var stacks: [FactorStack] = []
    var group: [Result<Factor, MetricError>] = []
    var width = 0
    while let factor = rest.popLast() {
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
