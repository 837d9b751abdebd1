public import Activations
public import LinearAlgebra
public import Metrics

extension ZooComparison {
  /// The comparison with the help of a ledger: a metric of which every pair is known is not computed
  /// again, and what is computed is kept.
  ///
  /// A known value is never replaced, so that a pair has one value in all runs on one store.
  public init(
    of activations: ActivationSet, metrics: [any SimilarityMetric], ledger: PairLedger,
    withDiagnostics: Bool = true, threads: Int = Parallel.coreCount,
    progress: ProgressReceiver? = nil
  ) throws {
    let diagnostics = ledger.diagnostics.compactMap { $0 }
    let isDiagnosed = diagnostics.count == activations.representations.count
    let open = metrics.filter { metric in
      !ledger.known(metric).isComplete
        || withDiagnostics && !(isDiagnosed && ledger.knowsDirections(metric))
    }
    let fresh =
      open.isEmpty
      ? ZooComparison(matrices: [], diagnostics: withDiagnostics ? diagnostics : [])
      : try ZooComparison(
        of: activations, metrics: open, withDiagnostics: withDiagnostics, threads: threads,
        progress: progress)
    self = fresh
    matrices = metrics.map { metric in
      let known = ledger.known(metric)
      guard let matrix = fresh.matrices.first(where: { $0.metric == metric.name }) else {
        routes[metric.name] = "found in the cache"
        return known.matrix
      }
      ledger.keep(matrix, metric: metric)
      return known.completed(by: matrix)
    }
    guard withDiagnostics, !open.isEmpty else { return }
    for (index, earlier) in diagnostics.enumerated() where isDiagnosed {
      self.diagnostics[index].directions.merge(earlier.directions) { mine, _ in mine }
    }
    ledger.keep(self.diagnostics, metrics: open)
  }
}
