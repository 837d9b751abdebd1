public import Activations
public import LinearAlgebra
public import Metrics
public import Zoo

/// How much to compute for calibration and intervals.
public struct AnalysisOptions: Sendable, Codable, Equatable {
  /// The permutations behind each p-value; 0 switches calibration off.
  public var permutations: Int
  /// The groups of the jackknife that are asked for; 0 switches intervals off.
  public var resamples: Int
  public var seed: UInt64
  public var threads: Int
  /// Of the matrix products behind the jackknife.
  public var precision: Precision
  /// The bytes that Gram matrices may take, where keeping them makes permutations cheaper.
  public var memory: Int

  public init(
    permutations: Int = 200, resamples: Int = 200, seed: UInt64 = 0, threads: Int,
    precision: Precision = .double, memory: Int = 1 << 30
  ) {
    self.permutations = permutations
    self.resamples = resamples
    self.seed = seed
    self.threads = threads
    self.precision = precision
    self.memory = memory
  }
}

/// Why a zoo cannot be ranked, in a sentence.
public struct RankingImpossible: Error, Sendable, Equatable, CustomStringConvertible {
  public let description: String
}

extension Findings {
  /// Ranks the layers, models and families of a zoo by how universal they are.
  ///
  /// - Parameters:
  ///   - activations: The zoo.
  ///   - comparison: Its similarity matrices; the one of `metric` must be among them.
  ///   - metric: The metric that orders the ranking.
  ///   - options: Permutations, jackknife, seed, threads.
  ///   - progress: Called as the work goes on, from any thread.
  /// - Throws: ``RankingImpossible`` when there are fewer than two models to rank or the metric
  ///   offers no factors.
  /// - Complexity: with D the features of all ranked layers together, O(K n D²) for K permutations
  ///   and O(G n D²) for G jackknife groups.
  public init(
    of activations: ActivationSet, comparison: ZooComparison, rankedBy metric: any SimilarityMetric,
    options: AnalysisOptions, progress: ProgressReceiver? = nil
  ) throws {
    guard let metric = metric as? any FactorMetric else {
      throw RankingImpossible(
        description: "the metric \(metric.name) cannot be calibrated, so nothing is ranked by it")
    }
    guard metric.direction == .similarity else {
      throw RankingImpossible(
        description: "the metric \(metric.name) is a distance; layers are ranked by similarities")
    }
    self = try RankingAnalysis(
      activations: activations, comparison: comparison, options: options
    ).findings(rankedBy: metric, progress: progress)
  }
}

/// One run of the analysis: observed scores, chance, uncertainty, ranks.
private struct RankingAnalysis: Sendable {
  let activations: ActivationSet
  let comparison: ZooComparison
  let options: AnalysisOptions
  let population: Population
  let controls: Controls

  init(
    activations: ActivationSet, comparison: ZooComparison, options: AnalysisOptions
  ) throws {
    self.activations = activations
    self.comparison = comparison
    var options = options
    if activations.samplesArePositions {
      options.permutations = 0
      options.resamples = 0
    }
    self.options = options
    population = Population(of: activations, role: .contestant)
    controls = Controls(of: activations, contestants: population)
    guard population.members.count >= 2 else {
      throw RankingImpossible(
        description: population.members.isEmpty
          ? "no trained model is in the zoo, so there is nothing to rank"
          : "only one trained model is in the zoo; a ranking needs at least two")
    }
  }

  func findings(
    rankedBy metric: some FactorMetric, progress: ProgressReceiver?
  ) throws -> Findings {
    let samples = activations.sampleCount
    let table = table(of: metric.name)
    let observed = measured(table)
    guard observed.trained.layers.contains(where: { !$0.isNaN }) else {
      throw RankingImpossible(
        description: "no layer of a trained model has a \(metric.name) score; the reasons are in "
          + "pairs.csv")
    }
    let null =
      options.permutations > 0
      ? try PermutationNull(
        of: population, factors: factors(for: metric), metric: metric,
        permutations: options.permutations, samples: samples, seed: options.seed,
        threads: options.threads, memory: options.memory, progress: progress) : nil
    let groups = Jackknife.groupCount(samples: samples, requested: options.resamples)
    let jackknife = try jackknife(metric, groups: groups, full: observed, progress: progress)
    let ranking = Ranker(
      population: population, null: null, jackknife: jackknife,
      offset: 0, seeds: SeedJackknife(of: population, table),
      otherScores: otherScores(than: metric.name, population), range: metric.range,
      seed: options.seed
    ).ranking(observed.trained)
    let twins = controls.untrained
    let untrainedRanking =
      twins.members.count >= 2 && observed.untrained.layers.contains { !$0.isNaN }
      ? Ranker(
        population: twins, null: nil, jackknife: jackknife,
        offset: observed.trained.flattened.count,
        seeds: SeedJackknife(of: twins, table), otherScores: [],
        range: metric.range, seed: options.seed
      ).ranking(observed.untrained) : nil
    let controlOffset = observed.trained.flattened.count + observed.untrained.flattened.count
    return Findings(
      metric: metric.name,
      ranking: ranking, untrainedRanking: untrainedRanking,
      controls: controls.rows(observed.controls) { index in
        jackknife.estimate(
          observed.controls[index], at: controlOffset + index, range: metric.range)
      },
      limits: Limits(
        activations: activations, population: population, controls: controls, options: options
      ).sentences(
        observed, groups: groups,
        saturated: ranking.layers.count {
          ($0.score.nullThreshold ?? 0) >= 1 - PermutationNull.tolerance
        }),
      permutations: options.permutations,
      jackknifeGroups: groups, seed: options.seed)
  }

