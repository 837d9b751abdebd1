import LinearAlgebra
public import Metrics

/// One run over all pairs: the representations, given up one by one after their last use.
struct AllPairs: Sendable {
  let samples: Int
  let count: Int
  let resources: Resources
  /// What earlier runs have found, and where new results go.
  let ledger: PairLedger?
  let progress: ProgressReceiver?
  private let stock: RepresentationStock

  init(
    _ representations: consuming [StoredMatrix], samples: Int, resources: Resources,
    ledger: PairLedger?, progress: ProgressReceiver?
  ) {
    self.samples = samples
    count = representations.count
    self.resources = resources
    self.ledger = ledger
    self.progress = progress
    stock = RepresentationStock(representations)
  }

  func comparison(
    metrics: [any SimilarityMetric], withDiagnostics: Bool
  ) throws -> ZooComparison {
    var comparison = ZooComparison(
      matrices: [], diagnostics: withDiagnostics ? try diagnostics() : [])
    let open = metrics.filter { isOpen($0, withDiagnostics: withDiagnostics) }
    let products = try centeredProducts(for: open.compactMap { $0 as? any CenteredProductMetric })
    var directions: [String: [Int: Int]] = [:]
    // The last of those that prepare anything may use the representations up.
    let last = open.last { !($0 is any CenteredProductMetric) }?.name
    for metric in metrics {
      guard open.contains(where: { $0.name == metric.name }), let matrix = known(metric) else {
        comparison.matrices.append(
          known(metric)?.matrix ?? SimilarityMatrix(metric, count: count))
        comparison.routes[metric.name] = "found in the cache"
        continue
      }
      let isLast = metric.name == last
      var table = matrix.matrix
      if let metric = metric as? any CenteredProductMetric, let products {
        products.fill(&table, metric)
        keepOpen(table, metric)
        comparison.routes[metric.name] =
          "cross-products by \(products.route.rawValue)"
          + (products.precision == resources.precision ? "" : ", in double precision")
      } else if let metric = metric as? any FactorMetric {
        let ranks = try byFactors(
          metric, isLast: isLast, withRanks: needsDirections(metric, withDiagnostics),
          into: &table)
        comparison.routes[metric.name] = "factors"
        directions[metric.name] = ranks
        ledger?.keep(directions: ranks, metric: metric)
        for (representation, rank) in ranks where withDiagnostics {
          comparison.diagnostics[representation].directions[metric.name] = rank
        }
      } else if let metric = metric as? any VectorMetric {
        try byVectors(metric, isLast: isLast, into: &table)
        comparison.routes[metric.name] = "one product of vectors"
      } else {
        try pairByPair(metric, isLast: isLast, into: &table)
        comparison.routes[metric.name] = "pair by pair"
      }
      comparison.matrices.append(table)
    }
    if withDiagnostics { ledger?.keep(comparison.diagnostics, metrics: open) }
    comparison.notes += metrics.compactMap { metric in
      saturation(metric, ranks: allDirections(metric, prepared: directions[metric.name] ?? [:]))
    }
    return comparison
  }

  /// What earlier runs have found under a metric; without them, nothing.
  private func known(_ metric: any SimilarityMetric) -> KnownPairs? {
    ledger?.known(metric) ?? KnownPairs(SimilarityMatrix(metric, count: count))
  }

  /// Whether anything of a metric is left to compute.
  private func isOpen(_ metric: any SimilarityMetric, withDiagnostics: Bool) -> Bool {
    guard let ledger else { return true }
    return !ledger.known(metric).isComplete
      || needsDirections(metric, withDiagnostics) && !ledger.knowsDirections(metric)
  }

  /// Whether the directions that a metric keeps are asked for: among the diagnostics, and to tell which
  /// pairs of subspaces must meet.
  private func needsDirections(_ metric: any SimilarityMetric, _ withDiagnostics: Bool) -> Bool {
    metric is any FactorMetric && !(metric is any CenteredProductMetric)
      && (withDiagnostics || metric is any SubspaceMetric)
  }

