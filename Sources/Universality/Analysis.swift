public import Activations
import LinearAlgebra
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

  public init(permutations: Int = 200, resamples: Int = 200, seed: UInt64 = 0, threads: Int) {
    self.permutations = permutations
    self.resamples = resamples
    self.seed = seed
    self.threads = threads
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
    let observed = measured(table(of: metric.name))
    let ranked = Set(population.layers)
    let factors = try Dictionary(
      uniqueKeysWithValues: Parallel.map(
        count: activations.representations.count, threads: options.threads
      ) { index in
        (
          index,
          ranked.contains(index)
            ? metricResult { try metric.prepare(activations.representations[index].matrix) }
            : .failure(.noFeatures)
        )
      })
    let null = try PermutationNull(
      of: population, factors: factors, metric: metric, permutations: options.permutations,
      samples: samples, seed: options.seed, threads: options.threads, progress: progress)
    let groups = Jackknife.groupCount(samples: samples, requested: options.resamples)
    let jackknife = try Jackknife(
      samples: samples, groups: groups, seed: options.seed, threads: options.threads,
      progress: progress
    ) { kept in
      measured(resampledTable(keeping: kept, metric: metric)).flattened
    }
    let ranking = Ranker(
      analysis: self, null: null, jackknife: jackknife, offset: 0, population: population,
      seeds: SeedJackknife(of: population, table(of: metric.name)),
      otherScores: otherScores(than: metric.name, population)
    ).ranking(observed.trained)
    let twins = controls.untrained
    let untrainedRanking =
      twins.members.count >= 2 && observed.untrained.layers.contains { !$0.isNaN }
      ? Ranker(
        analysis: self, null: nil, jackknife: jackknife, offset: observed.trained.flattened.count,
        population: twins, seeds: SeedJackknife(of: twins, table(of: metric.name)), otherScores: []
      ).ranking(observed.untrained) : nil
    let controlOffset = observed.trained.flattened.count + observed.untrained.flattened.count
    return Findings(
      metric: metric.name,
      families: population.reference == .otherFamilies ? population.blocks : [],
      ranking: ranking, untrainedRanking: untrainedRanking,
      controls: controls.rows(observed.controls) { index in
        jackknife.estimate(observed.controls[index], at: controlOffset + index)
      },
      limits: limits(observed, groups: groups), permutations: options.permutations,
      jackknifeGroups: groups, seed: options.seed)
  }

  /// Everything that is measured on one similarity table.
  struct Measurements {
    var trained: Scores
    var untrained: Scores
    var controls: [Double]

    var flattened: [Double] { trained.flattened + untrained.flattened + controls }
  }

  private func measured(_ table: SimilarityTable) -> Measurements {
    let trained = Scores(of: population, table)
    let untrained = Scores(of: controls.untrained, table)
    return Measurements(
      trained: trained, untrained: untrained,
      controls: controls.measured(table, trained: trained, untrained: untrained))
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
  ) -> SimilarityTable {
    let layers = controls.layers
    var table = SimilarityTable(layers: layers)
    let factors = Dictionary(
      uniqueKeysWithValues: layers.map { layer in
        (
          layer,
          metricResult {
            try metric.prepare(activations.representations[layer].matrix.selectingRows(kept))
          }
        )
      })
    var stacks: [[Int]: [LayerStack]] = [:]
    func stacked(_ layers: [Int]) -> [LayerStack] {
      if let known = stacks[layers] { return known }
      let new = LayerStack.stacks(of: layers, factors)
      stacks[layers] = new
      return new
    }
    for (rows, columns) in controls.neededBlocks {
      for x in stacked(rows) {
        for y in stacked(columns) { table.fill(x, y, metric: metric, mirrored: true) }
      }
    }
    return table
  }

  /// The raw scores under the other metrics of the run, by metric.
  private func otherScores(
    than metric: String, _ population: Population
  ) -> [(metric: String, scores: Scores)] {
    comparison.matrices.filter { $0.metric != metric }.map {
      ($0.metric, Scores(of: population, table(of: $0.metric)))
    }
  }

  /// What this zoo does not allow to say.
  private func limits(_ observed: Measurements, groups: Int) -> [String] {
    var limits: [String] = []
    let models = population.members.map { activations.models[$0.model] }
    if population.reference == .otherModels {
      let families = Set(models.compactMap(\.family))
      limits.append(
        families.isEmpty
          ? "No architecture families are known: agreement is measured against all other models, "
            + "which may be seeds of one architecture. It says nothing about universality across "
            + "architectures."
          : "All trained models belong to one family (\(families.sorted().joined())): agreement is "
            + "measured against the other models of that family. It says nothing about "
            + "universality across architectures.")
    } else {
      let unknown = models.filter { $0.family == nil }.map(\.name)
      if !unknown.isEmpty {
        limits.append(
          "No family is known for \(unknown.joined(separator: ", ")): each is treated as a family "
            + "of its own.")
      }
      let single = population.blocks.indices.filter { block in
        population.members.count { $0.block == block } == 1
      }.map { population.blocks[$0] }
      if !single.isEmpty {
        limits.append(
          "Only one trained model each of \(single.joined(separator: ", ")): how much another seed "
            + "would change is unknown there.")
      }
      if population.blocks.count == 2 {
        limits.append(
          "With two families each is measured against the other alone: their family scores differ "
            + "only by the direction of the best match.")
      }
    }
    if let sentence = poolingLimit(models) { limits.append(sentence) }
    if controls.untrained.members.isEmpty {
      limits.append(
        "The zoo has no untrained twins: what training adds cannot be told from what architecture "
          + "and data give.")
    }
    if !activations.models.contains(where: { $0.role == .input }) {
      limits.append(
        "The input itself is not in the zoo: similarity that is inherited from it is not shown.")
    }
    if groups == 0 {
      limits.append(
        options.resamples < 2
          ? "Intervals were switched off."
          : "With \(activations.sampleCount) samples there are too few for intervals (8 are needed)."
      )
    }
    if options.permutations == 0 { limits.append("Calibration against chance was switched off.") }
    if activations.sampleCount < 100 {
      limits.append(
        "\(activations.sampleCount) samples are few: expect wide intervals, and check that the "
          + "biased metrics are read against chance.")
    }
    let unscored = observed.trained.layers.count { $0.isNaN }
    if unscored > 0 {
      limits.append(
        "\(unscored) of \(observed.trained.layers.count) layers have no score: see the reasons in "
          + "pairs.csv.")
    }
    return limits
  }
}

