import LinearAlgebra
import Metrics

/// What a comparison costs, from the sizes alone, in multiplications: so much for each representation
/// that is read and prepared, and so much for each pair.
///
/// The figures follow the routes of a run (see `ZooComparison`). How many components a metric will
/// keep, nobody knows before the data are read: the most are counted.
struct ComparisonCost {
  /// Of each representation.
  let preparations: [Double]
  /// The cost of a pair is the sum over these of wᵢ wⱼ.
  private let weights: [[Double]]

  /// A core of today multiplies and adds 2 · 10¹⁰ times a second and reads 2 · 10⁸ bytes in that time,
  /// as was measured for the estimate of `--dry-run`.
  private static let multiplicationsPerByte = 100.0
  /// Of all eigenvectors of a symmetric matrix, in multiples of its size cubed: 9 flops, half of them
  /// multiplications. Golub & Van Loan, Matrix Computations, 4th edition, section 8.3.
  private static let eigenvectors = 4.5

  init(shapes: [RepresentationShape], metrics: [any SimilarityMetric]) {
    var preparations = shapes.map { Double($0.bytes) * Self.multiplicationsPerByte }
    var weights: [[Double]] = []
    func add(_ cost: (RepresentationShape) -> Double) {
      for (index, shape) in shapes.enumerated() { preparations[index] += cost(shape) }
    }
    if metrics.contains(where: { $0 is any CenteredProductMetric }) {
      let rows = shapes.first?.samples ?? 0
      switch CrossNormRoute.cheaper(rows: rows, columns: shapes.map(\.features)) {
      case .features: weights.append(shapes.map { $0.width * $0.height.squareRoot() })
      case .samples:
        add { $0.height * $0.height * $0.width / 2 }
        weights.append(shapes.map { $0.height * 0.5.squareRoot() })
      }
    }
    for metric in metrics where !(metric is any CenteredProductMetric) {
      switch metric {
      case is any VectorMetric:
        add { $0.height * $0.height * $0.width / 2 }
        weights.append(shapes.map { $0.height * 0.5.squareRoot() })
      default:
        add { $0.height * $0.width * $0.rank + Self.eigenvectors * $0.rank * $0.rank * $0.rank }
        let orders = metric.isSymmetric ? 1.0 : 2
        weights.append(shapes.map { $0.rank * ($0.height * orders).squareRoot() })
      }
    }
    self.preparations = preparations
    self.weights = weights
  }

  /// All pairs of a representation of `a` with one of `b`, or, where both are the same range, each
  /// pair of them once and each with itself.
  func comparing(_ a: Range<Int>, _ b: Range<Int>) -> Double {
    weights.reduce(0) { sum, weights in
      func total(_ range: Range<Int>) -> Double { range.reduce(0) { $0 + weights[$1] } }
      guard a == b else { return sum + total(a) * total(b) }
      let squares = a.reduce(0) { $0 + weights[$1] * weights[$1] }
      return sum + (total(a) * total(a) + squares) / 2
    }
  }
}

extension RepresentationShape {
  fileprivate var height: Double { Double(samples) }
  fileprivate var width: Double { Double(features) }
  /// The most directions that it can have.
  fileprivate var rank: Double { Double(min(samples, features)) }
}
