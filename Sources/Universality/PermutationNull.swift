import LinearAlgebra
import Metrics
import Zoo

/// What chance gives: the scores of a population when the samples of everybody else are shuffled.
///
/// Permutation k is one and the same for all layers and pairs. A layer of block A is compared with
/// the layers of all other blocks after *their* samples were reordered by permutation k, and the
/// score, with its maximum over layers and its means, is formed as for the data. What the other
/// blocks have in common is thereby kept; only the relation to the layer in question is broken. This
/// is the aggregation-aware null of Gröger, Wen & Brbić (ICML 2026, algorithm 2).
struct PermutationNull: Sendable {
  /// One entry a permutation: the flattened ``Scores``.
  let draws: [[Double]]

  /// - Parameters:
  ///   - factors: By layer index, for all layers of the population.
  ///   - memory: The bytes that Gram matrices may take.
  /// - Complexity: for P layers with D columns in all, for each permutation the smaller of n D² and P² n².
  init(
    of population: Population, factors: [Int: Result<Factor, MetricError>],
    metric: some FactorMetric, permutations: Int, samples: Int, seed: UInt64, threads: Int,
    memory: Int, progress: ProgressReceiver?
  ) throws {
    let similarities = try PermutedSimilarities(
      of: population, factors: factors, metric: metric, threads: threads, memory: memory)
    // A few at a time share what does not depend on the order, and still keep all threads busy.
    let size = min(8, max(1, permutations / (4 * threads)))
    let batches = stride(from: 0, to: permutations, by: size).map {
      $0..<min(permutations, $0 + size)
    }
    draws = try Parallel.map(
      count: batches.count, threads: threads,
      finished: progressCounter(progress, stage: "shuffling samples", total: batches.count)
    ) { batch in
      let orders = batches[batch].map { draw in
        var generator = SeededGenerator(
          seed: seed, stream: RandomStream.permutations + UInt64(draw))
        return generator.permutation(of: samples)
      }
      return try similarities.tables(orders: orders).map { Scores(of: population, $0).flattened }
    }.flatMap { $0 }
  }

  /// Scores this close are equal: those under permutation come from products in single precision, and a
  /// permutation that changes nothing must count as reaching the observed score.
  static let tolerance = 1e-6

  /// The fewest permutations that can show p ≤ 0.05, and so define a 95 % point.
  static let fewest = 19

  /// Mean, 95 % point and p of one score.
  struct Calibration: Sendable {
    var mean: Double
    /// The ⌈0.95 (K + 1)⌉-th order statistic of the score and its K null values together.
    var threshold: Double
    /// (1 + #{null ≥ score})/(K + 1): never 0, valid for every K (Phipson & Smyth 2010).
    var pValue: Double

    /// Whether chance itself reaches the largest possible score.
    var isSaturated: Bool { threshold >= 1 - tolerance }

    /// `(score − τ)/(1 − τ)`, not yet cut at 0; 0 where chance reaches 1.
    func calibrated(_ score: Double) -> Double {
      guard !isSaturated, abs(score - threshold) > tolerance else { return 0 }
      return (score - threshold) / (1 - threshold)
    }
  }

  /// The calibration of the score at `index` in ``Scores/flattened``; `nil` without permutations or
  /// values.
  func calibration(of score: Double, at index: Int) -> Calibration? {
    calibration(of: score, null: draws.map { $0[index] })
  }

  private func calibration(of score: Double, null draws: [Double]) -> Calibration? {
    let null = draws.filter { !$0.isNaN }
    guard !null.isEmpty, !score.isNaN else { return nil }
    let combined = (null + [score]).sorted()
    // 1 − 10⁻⁹: the product 0.95 (K + 1) may be a rounding error above an integer.
    let position = Int((0.95 * Double(combined.count) - 1e-9).rounded(.up))
    return Calibration(
      mean: null.reduce(0, +) / Double(null.count), threshold: combined[position - 1],
      pValue: Double(1 + null.count { $0 >= score - Self.tolerance }) / Double(null.count + 1))
  }

  /// What the finite number of permutations adds to the uncertainty of a calibrated score: the
  /// deviations of a jackknife over batches of permutations. The batches are the same for all scores,
  /// so that the deviations are paired.
  func calibrationDeviations(of score: Double, at index: Int) -> [Double] {
    let batches = min(20, draws.count)
    let replicates = (0..<batches).map { batch in
      calibration(
        of: score, null: draws.indices.filter { $0 % batches != batch }.map { draws[$0][index] }
      )?.calibrated(score) ?? .nan
    }
    return scaledDeviations(replicates) ?? Array(repeating: 0, count: batches)
  }
}

/// Which random draws belong to what, so that no two purposes share one: each has at least 2³² streams.
enum RandomStream {
  static let permutations: UInt64 = 1 << 32
  static let jackknifeGroups: UInt64 = 2 << 32
  static let rankSimulation: UInt64 = 3 << 32
}

/// Factors side by side, with the layers (by their indices in the activation set) they belong to.
struct LayerStack: Sendable {
  let layers: [Int]
  let factors: FactorStack

  static func stacks(
    of layers: [Int], _ factors: [Int: Result<StoredFactor, MetricError>],
    precision: Precision = .double
  ) -> [LayerStack] {
    var rest = layers[...]
    return FactorStack.stacks(
      of: layers.map { factors[$0] ?? .failure(.noFeatures) }, precision: precision
    ).map {
      let mine = Array(rest.prefix($0.count))
      rest = rest.dropFirst($0.count)
      return LayerStack(layers: mine, factors: $0)
    }
  }

  func permuted(_ order: [Int]) -> LayerStack {
    LayerStack(layers: layers, factors: factors.permuted(order))
  }
}

extension SimilarityTable {
  /// Stores the similarities of the layers of `x` (as rows) with those of `y`; with `mirrored` also
  /// the other way round.
  mutating func fill(
    _ x: LayerStack, _ y: LayerStack, metric: some FactorMetric, mirrored: Bool = false
  ) throws {
    let width = y.layers.count
    for (index, result) in try x.factors.similarities(with: y.factors, metric: metric).enumerated()
    {
      let value = (try? result.get()) ?? .nan
      let (a, b) = (x.layers[index / width], y.layers[index % width])
      self[a, b] = value
      if mirrored { self[b, a] = value }
    }
  }
}
