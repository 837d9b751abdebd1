import LinearAlgebra
import Metrics
import Zoo

/// The similarities of all layers of a population with the layers of all other blocks, after the samples
/// of the latter were reordered.
///
/// There are two ways to the same numbers: cross-products of the factors of whole blocks, and, for metrics
/// that need only the sum of their squares, inner products of Gram matrices, which do not grow with the
/// widths of the layers. The cheaper one is taken. Either way the products are in single precision: a
/// few hundred random reorderings say far less about chance than seven digits.
struct PermutedSimilarities<Metric: FactorMetric>: Sendable {
  private let layers: [Int]
  private let metric: Metric
  private let route: Route

  private enum Route: Sendable {
    /// Block by block.
    case factors([[LayerStack]])
    /// The layers that have a factor.
    case gramMatrices(PermutedGramProducts, [LayerFactor])
  }

  /// What a similarity needs of a layer beside its Gram matrix off the diagonal.
  private struct LayerFactor: Sendable {
    let layer: Int
    let diagonal: [Double]
    let squaredRowNorms: [Double]
    let summary: FactorSummary
  }

  /// - Parameters:
  ///   - factors: By layer index, for all layers of the population.
  ///   - memory: The bytes that Gram matrices may take.
  init(
    of population: Population, factors: [Int: Result<Factor, MetricError>], metric: Metric,
    threads: Int, memory: Int
  ) throws {
    layers = population.layers
    self.metric = metric
    let usable = layers.compactMap { layer in
      (try? factors[layer]?.get()).map { (layer: layer, factor: $0) }
    }
    let samples = usable.first?.factor.matrix.rows ?? 0
    let columns = usable.map(\.factor.matrix.columns)
    let width = Double(columns.reduce(0, +))
    let isCheaper =
      PermutedGramProducts.cost(samples: samples, columns: columns, memory: memory)
      < Double(samples) * width * width
    guard metric.reduction == .squaredFrobenius, isCheaper,
      usable.allSatisfy({ $0.factor.matrix.rows == samples })
    else {
      let stored = try factors.mapValues { factor in
        try metricResult { try StoredFactor(factor.get(), precision: .single) }
      }
      route = .factors(
        population.layersByBlock.map { LayerStack.stacks(of: $0, stored, precision: .single) })
      return
    }
    route = .gramMatrices(
      try PermutedGramProducts(usable.map(\.factor.matrix), memory: memory, threads: threads),
      usable.map {
        LayerFactor(
          layer: $0.layer, diagonal: $0.factor.matrix.squaredRowNorms(),
          squaredRowNorms: $0.factor.squaredRowNorms, summary: $0.factor.summary)
      })
  }

  /// A table for each order: in rows the layers as they are, in columns those with sample `order[i]` at
  /// place i.
  func tables(orders: [[Int]]) throws -> [SimilarityTable] {
    switch route {
    case .factors(let stacks): try orders.map { try table(stacks, order: $0) }
    case .gramMatrices(let products, let factors):
      zip(orders, products.products(orders: orders)).map { order, product in
        table(product, factors, order: order)
      }
    }
  }

  private func table(_ stacks: [[LayerStack]], order: [Int]) throws -> SimilarityTable {
    let shuffled = stacks.map { $0.map { $0.permuted(order) } }
    var table = SimilarityTable(layers: layers)
    for mine in stacks.indices {
      for other in stacks.indices where mine != other {
        for x in stacks[mine] {
          for y in shuffled[other] { try table.fill(x, y, metric: metric) }
        }
      }
    }
    return table
  }

  private func table(_ product: Matrix, _ factors: [LayerFactor], order: [Int]) -> SimilarityTable {
    let reduced = product.plus(Self.products(factors.map(\.diagonal), order: order))
    let rowProducts =
      factors.allSatisfy { $0.squaredRowNorms.isEmpty }
      ? nil : Self.products(factors.map(\.squaredRowNorms), order: order)
    var table = SimilarityTable(layers: layers)
    for (i, x) in factors.enumerated() {
      for (j, y) in factors.enumerated() where i != j {
        table[x.layer, y.layer] = metric.similarity(
          reduced: reduced[i, j], rowProduct: rowProducts?[i, j] ?? 0, x.summary, y.summary)
      }
    }
    return table
  }

  /// The inner products of all pairs of vectors, those of the columns reordered.
  private static func products(_ vectors: [[Double]], order: [Int]) -> Matrix {
    let samples = order.count
    let matrix = Matrix(
      rows: vectors.count, columns: samples, elements: vectors.flatMap { $0 })
    return matrix.timesTransposed(matrix.selectingColumns(order))
  }
}

extension Matrix {
  fileprivate func plus(_ other: Matrix) -> Matrix {
    Matrix(rows: rows, columns: columns, elements: zip(elements, other.elements).map { $0 + $1 })
  }
}
