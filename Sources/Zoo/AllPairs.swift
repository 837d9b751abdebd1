public import Activations
public import LinearAlgebra
public import Metrics

/// The similarities of all pairs of representations of a zoo, under several metrics.
public struct ZooComparison: Sendable {
  /// One matrix a metric; row and column i are representation i of the activation set.
  public var matrices: [SimilarityMatrix]
  /// One entry a representation, or none when they were not asked for.
  public var diagnostics: [RepresentationDiagnostics]
  /// By metric: the way its values were computed.
  public var routes: [String: String]

  public init(
    matrices: [SimilarityMatrix], diagnostics: [RepresentationDiagnostics],
    routes: [String: String] = [:]
  ) {
    self.matrices = matrices
    self.diagnostics = diagnostics
    self.routes = routes
  }

  /// Prepares each representation once per metric and compares all pairs on `threads` cores.
  ///
  /// A representation or a pair without a value gets its reason into the cells concerned; it never
  /// stops the run. The result does not depend on the number of threads.
  ///
  /// - Parameters:
  ///   - activations: The zoo.
  ///   - metrics: The metrics, one matrix each.
  ///   - withDiagnostics: Whether ``diagnostics`` are wanted; the ranks cost an eigen-decomposition a
  ///     representation.
  ///   - threads: The number of threads.
  ///   - progress: Told how far each stage is.
  /// - Complexity: see the metrics; for linear CKA and its relatives, for P representations of n
  ///   samples and D features in all, the smaller of n D² and n² D + P² n²
  ///   (`CrossNormRoute`).
  public init(
    of activations: ActivationSet, metrics: [any SimilarityMetric],
    withDiagnostics: Bool = true, threads: Int = Parallel.coreCount,
    progress: ProgressReceiver? = nil
  ) throws {
    diagnostics =
      withDiagnostics
      ? try Parallel.map(count: activations.representations.count, threads: threads) {
        RepresentationDiagnostics(of: activations.representations[$0].matrix)
      } : []
    routes = [:]
    let products = try CenteredProducts(
      of: activations, metrics: metrics.compactMap { $0 as? any CenteredProductMetric },
      threads: threads, progress: progress)
    matrices = []
    for metric in metrics {
      if let metric = metric as? any CenteredProductMetric, let products {
        matrices.append(products.matrix(metric))
        routes[metric.name] = "cross-products by \(products.route.rawValue)"
      } else if let metric = metric as? any FactorMetric {
        matrices.append(
          try Self.matrix(
            metric, activations, threads: threads, progress: progress, into: &diagnostics))
        routes[metric.name] = "factors"
      } else {
        matrices.append(
          try Self.matrix(metric, activations, threads: threads, progress: progress))
        routes[metric.name] = "pair by pair"
      }
    }
  }

  /// The fast route: factors side by side, one product for many pairs.
  private static func matrix(
    _ metric: some FactorMetric, _ activations: ActivationSet, threads: Int,
    progress: ProgressReceiver?, into diagnostics: inout [RepresentationDiagnostics]
  ) throws -> SimilarityMatrix {
    let factors = try activations.prepared(metric, threads: threads, progress: progress)
    for (index, factor) in factors.enumerated() where index < diagnostics.count {
      if let factor = try? factor.get() { diagnostics[index].directions[metric.name] = factor.rank }
    }
    let stacks = FactorStack.stacks(of: factors)
    let starts = stacks.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.factors.count) }
    let tiles = stacks.indices.flatMap { a in (a..<stacks.count).map { (a, $0) } }
    let blocks = try Parallel.map(
      count: tiles.count, threads: threads,
      finished: progressCounter(progress, stage: "comparing (\(metric.name))", total: tiles.count)
    ) { tile in
      stacks[tiles[tile].0].similarities(with: stacks[tiles[tile].1], metric: metric)
    }
    var matrix = SimilarityMatrix(metric, count: factors.count)
    for (tile, block) in zip(tiles, blocks) {
      let width = stacks[tile.1].factors.count
      for (index, result) in block.enumerated() {
        let (a, b) = (starts[tile.0] + index / width, starts[tile.1] + index % width)
        if a <= b { matrix[a, b] = .init(result) }
      }
    }
    return matrix
  }

  /// The general route: one call of `compare` a pair.
  private static func matrix(
    _ metric: some SimilarityMetric, _ activations: ActivationSet, threads: Int,
    progress: ProgressReceiver?
  ) throws -> SimilarityMatrix {
    let prepared = try activations.prepared(metric, threads: threads, progress: progress)
    let count = prepared.count
    let rows = try Parallel.map(
      count: count, threads: threads,
      finished: progressCounter(progress, stage: "comparing (\(metric.name))", total: count)
    ) { a in
      ((metric.isSymmetric ? a : 0)..<count).map { b in
        metricResult { try metric.compare(prepared[a].get(), prepared[b].get()) }
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
}

extension ActivationSet {
  /// Every representation prepared for `metric`, or why that is impossible.
  func prepared<Metric: SimilarityMetric>(
    _ metric: Metric, threads: Int, progress: ProgressReceiver? = nil
  ) throws -> [Result<Metric.Prepared, MetricError>] {
    let total = representations.count
    return try Parallel.map(
      count: total, threads: threads,
      finished: progressCounter(progress, stage: "preparing (\(metric.name))", total: total)
    ) { index in
      metricResult { try metric.prepare(representations[index].matrix) }
    }
  }
}

/// The value of `body`, or the metric's reason why there is none; other errors are reasons as well.
public func metricResult<Value>(_ body: () throws -> Value) -> Result<Value, MetricError> {
  do {
    return .success(try body())
  } catch let error as MetricError {
    return .failure(error)
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