extension RankingAnalysis {
  /// Pooling throws positions away, in some families more than in others.
  private func poolingLimit(_ models: [ModelRecord]) -> String? {
    var pooled: [String: Bool] = [:]
    for representation in activations.representations
    where !representation.isOutput {
      let model = activations.models[representation.model]
      guard model.role == .contestant else { continue }
      pooled[model.family ?? model.name, default: false] =
        pooled[model.family ?? model.name, default: false]
        || !["none", "flatten"].contains(representation.source.pooling)
    }
    let families = pooled.filter(\.value).keys.sorted()
    guard !families.isEmpty else { return nil }
    let named = families.count > 6 ? "\(families.count) families" : families.joined(separator: ", ")
    return "Activations with positions (\(named)) were pooled to one value a channel: what such a "
      + "layer encodes by position – the early layers of convolutional networks above all – is not "
      + "compared, and lowers its score. `--pool flatten` compares positions too."
  }
}

/// Turns observed scores, null and jackknife into ranked rows.
private struct Ranker {
  let analysis: RankingAnalysis
  let null: PermutationNull?
  let jackknife: Jackknife
  /// Where the scores of this population begin in the jackknife's measurements.
  let offset: Int
  let population: Population
  let seeds: SeedJackknife
  let otherScores: [(metric: String, scores: Scores)]

