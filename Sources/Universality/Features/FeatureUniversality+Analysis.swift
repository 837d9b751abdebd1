public import Activations
import LinearAlgebra
public import Zoo

extension FeatureUniversality {
  /// Rotations of each layer behind the baseline.
  public static let usualRotations = 10

  /// Scores every unit of every hidden layer of the trained models of a zoo.
  ///
  /// Half of the samples, drawn at random, chooses the best match of a unit in each model of another
  /// family; the other half scores it. Outputs are left out: what their units mean is given by the task.
  ///
  /// - Precondition: At least 3 `rotations`.
  /// - Throws: ``FeaturesImpossible`` with fewer than two families, fewer than eight samples, or samples
  ///   that are positions of stimuli; `SpillError`, `DecompositionError`.
  /// - Complexity: with D units and n samples O(D² n + rotations · D² w), w = min(units of a layer, 512).
  public init(
    of activations: ActivationSet, rotations: Int = Self.usualRotations, seed: UInt64,
    threads: Int, progress: ProgressReceiver? = nil
  ) throws {
    precondition(rotations >= 3, "\(rotations) rotations cannot stand for each other")
    let population = try Self.population(of: activations)
    let halves = SampleHalves(samples: activations.sampleCount, seed: seed)
    let layers = population.members.map { member in
      member.layers.filter { !activations.representations[$0].isOutput }
    }
    let blocks = try Self.blocks(
      of: layers, in: activations, halves: halves, threads: threads)
    let matches = try Parallel.map(
      count: population.blocks.count, threads: threads,
      finished: progressCounter(
        progress, stage: "matching features", total: population.blocks.count)
    ) { family -> BestMatches? in
      let isPartner = population.members.map { $0.block == family }
      let partners = blocks.indices.filter { isPartner[$0] && !blocks[$0].isEmpty }
      guard !partners.isEmpty else { return nil }
      return try BestMatches(
        of: blocks.indices.filter { !isPartner[$0] }.flatMap { blocks[$0].map(\.block) },
        in: partners.map { blocks[$0] }, rotations: rotations, seed: seed)
    }
    scores = Self.scores(
      population, blocks: blocks.map { $0.map(\.block) }, matches: matches
    ).sorted {
      ($1.universality, $0.layer, $0.feature) < ($0.universality, $1.layer, $1.feature)
    }
    constantFeatures = blocks.joined().reduce(0) { sum, entry in
      sum + entry.block.features.indices.count { !entry.block.varies($0) }
    }
    families = population.blocks
    fittedSamples = halves.fitted.count
    heldOutSamples = halves.heldOut.count
    self.rotations = rotations
    self.seed = seed
  }

  /// The multiplications that scoring a zoo takes, to tell seconds from hours beforehand.
  public static func products(of activations: ActivationSet, rotations: Int) -> Double {
    let population = Population(of: activations, role: .contestant)
    let samples = Double(min(activations.sampleCount, 2 * SampleHalves.limit))
    var (units, mixed) = (0.0, 0.0)
    for layer in population.layers where !activations.representations[layer].isOutput {
      let columns = activations.representations[layer].values.columns
      units += Double(columns)
      mixed += Double(columns * min(columns, UnitBlock.width))
    }
    return units * (units * samples + Double(rotations) * mixed)
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

  /// For each model its blocks, numbered over the zoo.
  private static func blocks(
    of layers: [[Int]], in activations: ActivationSet, halves: SampleHalves, threads: Int
  ) throws -> [[(number: Int, block: UnitBlock)]] {
    let made = try Parallel.map(count: layers.count, threads: threads) { model in
      try layers[model].flatMap { layer in
        try UnitBlock.blocks(
          of: activations.representations[layer].values, layer: layer, halves: halves)
      }
    }
    var number = 0
    return made.map { blocks in
      blocks.map { block in
        defer { number += 1 }
        return (number, block)
      }
    }
  }

  /// - Parameter matches: For each family those of the units of all others.
  private static func scores(
    _ population: Population, blocks: [[UnitBlock]], matches: [BestMatches?]
  ) -> [FeatureScore] {
    var places = [Int](repeating: 0, count: matches.count)
    var units: [(layer: Int, feature: Int, contrast: RotationContrast)] = []
    for (member, blocks) in zip(population.members, blocks) {
      let others = matches.indices.filter { $0 != member.block }
      for block in blocks {
        for (unit, feature) in block.features.enumerated() {
          let found = others.compactMap { family in
            matches[family].map { match in match.values.map { $0[places[family] + unit] } }
          }
          if block.varies(unit), !found.isEmpty {
            units.append((block.layer, feature, RotationContrast(families: found)))
          }
        }
        for family in others { places[family] += block.features.count }
      }
    }
    let null = RotationNull(units.map(\.contrast))
    let pValues = units.map { $0.contrast.t.map(null.pValue) }
    return zip(units, zip(pValues, falseDiscoveryRates(pValues))).map { unit, chance in
      FeatureScore(
        layer: unit.layer, feature: unit.feature, universality: unit.contrast.universality,
        correlation: unit.contrast.correlation, baseline: unit.contrast.baseline,
        z: unit.contrast.z, pValue: chance.0, qValue: chance.1)
    }
  }
}
