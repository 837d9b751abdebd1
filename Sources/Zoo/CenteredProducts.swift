import LinearAlgebra
import Metrics

/// The centred inner products of all pairs of representations: one computation that serves linear
/// CKA, debiased CKA and every other ``CenteredProductMetric``.
struct CenteredProducts: Sendable {
  let route: CrossNormRoute
  /// Double where any product was computed in it.
  let precision: Precision
  private let samples: Int
  private let open: OpenPairs
  /// Of the members of `open`: the reason why a representation has no products, or its place in the matrices below.
  private let places: [Result<Int, MetricError>]
  /// ‖XᵀY‖²_F of all pairs.
  private let squaredNorms: Matrix
  /// The same in double precision for the pairs of some matrices, where single does not suffice.
  private let repeated: (members: Set<Int>, squaredNorms: Matrix)?
  private let usualPrecision: Precision
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
    func squaredNorms(_ precision: Precision, _ cover: Set<Int>?) throws -> Matrix {
      try squaredCrossNorms(
        of: usable, route: route, cover: cover, precision: precision,
        workspace: resources.workspace, threads: resources.threads
      ) { progress?(WorkProgress(stage: "comparing (linear kernels)", done: $0, total: $1)) }
    }
    let norms = try squaredNorms(resources.precision, cover)
    self.squaredNorms = norms
    usualPrecision = resources.precision
    guard resources.precision == .single, samples > 3 else {
      (precision, repeated) = (resources.precision, nil)
      return
    }
    let uncertain = usable.indices.filter { index in
      let product = CenteredProduct(
        squaredNorm: norms[index, index], rowProduct: rowProducts[index, index])
      return product.unbiasedShare(samples: samples) < Self.leastShareInSingle
    }
    precision = uncertain.isEmpty ? .single : .double
    repeated =
      uncertain.isEmpty
      ? nil : (Set(uncertain), try squaredNorms(.double, Set(uncertain)))
  }

  /// Products in single precision are right to some 10⁻⁷ of the biased norm. Where less than this share
  /// of it is left without bias, those of the matrix are computed once more in double precision, so
  /// that no value is off by more than 10⁻⁵. Only the two matrices of a pair decide about it, not the
  /// others of the run.
  private static let leastShareInSingle = 0.02

  /// Adds the values of the open pairs to a matrix.
  func fill(_ matrix: inout SimilarityMatrix, _ metric: some CenteredProductMetric) {
    let checked = places.map { place in
      place.flatMap { index in
        Result {
          () throws(MetricError) in
          try metric.check(samples: samples)
          try metric.checkSelfProduct(
            product(index, index, isRepeated: isRepeated(index, index)), samples: samples)
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
            let isRepeated = isRepeated(x, y)
            let value = try metric.similarity(
              product(x, y, isRepeated: isRepeated), xx: product(x, x, isRepeated: isRepeated),
              yy: product(y, y, isRepeated: isRepeated), samples: samples)
            return isRepeated ? value : usualPrecision.rounded(value)
          })
      }
    }
  }

  private func isRepeated(_ a: Int, _ b: Int) -> Bool {
    repeated.map { $0.members.contains(a) || $0.members.contains(b) } ?? false
  }

  private func product(_ a: Int, _ b: Int, isRepeated: Bool) -> CenteredProduct {
    let norms = isRepeated ? repeated?.squaredNorms ?? squaredNorms : squaredNorms
    return CenteredProduct(squaredNorm: norms[a, b], rowProduct: rowProducts[a, b])
  }
}
