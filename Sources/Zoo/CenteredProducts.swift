import LinearAlgebra
import Metrics

/// The centred inner products of all pairs of representations: one computation that serves linear
/// CKA, debiased CKA and every other ``CenteredProductMetric``.
struct CenteredProducts: Sendable {
  let route: CrossNormRoute
  /// What the products were computed in at last.
  let precision: Precision
  private let samples: Int
  private let open: OpenPairs
  /// Of the members of `open`: the reason why a representation has no products, or its place in the matrices below.
  private let places: [Result<Int, MetricError>]
  /// ‖XᵀY‖²_F of all pairs.
  private let squaredNorms: Matrix
  /// Σ ‖xᵢ‖²‖yᵢ‖² of all pairs.
  private let rowProducts: Matrix

  init(
    of members: [Result<StandardizedMatrix, MetricError>], open: OpenPairs, samples: Int,
    resources: Resources, progress: ProgressReceiver?
  ) throws {
    self.open = open
    self.samples = samples
    var usable: [StandardizedMatrix] = []
    let places = members.map { result in
      result.map { matrix in
        usable.append(matrix)
        return usable.count - 1
      }
    }
    self.places = places
    let cover = open.cover.map { cover in
      Set(zip(open.members, places).compactMap { cover.contains($0) ? try? $1.get() : nil })
    }
    route = CrossNormRoute.cheaper(rows: samples, columns: usable.map(\.columns), cover: cover)
    // Representations in rows: the inner products of their row norms in one product.
    let rowProducts = Matrix(
      rows: usable.count, columns: samples, elements: usable.flatMap(\.squaredRowNorms)
    ).sampleGram()
    self.rowProducts = rowProducts
    let route = route
    func squaredNorms(_ precision: Precision) throws -> Matrix {
      try squaredCrossNorms(
        of: usable, route: route, cover: cover, precision: precision,
        workspace: resources.workspace, threads: resources.threads
      ) { progress?(WorkProgress(stage: "comparing (linear kernels)", done: $0, total: $1)) }
    }
    let norms = try squaredNorms(resources.precision)
    let isUncertain = usable.indices.contains { index in
      let product = CenteredProduct(
        squaredNorm: norms[index, index], rowProduct: rowProducts[index, index])
      return product.unbiasedShare(samples: samples) < Self.leastShareInSingle
    }
    let isRepeated = resources.precision == .single && samples > 3 && isUncertain
    precision = isRepeated ? .double : resources.precision
    self.squaredNorms = isRepeated ? try squaredNorms(.double) : norms
  }

  /// Products in single precision are right to some 10⁻⁷ of the biased norm. Where less than this share
  /// of it is left without bias, they are computed once more in double precision, so that no value is
  /// off by more than 10⁻⁵.
  private static let leastShareInSingle = 0.02

  /// Adds the values of the open pairs to a matrix.
  func fill(_ matrix: inout SimilarityMatrix, _ metric: some CenteredProductMetric) {
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
    for (i, x) in checked.enumerated() {
      for (j, y) in checked.enumerated().dropFirst(i)
      where open.contains(open.members[i], open.members[j]) {
        matrix[open.members[i], open.members[j]] = .init(
          Result {
            () throws(MetricError) in
            let (x, y) = (try x.get(), try y.get())
            return precision.rounded(
              try metric.similarity(
                product(x, y), xx: product(x, x), yy: product(y, y), samples: samples))
          })
      }
    }
  }

  private func product(_ a: Int, _ b: Int) -> CenteredProduct {
    CenteredProduct(squaredNorm: squaredNorms[a, b], rowProduct: rowProducts[a, b])
  }
}
