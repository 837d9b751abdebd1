public import Activations
import LinearAlgebra
public import Zoo

extension FeatureUniversality {
  /// Rotations of each layer behind the baseline.
  public static let usualRotations = 10

  /// Scores every unit of every hidden layer of the trained models of a zoo.
  ///
  /// Half of the samples, drawn at random, chooses the best match of a unit in each model of another
  /// family; the other half scores it. The same is done among untrained twins and between the seeds of
  /// families, where the zoo has them. Outputs are left out: what their units mean is given by the task.
  ///
  /// - Precondition: At least 3 `rotations`.
  /// - Throws: ``FeaturesImpossible`` with fewer than two families, fewer than eight samples, or samples
  ///   that are positions of stimuli; `SpillError`, `DecompositionError`.
  /// - Complexity: with D units and n samples O(rotations · D² (n + w)), w = min(units of a layer, 512),
  ///   and O(n min(n, d)) for each unit and each layer of d features that predicts it.
  public init(
    of activations: ActivationSet, rotations: Int = Self.usualRotations, seed: UInt64,
    threads: Int, progress: ProgressReceiver? = nil
  ) throws {
    precondition(rotations >= 3, "\(rotations) rotations cannot stand for each other")
    let population = try Self.population(of: activations)
    let halves = SampleHalves(samples: activations.sampleCount, seed: seed)
    let zoo = try UnitZoo(population, of: activations, halves: halves, threads: threads)
    let contrasts = try FeatureContrasts(
      zoo, of: activations, halves: halves, rotations: rotations, seed: seed, threads: threads,
      progress: progress)
    let sources = PredictionSources(population, of: activations)
    let predictability = try UnitPredictability(
      of: zoo, from: sources, in: activations, halves: halves, seed: seed, threads: threads,
      finished: progressCounter(
        progress, stage: "predicting features", total: UnitPredictability.jobCount(sources)))
    cliques = try BuddyCliques.scored(zoo, rotations: rotations, seed: seed, threads: threads)
    comparisons = contrasts.comparisons
    predictabilityByChance = predictability.chance
    let units = zoo.units
    scores = Self.scores(units, contrasts, predictability, cliques)
    constantFeatures = units.count { !$0.varies }
    families = population.blocks
    fittedSamples = halves.fitted.count
    heldOutSamples = halves.heldOut.count
    self.rotations = rotations
    self.seed = seed
  }

  /// The multiplications that scoring a zoo takes, to tell seconds from hours beforehand.
  public static func products(of activations: ActivationSet, rotations: Int) -> Double {
    let samples = Double(min(activations.sampleCount, 2 * SampleHalves.limit))
    let (trained, untrained) = (
      FeatureCost(of: activations, role: .contestant),
      FeatureCost(of: activations, role: .untrained)
    )
    let predicted =
      trained.units * samples
      * (trained.directions(samples / 2) + untrained.directions(samples / 2))
    return trained.matching(samples, rotations) + untrained.matching(samples, rotations)
      + trained.cliques(samples, rotations) + predicted
  }

  private static func population(of activations: ActivationSet) throws -> Population {
    let population = Population(of: activations, role: .contestant)
    guard population.blocks.count >= 2 else {
      throw FeaturesImpossible(
        description: "features are matched between families, and there are not two of them")
    }
    guard !activations.samplesArePositions else {
      throw FeaturesImpossible(
        description: "samples are positions of stimuli: a match chosen on one half of them is not "
          + "scored on independent ones")
    }
    guard activations.sampleCount >= 8 else {
      throw FeaturesImpossible(
        description: "features need at least 8 samples; there are \(activations.sampleCount)")
    }
    return population
  }

  /// In descending order of universality.
  private static func scores(
    _ units: [(member: Int, layer: Int, feature: Int, varies: Bool)],
    _ contrasts: FeatureContrasts, _ predictability: UnitPredictability,
    _ cliques: [FeatureClique]
  ) -> [FeatureScore] {
    var cliqueOf: [[Int]: Int] = [:]
    for (place, clique) in cliques.enumerated() {
      for member in clique.members { cliqueOf[[member.layer, member.feature]] = place }
    }
    let trained = contrasts.trained
    return units.indices.compactMap { unit -> FeatureScore? in
      guard let contrast = trained.values[unit] else { return nil }
      let (layer, feature) = (units[unit].layer, units[unit].feature)
      return FeatureScore(
        layer: layer, feature: feature, universality: contrast.universality,
        correlation: contrast.correlation, baseline: contrast.baseline, z: contrast.z,
        pValue: trained.pValues[unit], qValue: trained.qValues[unit],
        betweenSeeds: contrasts.betweenSeeds(unit),
        untrained: contrasts.untrainedTwin(layer: layer, feature: feature),
        predictability: predictability.values[unit], clique: cliqueOf[[layer, feature]])
    }.sorted {
      ($1.universality, $0.layer, $0.feature) < ($0.universality, $1.layer, $1.feature)
    }
  }
}

/// What the units of the networks of one role cost.
private struct FeatureCost {
  private(set) var units = 0.0
  /// Σ over units of the width of their block.
  private var mixed = 0.0
  private var widths: [Int] = []

  init(of activations: ActivationSet, role: ModelRecord.Role) {
    let population = Population(of: activations, role: role)
    for layer in population.layers where !activations.representations[layer].isOutput {
      let columns = activations.representations[layer].values.columns
      units += Double(columns)
      mixed += Double(columns * min(columns, UnitBlock.width))
      widths.append(columns)
    }
  }

  func matching(_ samples: Double, _ rotations: Int) -> Double {
    units * (units * samples + Double(rotations) * mixed)
  }

  /// Half of the pairs, on half of the samples.
  func cliques(_ samples: Double, _ rotations: Int) -> Double {
    Double(1 + rotations) * units * units * samples / 4
  }

  /// The directions of all layers, at most one a fitted sample.
  func directions(_ fitted: Double) -> Double {
    widths.reduce(0) { $0 + min(Double($1), fitted) }
  }
}
