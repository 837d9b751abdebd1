public import Activations
public import LinearAlgebra
import Metrics

extension ApproximateComparison {
  /// Replaces the estimates of some pairs by exact values.
  ///
  /// - Parameters:
  ///   - pairs: The pairs, such as those of ``SimilarityMatrix/bestMatchCandidates(models:confidence:)``.
  ///   - metric: The metric whose matrix is concerned.
  ///   - activations: The representations, in the order of the matrices.
  ///   - threads: The number of threads; no bit depends on it.
  ///   - progress: Told how far the computation is.
  /// - Complexity: each representation in a pair is prepared once, n d min(n, d); a pair takes
  ///   n dₓ d_y.
  public mutating func recompute(
    _ pairs: [RepresentationPair], metric: SketchedMetric, of activations: ActivationSet,
    threads: Int = Parallel.coreCount, progress: ProgressReceiver? = nil
  ) throws {
    guard let index = matrices.firstIndex(where: { $0.metric == metric.rawValue }) else {
      preconditionFailure("there is no matrix of \(metric.rawValue)")
    }
    let inexact = pairs.filter { matrices[index].standardError($0.a, $0.b) != nil && $0.a != $0.b }
    let results = try Self.exact(
      metric.exact, inexact, of: activations, threads: threads, progress: progress)
    for (pair, result) in zip(inexact, results) { matrices[index][pair.a, pair.b] = result }
  }

  private static func exact(
    _ metric: some SimilarityMetric, _ pairs: [RepresentationPair], of activations: ActivationSet,
    threads: Int, progress: ProgressReceiver?
  ) throws -> [SimilarityMatrix.Cell] {
    let members = Set(pairs.flatMap { [$0.a, $0.b] }).sorted()
    let places = Dictionary(uniqueKeysWithValues: members.enumerated().map { ($1, $0) })
    let prepared = try Parallel.map(count: members.count, threads: threads) { index in
      try metricResult { try metric.prepare(activations.representations[members[index]].matrix()) }
    }
    return try Parallel.map(
      count: pairs.count, threads: threads,
      finished: progressCounter(progress, stage: "computing exactly", total: pairs.count)
    ) { index in
      .init(
        try metricResult {
          guard let a = places[pairs[index].a], let b = places[pairs[index].b] else {
            preconditionFailure("\(pairs[index]) has no place")
          }
          return try metric.compare(prepared[a].get(), prepared[b].get())
        })
    }
  }
}
