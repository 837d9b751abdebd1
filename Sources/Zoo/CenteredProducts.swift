import LinearAlgebra
import Metrics

/// The centred inner products of all pairs of representations: one computation that serves linear
/// CKA, debiased CKA and every other ``CenteredProductMetric``.
struct CenteredProducts: Sendable {
  let route: CrossNormRoute
  private let samples: Int
  /// The reason why a representation has no products, or its place in the matrices below.
  private let places: [Result<Int, MetricError>]
  /// ‖XᵀY‖²_F of all pairs.
  private let squaredNorms: Matrix
  /// Σ ‖xᵢ‖²‖yᵢ‖² of all pairs.
  private let rowProducts: Matrix

  init(
    of representations: [Result<StandardizedMatrix, MetricError>], samples: Int,
    resources: Resources, progress: ProgressReceiver?
  ) throws {
    var usable: [StandardizedMatrix] = []
    places = representations.map { result in
      result.map { matrix in
        usable.append(matrix)
        return usable.count - 1
      }
    }
    self.samples = samples
    route = CrossNormRoute.cheaper(rows: samples, columns: usable.map(\.columns))
    squaredNorms = try squaredCrossNorms(
      of: usable, route: route, precision: resources.precision, workspace: resources.workspace,
      threads: resources.threads
    ) { progress?(WorkProgress(stage: "comparing (linear kernels)", done: $0, total: $1)) }
    // Representations in rows: the inner products of their row norms in one product.
    rowProducts = Matrix(
      rows: usable.count, columns: samples, elements: usable.flatMap(\.squaredRowNorms)
    ).sampleGram()
  }

  func matrix(_ metric: some CenteredProductMetric) -> SimilarityMatrix {
    var matrix = SimilarityMatrix(metric, count: places.count)
    let checked = places.map { place in
      place.flatMap { index in
        Result {
          () throws(MetricError) in
          try metric.check(samples: samples)
          try metric.checkSelfProduct(product(index, index), samples: samples)
          return index
        }
      }
    }
    for (a, x) in checked.enumerated() {
      for (b, y) in checked.enumerated().dropFirst(a) {
        matrix[a, b] = .init(
          Result {
            () throws(MetricError) in
            let (x, y) = (try x.get(), try y.get())
            return try metric.similarity(
              product(x, y), xx: product(x, x), yy: product(y, y), samples: samples)
          })
      }
    }
    return matrix
  }

  private func product(_ a: Int, _ b: Int) -> CenteredProduct {
    CenteredProduct(squaredNorm: squaredNorms[a, b], rowProduct: rowProducts[a, b])
  }
}