  /// Beyond this many items the simulation of rank intervals costs more than the rest of the run.
  private static let rankIntervalLimit = 1500

  func ranking(_ scores: Scores) -> Ranking {
    let layers = rows(scores.layers, start: 0, names: population.layers) { $0.layers }
    let models = rows(
      scores.models, start: scores.layers.count, names: population.members.map(\.model)
    ) { $0.models }
    let families =
      population.reference == .otherFamilies
      ? rows(
        scores.blocks, start: scores.layers.count + scores.models.count,
        names: Array(population.blocks.indices), seeds: seeds
      ) { $0.blocks } : []
    return Ranking(
      reference: population.reference, layers: layers, models: models, families: families)
  }

  /// - Parameters:
  ///   - start: Where these scores begin in ``Scores/flattened``.
  ///   - names: What the items are called outside (``RankedItem/index``).
  ///   - seeds: The uncertainty from the choice of models, where the items are families.
  private func rows(
    _ values: [Double], start: Int, names: [Int], seeds: SeedJackknife? = nil,
    others: (Scores) -> [Double]
  ) -> [RankedItem] {
    let scored = values.indices.filter { !values[$0].isNaN }
    let calibrations = scored.map { null?.calibration(of: values[$0], at: start + $0) }
    let falseDiscovery = falseDiscoveryRates(calibrations.map { $0?.pValue })
    var items: [(item: RankedItem, deviations: [Double]?)] = []
    for (position, index) in scored.enumerated() {
      guard
        let raw = jackknife.replicates.isEmpty
          ? Estimate(value: values[index])
          : jackknife.estimate(values[index], at: offset + start + index)
      else { continue }
      // A threshold of 1 leaves no room above chance.
      let calibration = calibrations[position].flatMap { $0.threshold < 1 - 1e-9 ? $0 : nil }
      let calibrated = calibration.map { calibration in
        func cut(_ value: Double) -> Double { max(0, calibration.calibrated(value)) }
        return Estimate(
          value: cut(raw.value), low: raw.low.map(cut), high: raw.high.map(cut))
      }
      var otherValues: [String: Double] = [:]
      for (metric, scores) in otherScores {
        let value = others(scores)[index]
        if !value.isNaN { otherValues[metric] = value }
      }
      let score = Score(
        raw: raw, calibrated: calibrated, nullMean: calibrations[position]?.mean,
        nullThreshold: calibrations[position]?.threshold,
        pValue: calibrations[position]?.pValue, qValue: falseDiscovery[position])
      let stretch = 1 - (calibration?.threshold ?? 0)
      let fromStimuli = jackknife.deviations(at: offset + start + index) { $0 / stretch }
      let fromSeeds = (seeds?.deviations[index] ?? []).map { $0 / stretch }
      let deviations = fromStimuli.map { $0 + fromSeeds }
      items.append(
        (
          RankedItem(index: names[index], rank: 0, score: score, otherScores: otherValues),
          deviations
        ))
    }
    // Without ties by chance: equal scores keep the order of the zoo.
    let order = items.indices.sorted {
      let (x, y) = (
        items[$0].item.score.universality.value, items[$1].item.score.universality.value
      )
      return x == y ? $0 < $1 : x > y
    }
    var ranked = order.map { items[$0] }
    let ranges =
      ranked.count <= Self.rankIntervalLimit && ranked.allSatisfy { $0.deviations != nil }
      ? RankIntervals(
        scores: ranked.map(\.item.score.universality.value),
        deviations: ranked.compactMap(\.deviations),
        degrees: min(jackknife.replicates.count - 1, seeds?.degrees ?? .max),
        seed: analysis.options.seed) : nil
    for index in ranked.indices {
      ranked[index].item.rank = index + 1
      ranked[index].item.rankRange = ranges?.ranges[index]
    }
    return ranked.map(\.item)
  }
}