  /// The directions of all representations that have any: those of this run, and of earlier ones.
  private func allDirections(
    _ metric: some SimilarityMetric, prepared: [Int: Int]
  ) -> [Int] {
    (0..<count).compactMap { prepared[$0] ?? ledger?.directions(of: $0)[metric.name] }
  }

  private func openPairs(_ metrics: [any SimilarityMetric]) -> OpenPairs {
    OpenPairs(count: count, known: metrics.compactMap { ledger?.known($0) })
  }

  private func keepOpen(_ table: SimilarityMatrix, _ metric: some SimilarityMetric) {
    guard let ledger else { return }
    let known = ledger.known(metric)
    for a in 0..<count {
      let cells = (a..<count).filter { known[a, $0] == nil }.map { (a, $0, table[a, $0]) }
      ledger.keep(cells, metric: metric)
    }
  }

  private func diagnostics() throws -> [RepresentationDiagnostics] {
    let known = ledger?.diagnostics.compactMap { $0 } ?? []
    if known.count == count { return known }
    return try map("looking at the spectra", count) {
      var diagnosis = try RepresentationDiagnostics(of: stock[$0])
      diagnosis.directions = ledger?.directions(of: $0) ?? [:]
      return diagnosis
    }
  }

  /// The members of `open` prepared for `metric` and kept as `keep` says, or why that is impossible.
  private func prepared<Metric: SimilarityMetric, Kept: Sendable>(
    _ metric: Metric, _ open: OpenPairs, isLast: Bool,
    keep: @Sendable (Metric.Prepared) throws -> Kept
  ) throws -> [Result<Kept, MetricError>] {
    try map("preparing (\(metric.name))", open.members.count) { place in
      let index = open.members[place]
      defer { if isLast { stock.giveUp(index) } }
      return try metricResult { try keep(metric.prepare(sharing: stock[index])) }
    }
  }

  /// Linear kernels: one computation for all metrics that follow from it.
  private func centeredProducts(
    for metrics: [any CenteredProductMetric]
  ) throws -> CenteredProducts? {
    guard !metrics.isEmpty else { return nil }
    let open = openPairs(metrics)
    let standardized = try map("centring", open.members.count) { place in
      try metricResult { try stock[open.members[place]].standardized() }
    }
    return try CenteredProducts(
      of: standardized, open: open, samples: samples, resources: resources, progress: progress)
  }

  /// Factors side by side, one product for many pairs.
  ///
  /// - Returns: the number of directions of each representation that was prepared.
  private func byFactors(
    _ metric: some FactorMetric, isLast: Bool, withRanks: Bool, into table: inout SimilarityMatrix
  ) throws -> [Int: Int] {
    let open = OpenPairs(
      count: count, known: ledger.map { [$0.known(metric)] } ?? [],
      preparesAll: withRanks && ledger?.knowsDirections(metric) == false)
    // A distance is the root of a difference that vanishes between representations that agree: it
    // would lose half of the digits of single precision.
    let precision = metric.direction == .distance ? .double : resources.precision
    let factors = try prepared(metric, open, isLast: isLast) {
      try StoredFactor($0, precision: precision, spill: resources.spill)
    }
    let stacks = FactorStack.stacks(of: factors, precision: precision)
    let starts = stacks.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
    // The pairs of representations of each tile, in the order in which the stacks give their values.
    let tiles = stacks.indices.flatMap { a in
      (a..<stacks.count).map { b in
        let pairs = (starts[a]..<starts[a + 1]).flatMap { i in
          (max(starts[b], a == b ? i : 0)..<starts[b + 1]).map {
            (open.members[i], open.members[$0])
          }
        }
        return (a: a, b: b, pairs: pairs)
      }
    }.filter { tile in tile.pairs.contains { open.contains($0.0, $0.1) } }
    let blocks = try map("comparing (\(metric.name))", tiles.count) { index in
      let tile = tiles[index]
      let results =
        tile.a == tile.b
        ? try stacks[tile.a].similarities(metric: metric)
        : try stacks[tile.a].similarities(with: stacks[tile.b], metric: metric)
      let cells = zip(tile.pairs, results).filter { open.contains($0.0.0, $0.0.1) }
        .map { pair, result in (pair.0, pair.1, SimilarityMatrix.Cell(result)) }
      ledger?.keep(cells, metric: metric)
      return cells
    }
    for (a, b, cell) in blocks.joined() { table[a, b] = cell }
    var ranks: [Int: Int] = [:]
    for (member, factor) in zip(open.members, factors) {
      ranks[member] = try? factor.get().summary.rank
    }
    return ranks
  }

