import LinearAlgebra
public import Metrics

/// One run over all pairs: the representations, given up one by one after their last use.
struct AllPairs: Sendable {
  let samples: Int
  let count: Int
  let resources: Resources
  let progress: ProgressReceiver?
  private let stock: RepresentationStock

  init(
    _ representations: consuming [StoredMatrix], samples: Int, resources: Resources,
    progress: ProgressReceiver?
  ) {
    self.samples = samples
    count = representations.count
    self.resources = resources
    self.progress = progress
    stock = RepresentationStock(representations)
  }

  func comparison(
    metrics: [any SimilarityMetric], withDiagnostics: Bool
  ) throws -> ZooComparison {
    var comparison = ZooComparison(matrices: [], diagnostics: [])
    if withDiagnostics {
      comparison.diagnostics = try map("looking at the spectra") {
        try RepresentationDiagnostics(of: stock[$0])
      }
    }
    let products = try centeredProducts(for: metrics)
    // The last of those that prepare anything may use the representations up.
    let preparing = metrics.indices.filter { !(metrics[$0] is any CenteredProductMetric) }
    for (index, metric) in metrics.enumerated() {
      let isLast = index == preparing.last
      if let metric = metric as? any CenteredProductMetric, let products {
        comparison.matrices.append(products.matrix(metric))
        comparison.routes[metric.name] = "cross-products by \(products.route.rawValue)"
      } else if let metric = metric as? any FactorMetric {
        let (matrix, ranks) = try byFactors(metric, isLast: isLast)
        comparison.matrices.append(matrix)
        comparison.routes[metric.name] = "factors"
        for (representation, rank) in ranks.enumerated() where withDiagnostics {
          comparison.diagnostics[representation].directions[metric.name] = rank
        }
      } else if let metric = metric as? any VectorMetric {
        comparison.matrices.append(try byVectors(metric, isLast: isLast))
        comparison.routes[metric.name] = "one product of vectors"
      } else {
        comparison.matrices.append(try pairByPair(metric, isLast: isLast))
        comparison.routes[metric.name] = "pair by pair"
      }
    }
    return comparison
  }

  /// Every representation prepared for `metric` and kept as `keep` says, or why that is impossible.
  private func prepared<Metric: SimilarityMetric, Kept: Sendable>(
    _ metric: Metric, isLast: Bool, keep: @Sendable (Metric.Prepared) throws -> Kept
  ) throws -> [Result<Kept, MetricError>] {
    try map("preparing (\(metric.name))") { index in
      defer { if isLast { stock.giveUp(index) } }
      return try metricResult { try keep(metric.prepare(sharing: stock[index])) }
    }
  }

  /// Linear kernels: one computation for all metrics that follow from it.
  private func centeredProducts(for metrics: [any SimilarityMetric]) throws -> CenteredProducts? {
    guard metrics.contains(where: { $0 is any CenteredProductMetric }) else { return nil }
    let standardized = try map("centring") { index in
      try metricResult { try stock[index].standardized() }
    }
    return try CenteredProducts(
      of: standardized, samples: samples, resources: resources, progress: progress)
  }

  /// Factors side by side, one product for many pairs.
  private func byFactors(
    _ metric: some FactorMetric, isLast: Bool
  ) throws -> (SimilarityMatrix, ranks: [Int?]) {
    let factors = try prepared(metric, isLast: isLast) {
      try StoredFactor($0, precision: resources.precision, spill: resources.spill)
    }
    let stacks = FactorStack.stacks(of: factors, precision: resources.precision)
    let starts = stacks.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
    let tiles = stacks.indices.flatMap { a in (a..<stacks.count).map { (a, $0) } }
    let blocks = try map("comparing (\(metric.name))", count: tiles.count) { tile in
      let (a, b) = tiles[tile]
      return a == b
        ? try stacks[a].similarities(metric: metric)
        : try stacks[a].similarities(with: stacks[b], metric: metric)
    }
    var matrix = SimilarityMatrix(metric, count: count)
    for (tile, block) in zip(tiles, blocks) {
      var results = block[...]
      for a in starts[tile.0]..<starts[tile.0 + 1] {
        for b in max(a, starts[tile.1])..<starts[tile.1 + 1] {
          if let result = results.popFirst() { matrix[a, b] = .init(result) }
        }
      }
    }
    return (matrix, factors.map { try? $0.get().summary.rank })
  }

