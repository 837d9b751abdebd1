import Activations
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

  /// `nil` when no metric asks for them.
  init?(
    of activations: ActivationSet, metrics: [any CenteredProductMetric], threads: Int,
    progress: ProgressReceiver?
  ) throws {
    // Each metric checks its own number of samples again.
    guard let lenient = metrics.min(by: { $0.fewestSamples < $1.fewestSamples }) else {
      return nil
    }
    let total = activations.representations.count
    let centered = try Parallel.map(
      count: total, threads: threads,
      finished: progressCounter(progress, stage: "centring", total: total)
    ) { index in
      metricResult { try lenient.centered(activations.representations[index].matrix) }
    }
    var usable: [Matrix] = []
    places = centered.map { result in
      result.map { matrix in
        usable.append(matrix)
        return usable.count - 1
      }
    }
    samples = activations.sampleCount
    route = CrossNormRoute.cheaper(rows: samples, columns: usable.map(\.columns))
    squaredNorms = try squaredCrossNorms(of: usable, route: route, threads: threads) {
      progress?(WorkProgress(stage: "comparing (linear kernels)", done: $0, total: $1))
    }
    let norms = try Parallel.map(count: usable.count, threads: threads) { [usable] in
      usable[$0].squaredRowNorms()
    }
    // Representations in rows: the inner products of their row norms in one product.
    rowProducts = Matrix(
      rows: norms.count, columns: samples, elements: norms.flatMap { $0 }
    ).sampleGram()
  }

  func matrix(_ metric: some CenteredProductMetric) -> SimilarityMatrix {
    var matrix = SimilarityMatrix(metric, count: places.count)
    let checked = places.map { place in
      place.flatMap { index in
        metricResult {
          guard samples >= metric.fewestSamples else {
            throw MetricError.tooFewSamples(count: samples, needed: metric.fewestSamples)
          }
          try metric.checkSelfProduct(product(index, index), samples: samples)
          return index
        }
      }
    }
    for (a, x) in checked.enumerated() {
      for (b, y) in checked.enumerated().dropFirst(a) {
        matrix[a, b] = .init(
          metricResult {
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