  /// A sentence about the pairs whose spaces must meet, whatever the data are.
  private func saturation(_ metric: some SimilarityMetric, ranks: [Int]) -> String? {
    guard metric is any SubspaceMetric, metric is any FactorMetric else { return nil }
    let limit = samples - 1
    let sorted = ranks.sorted()
    // The pairs i < j with ranks that sum to more than the limit, from both ends of the sorted list.
    var (low, high, forced) = (0, sorted.count - 1, 0)
    while low < high {
      if sorted[low] + sorted[high] > limit {
        forced += high - low
        high -= 1
      } else {
        low += 1
      }
    }
    guard forced > 0 else { return nil }
    let total = sorted.count * (sorted.count - 1) / 2
    return "\(metric.name) is saturated for \(forced) of \(total) pairs: they keep more directions "
      + "together than the \(limit) that \(samples) samples have, so that some correlations are 1 "
      + "whatever the data are."
  }

  /// One vector a representation, one symmetric product for all pairs.
  private func byVectors(
    _ metric: some VectorMetric, isLast: Bool, into table: inout SimilarityMatrix
  ) throws {
    let open = openPairs([metric])
    let vectors = try prepared(metric, open, isLast: isLast) { vector in
      let column = StoredMatrix(rows: vector.elements.count, columns: 1, elements: vector.elements)
      return (
        samples: vector.samples,
        column: try resources.spill.map { try column.spilled(to: $0) } ?? column
      )
    }
    let products = try innerProducts(
      of: vectors.map { try? $0.get().column }, threads: resources.threads,
      finished: { done, total in
        progress?(WorkProgress(stage: "comparing (\(metric.name))", done: done, total: total))
      })
    for (i, x) in vectors.enumerated() {
      for (j, y) in vectors.enumerated().dropFirst(i)
      where open.contains(open.members[i], open.members[j]) {
        table[open.members[i], open.members[j]] = .init(
          Result {
            () throws(MetricError) in
            let (x, y) = (try x.get().samples, try y.get().samples)
            guard x == y else { throw MetricError.sampleCountsDiffer(x, y) }
            return metric.value(innerProduct: products[i, j])
          })
      }
    }
    keepOpen(table, metric)
  }

  /// The general route: one call of `compare` a pair.
  private func pairByPair(
    _ metric: some SimilarityMetric, isLast: Bool, into table: inout SimilarityMatrix
  ) throws {
    let open = openPairs([metric])
    let prepared = try prepared(metric, open, isLast: isLast) { $0 }
    let rows = try map("comparing (\(metric.name))", prepared.count) { i in
      let a = open.members[i]
      let cells = try ((metric.isSymmetric ? i : 0)..<prepared.count)
        .filter { open.contains(a, open.members[$0]) }
        .map { j in
          (
            a, open.members[j],
            SimilarityMatrix.Cell(
              try metricResult { try metric.compare(prepared[i].get(), prepared[j].get()) })
          )
        }
      ledger?.keep(cells, metric: metric)
      return cells
    }
    for (a, b, cell) in rows.joined() { table[a, b] = cell }
  }

  /// `body` for 0..<`total` on all threads, with progress.
  private func map<Result: Sendable>(
    _ stage: String, _ total: Int, _ body: @Sendable (Int) throws -> Result
  ) throws -> [Result] {
    try Parallel.map(
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
