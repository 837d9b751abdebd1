import LinearAlgebra

/// Whether the data bear out that the rows of two files are the same stimuli in the same order.
///
/// Representations of the same stimuli are alike; of mismatched rows they are not. The measure is the
/// largest debiased linear CKA over some pairs of layers. If the rows of one side were permuted it
/// would have mean 0 and standard deviation √(2/(n(n−3))), up to its dependence on the spectra.
struct PositionalCheck: Sendable, Equatable {
  /// The largest debiased CKA over the pairs.
  var value: Double
  /// That value in standard deviations under permutation.
  var deviations: Double

  /// How many standard deviations confirm the order. For representations of rank one the null is a
  /// χ² of one degree of freedom, (χ² − 1)/√2 in standard deviations: beyond 10 its tail holds 1e-4.
  static let threshold = 10.0

  var isConfirmed: Bool { deviations > PositionalCheck.threshold }

  /// Compares layers of one file with layers of others, all with equally many rows.
  ///
  /// At most 1,000 rows and 128 features of each, evenly spread, take part.
  init(_ own: [Matrix], _ others: [Matrix]) {
    value = -.infinity
    deviations = -.infinity
    guard let count = own.first?.rows, count > 3 else { return }
    let rows = PositionalCheck.rows(of: count)
    let x = own.map { Sample($0, rows: rows) }
    let y = others.map { Sample($0, rows: rows) }
    for a in x {
      for b in y where a.own > 0 && b.own > 0 {
        value = max(value, Sample.product(a, b) / (a.own * b.own).squareRoot())
      }
    }
    let n = Double(rows.count)
    deviations = value / (2 / (n * (n - 3))).squareRoot()
  }

  /// The rows that take part.
  static func rows(of count: Int) -> [Int] { spread(count, 1000) }

  /// The features that take part.
  static func features(of count: Int) -> [Int] { spread(count, 128) }

  /// Up to `limit` of `count` indices, evenly spread.
  private static func spread(_ count: Int, _ limit: Int) -> [Int] {
    count <= limit ? Array(0..<count) : (0..<limit).map { $0 * count / limit }
  }

  /// A centred extract of a representation.
  private struct Sample {
    let rows: Int
    let columns: Int
    var elements: [Double]
    /// |x_i|² of every row.
    var norms: [Double]
    /// D(X, X).
    var own = 0.0

    init(_ matrix: Matrix, rows chosen: [Int]) {
      let features = PositionalCheck.features(of: matrix.columns)
      rows = chosen.count
      columns = features.count
      elements = []
      elements.reserveCapacity(rows * columns)
      for row in chosen {
        for feature in features {
          let value = matrix[row, feature]
          elements.append(value.isFinite ? value : 0)
        }
      }
      for column in 0..<columns {
        var sum = 0.0
        for row in 0..<rows { sum += elements[row * columns + column] }
        for row in 0..<rows { elements[row * columns + column] -= sum / Double(rows) }
      }
      norms = []
      for row in 0..<rows {
        norms.append(elements[row * columns..<(row + 1) * columns].reduce(0) { $0 + $1 * $1 })
      }
      own = Sample.product(self, self)
    }

    /// D(X, Y) = ‖XᵀY‖²_F − n/(n−2) Σ a_i b_i + Σa Σb/((n−1)(n−2)) with a_i = |x_i|², b_i = |y_i|².
    static func product(_ x: Sample, _ y: Sample) -> Double {
      var cross = [Double](repeating: 0, count: x.columns * y.columns)
      for row in 0..<x.rows {
        for p in 0..<x.columns {
          let value = x.elements[row * x.columns + p]
          if value == 0 { continue }
          for q in 0..<y.columns {
            cross[p * y.columns + q] += value * y.elements[row * y.columns + q]
          }
        }
      }
      let n = Double(x.rows)
      let squares = cross.reduce(0) { $0 + $1 * $1 }
      let pairs = zip(x.norms, y.norms).reduce(0) { $0 + $1.0 * $1.1 }
      return squares - n / (n - 2) * pairs
        + x.norms.reduce(0, +) * y.norms.reduce(0, +) / ((n - 1) * (n - 2))
    }
  }
}
