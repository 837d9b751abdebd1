public import Activations
import LinearAlgebra
public import Metrics

/// The similarities of all pairs of representations of a zoo, under several metrics.
public struct ZooComparison: Sendable {
  /// One matrix a metric; row and column i are representation i of the activation set.
  public var matrices: [SimilarityMatrix]
  /// One entry a representation, or none when they were not asked for.
  public var diagnostics: [RepresentationDiagnostics]
  /// By metric: the way its values were computed.
  public var routes: [String: String]
  /// What a reader of the values must know, each a sentence.
  public var notes: [String]

  public init(
    matrices: [SimilarityMatrix], diagnostics: [RepresentationDiagnostics],
    routes: [String: String] = [:], notes: [String] = []
  ) {
    self.matrices = matrices
    self.diagnostics = diagnostics
    self.routes = routes
    self.notes = notes
  }

  /// Prepares each representation once per metric and compares all pairs.
  ///
  /// A representation or a pair without a value gets its reason into the cells concerned; it never
  /// stops the run. The result does not depend on the number of threads.
  ///
  /// - Parameters:
  ///   - activations: The zoo.
  ///   - metrics: The metrics, one matrix each.
  ///   - withDiagnostics: Whether ``diagnostics`` are wanted; the ranks cost an eigen-decomposition a
  ///     representation.
  ///   - resources: Threads, precision and scratch memory.
  ///   - ledger: What earlier runs have found is not computed again and never replaced, and what is
  ///     computed is kept there as soon as it is.
  ///   - progress: Told how far each stage is.
  /// - Throws: `SpillError` when values are in a file that cannot be read.
  /// - Complexity: see the metrics; for linear CKA and its relatives, for P representations of n
  ///   samples and D features in all, the smaller of n D² and n² D + P² n²
  ///   (`CrossNormRoute`).
  public init(
    of activations: ActivationSet, metrics: [any SimilarityMetric], withDiagnostics: Bool = true,
    resources: Resources = Resources(), ledger: PairLedger? = nil,
    progress: ProgressReceiver? = nil
  ) throws {
    self = try AllPairs(
      activations.representations.map(\.values), samples: activations.sampleCount,
      resources: resources, ledger: ledger, progress: progress
    ).comparison(metrics: metrics, withDiagnostics: withDiagnostics)
  }

  /// As ``init(of:metrics:withDiagnostics:resources:ledger:progress:)``, but takes the values out of
  /// `activations` and gives each up as soon as no metric needs it any more.
  public init(
    emptying activations: inout ActivationSet, metrics: [any SimilarityMetric],
    withDiagnostics: Bool = true, resources: Resources = Resources(),
    ledger: PairLedger? = nil, progress: ProgressReceiver? = nil
  ) throws {
    self = try AllPairs(
      activations.takeValues(), samples: activations.sampleCount, resources: resources,
      ledger: ledger, progress: progress
    ).comparison(metrics: metrics, withDiagnostics: withDiagnostics)
  }
}
