public import Activations
import LinearAlgebra
public import Metrics
public import Zoo

/// What stands beside a similarity matrix: every pair of different representations against chance.
///
/// Chance breaks the pairing of the samples: all n! orders of the samples of one side, equally likely.
/// No order is drawn; the moments are those over all of them (`ClosedFormChanceMetric`). This is the
/// weakest of all nulls: with hundreds of samples even what all networks inherit from the input is far
/// beyond it. It is about one pair of layers chosen beforehand; the best of several needs
/// the permutations of ``Findings``.
public struct CalibrationMatrix: Sendable, Equatable {
  /// The metric's full name, as in the similarity matrix.
  public let metric: String
  /// The number of representations.
  public let count: Int
  /// Whether the three moments are exact. They are not for a metric that is the root of the statistic
  /// whose moments are known; its p-values and thresholds are as good as others.
  public let hasExactMoments: Bool
  /// The strict upper triangle, row after row.
  private var pairs: [PairCalibration?]

  /// A matrix without any entry.
  public init(metric: String, count: Int, hasExactMoments: Bool = true) {
    self.metric = metric
    self.hasExactMoments = hasExactMoments
    self.count = count
    pairs = Array(repeating: nil, count: count * (count - 1) / 2)
  }

  /// The pair of representations `a` and `b`, in either order; `nil` on the diagonal and where there is
  /// no similarity.
  public subscript(a: Int, b: Int) -> PairCalibration? {
    get { a == b ? nil : pairs[place(a, b)] }
    set {
      precondition(a != b, "a representation is not calibrated against itself")
      pairs[place(a, b)] = newValue
    }
  }

  /// The number of pairs that q-values allow for.
  public var testedPairs: Int { pairs.count { $0 != nil } }

  private func place(_ a: Int, _ b: Int) -> Int {
    let (low, high) = (min(a, b), max(a, b))
    precondition(low >= 0 && high < count, "there is no pair \(a), \(b) of \(count)")
    return low * (2 * count - low - 1) / 2 + high - low - 1
  }
}

extension CalibrationMatrix {
  /// The calibration of the similarity matrices of a zoo, for each metric whose chance is known in
  /// closed form, in the order of the metrics.
  ///
  /// - Parameters:
  ///   - activations: The zoo.
  ///   - comparison: The similarity matrices; those of other metrics are passed over.
  ///   - metrics: The metrics of the matrices.
  ///   - threads: The number of threads.
  ///   - progress: Called as the work goes on, from any thread.
  /// - Returns: Nothing where samples are positions of stimuli: those of one stimulus cannot be
  ///   reordered among themselves.
  /// - Complexity: For P representations P preparations by the metric, P times the cost of the
  ///   invariants (about that of a preparation), and O(P²).
  public static func matrices(
    of activations: ActivationSet, comparison: ZooComparison, metrics: [any SimilarityMetric],
    threads: Int, progress: ProgressReceiver? = nil
  ) throws -> [CalibrationMatrix] {
    guard !activations.samplesArePositions else { return [] }
    return try metrics.compactMap { metric in
      guard let metric = metric as? any ClosedFormChanceMetric, metric.hasClosedFormChance,
        let similarities = comparison.matrices.first(where: { $0.metric == metric.name })
      else { return nil }
      return try CalibrationMatrix(
        of: activations, similarities, metric: metric, threads: threads, progress: progress)
    }
  }

  private init(
    of activations: ActivationSet, _ similarities: SimilarityMatrix,
    metric: some ClosedFormChanceMetric, threads: Int, progress: ProgressReceiver?
  ) throws {
    let count = similarities.count
    let invariants = try Parallel.map(
      count: count, threads: threads,
      finished: progressCounter(progress, stage: "calibrating (\(metric.name))", total: count)
    ) { index in
      try metricResult {
        try metric.chanceInvariants(
          of: metric.prepare(activations.representations[index].matrix()))
      }
    }
    let rows = try Parallel.map(count: count, threads: threads) { a in
      (a + 1..<max(count, a + 1)).map { b -> PairCalibration? in
        guard let value = similarities[a, b].value, let x = try? invariants[a].get(),
          let y = try? invariants[b].get()
        else { return nil }
        return PairCalibration(
          of: value,
          chance: ChanceDistribution(
            metric.chanceMoments(x, y), link: metric.chanceLink, samples: x.samples),
          largest: metric.range.upperBound)
      }
    }
    self.init(
      metric: metric.name, count: count, hasExactMoments: metric.chanceLink == .identity)
    pairs = rows.flatMap { $0 }
    for (place, rate) in falseDiscoveryRates(pairs.map { $0?.pValue }).enumerated() {
      if let rate { pairs[place]?.qValue = rate }
    }
  }
}