  /// One vector a representation, one symmetric product for all pairs.
  private func byVectors(_ metric: some VectorMetric, isLast: Bool) throws -> SimilarityMatrix {
    let vectors = try prepared(metric, isLast: isLast) { vector in
      let column = StoredMatrix(
        rows: vector.elements.count, columns: 1, elements: vector.elements)
      return (
        samples: vector.samples, try resources.spill.map { try column.spilled(to: $0) } ?? column
      )
    }
    let products = try innerProducts(
      of: vectors.map { try? $0.get().1 }, threads: resources.threads,
      finished: {
        progress?(WorkProgress(stage: "comparing (\(metric.name))", done: $0, total: $1))
      }
    )
    var matrix = SimilarityMatrix(metric, count: count)
    for (a, x) in vectors.enumerated() {
      for (b, y) in vectors.enumerated().dropFirst(a) {
        matrix[a, b] = .init(
          Result {
            () throws(MetricError) in
            let (x, y) = (try x.get().samples, try y.get().samples)
            guard x == y else {
              throw MetricError.sampleCountsDiffer(x, y)
            }
            return metric.value(innerProduct: products[a, b])
          })
      }
    }
    return matrix
  }

  /// The general route: one call of `compare` a pair.
  private func pairByPair(
    _ metric: some SimilarityMetric, isLast: Bool
  ) throws -> SimilarityMatrix {
    let prepared = try prepared(metric, isLast: isLast) { $0 }
    let rows = try map("comparing (\(metric.name))") { a in
      try ((metric.isSymmetric ? a : 0)..<count).map { b in
        try metricResult { try metric.compare(prepared[a].get(), prepared[b].get()) }
      }
    }
    var matrix = SimilarityMatrix(metric, count: count)
    for (a, row) in rows.enumerated() {
      for (index, result) in row.enumerated() {
        matrix[a, metric.isSymmetric ? a + index : index] = .init(result)
      }
    }
    return matrix
  }

  /// `body` for every representation (or `count` items), on all threads, with progress.
  private func map<Result: Sendable>(
    _ stage: String, count total: Int? = nil, _ body: @Sendable (Int) throws -> Result
  ) throws -> [Result] {
    let total = total ?? count
    return try Parallel.map(
      count: total, threads: resources.threads,
      finished: progressCounter(progress, stage: stage, total: total), body)
  }
}

/// The value of `body`, or the metric's reason why there is none.
///
/// - Throws: `SpillError`, which is about the machine, not about the representation.
public func metricResult<Value>(
  _ body: () throws -> Value
) throws -> Result<Value, MetricError> {
  do {
    return .success(try body())
  } catch let error as MetricError {
    return .failure(error)
  } catch let error as SpillError {
    throw error
  } catch {
    return .failure(.notConverged("\(error)"))
  }
}

extension SimilarityMatrix {
  init(_ metric: some SimilarityMetric, count: Int) {
    self.init(
      metric: metric.name, conventions: metric.conventions, count: count,
      isSymmetric: metric.isSymmetric, isDistance: metric.direction == .distance)
  }
}

extension SimilarityMatrix.Cell {
  /// A NaN is a reason, never a value.
  init(_ result: Result<Double, MetricError>) {
    switch result {
    case .success(let value) where value.isFinite: self = .value(value)
    case .success: self = .missing(reason: "the result is not a finite number")
    case .failure(let error): self = .missing(reason: error.description)
    }
  }
}