  /// - Parameter full: The measurements from all samples, when `table` is from some of them.
  private func measured(_ table: SimilarityTable, full: Measurements? = nil) -> Measurements {
    let trained = Scores(of: population, table, substitutes: full?.trained.layers)
    let untrained = Scores(of: controls.untrained, table, substitutes: full?.untrained.layers)
    return Measurements(
      trained: trained, untrained: untrained,
      controls: controls.measured(table, trained: trained, untrained: untrained))
  }

  /// The factors of the ranked layers, by their indices.
  private func factors(
    for metric: some FactorMetric
  ) throws -> [Int: Result<Factor, MetricError>] {
    let layers = population.layers
    let factors = try Parallel.map(count: layers.count, threads: options.threads) { position in
      try metricResult {
        try metric.prepare(activations.representations[layers[position]].matrix())
      }
    }
    return Dictionary(uniqueKeysWithValues: zip(layers, factors))
  }

  /// All numbers from all samples but one group, for each group.
  private func jackknife(
    _ metric: some FactorMetric, groups: Int, full: Measurements, progress: ProgressReceiver?
  ) throws -> Jackknife {
    if groups > 0, let metric = metric as? any CenteredProductMetric {
      return try jackknife(subtracting: metric, groups: groups, full: full, progress: progress)
    }
    return try Jackknife(
      samples: activations.sampleCount, groups: groups, seed: options.seed,
      threads: options.threads, progress: progress
    ) { kept in
      measured(try resampledTable(keeping: kept, metric: metric), full: full).flattened
    }
  }

  /// For metrics of centred inner products: what the samples of a group contribute is taken away, and
  /// nothing is computed twice.
  private func jackknife(
    subtracting metric: some CenteredProductMetric, groups: Int, full: Measurements,
    progress: ProgressReceiver?
  ) throws -> Jackknife {
    let standardized = try Parallel.map(
      count: controls.layers.count, threads: options.threads
    ) { position in
      try metricResult {
        try StandardizedMatrix(
          checking: activations.representations[controls.layers[position]].values
        ).matrix()
      }
    }
    let usable = zip(controls.layers, standardized).compactMap { layer, matrix in
      (try? matrix.get()).map { (layer: layer, matrix: $0) }
    }
    let samples = activations.sampleCount
    let products = try LeaveOutProducts(
      factors: usable.map(\.matrix),
      groups: Jackknife.groups(samples: samples, count: groups, seed: options.seed),
      groupCount: groups, threads: options.threads)
    let replicates = try Parallel.map(
      count: groups, threads: options.threads,
      finished: progressCounter(progress, stage: "leaving samples out", total: groups)
    ) { group in
      let left = products.centeredProducts(leavingOut: group)
      var table = SimilarityTable(layers: controls.layers)
      for (i, a) in usable.enumerated() {
        for (j, b) in usable.enumerated().dropFirst(i) {
          let value = metric.similarity(left, i, j)
          table[a.layer, b.layer] = value
          table[b.layer, a.layer] = value
        }
      }
      return measured(table, full: full).flattened
    }
    return Jackknife(replicates: replicates)
  }

  /// The table of a metric that has been computed for all samples.
  private func table(of metric: String) -> SimilarityTable {
    let layers = controls.layers
    var table = SimilarityTable(layers: layers)
    guard let matrix = comparison.matrices.first(where: { $0.metric == metric }) else {
      return table
    }
    for a in layers {
      for b in layers { table[a, b] = matrix[a, b].value ?? .nan }
    }
    return table
  }

  /// The table for some of the samples: every layer is prepared anew from them.
  private func resampledTable(
    keeping kept: [Int], metric: some FactorMetric
  ) throws -> SimilarityTable {
    let layers = controls.layers
    var table = SimilarityTable(layers: layers)
    var factors: [Int: Result<StoredFactor, MetricError>] = [:]
    for layer in layers {
      let values = activations.representations[layer].values.selectingRows(kept)
      factors[layer] = try metricResult {
        try StoredFactor(metric.prepare(values.matrix()), precision: options.precision)
      }
    }
    var stacks: [[Int]: [LayerStack]] = [:]
    func stacked(_ layers: [Int]) -> [LayerStack] {
      if let known = stacks[layers] { return known }
      let new = LayerStack.stacks(of: layers, factors, precision: options.precision)
      stacks[layers] = new
      return new
    }
    for (rows, columns) in controls.neededBlocks {
      for x in stacked(rows) {
        for y in stacked(columns) { try table.fill(x, y, metric: metric, mirrored: true) }
      }
    }
    return table
  }

  /// The raw scores under the other similarities of the run, by metric. Distances have no best match
  /// in the sense of a score and are left out.
  private func otherScores(
    than metric: String, _ population: Population
  ) -> [(metric: String, scores: Scores)] {
    comparison.matrices.filter { $0.metric != metric && !$0.isDistance }.map {
      ($0.metric, Scores(of: population, table(of: $0.metric)))
    }
  }
}

/// Everything that is measured on one similarity table.
struct Measurements {
  var trained: Scores
  var untrained: Scores
  var controls: [Double]

  var flattened: [Double] { trained.flattened + untrained.flattened + controls }
}
