public import Activations
import LinearAlgebra
public import Zoo

extension FeatureUniversality {
  /// Rotations of each layer behind the baseline; with ten, p-values have nine degrees of freedom.
  public static let usualRotations = 10

  /// Scores every unit of every hidden layer of the trained models of a zoo.
  ///
  /// Half of the samples, drawn at random, chooses the best match of a unit in each model of another
  /// family; the other half scores it. Outputs are left out: what their units mean is given by the task.
  ///
  /// - Parameter rotations: At least 2.
  /// - Throws: ``FeaturesImpossible`` with fewer than two families, fewer than eight samples, or samples
  ///   that are positions of stimuli; `SpillError`, `DecompositionError`.
  /// - Complexity: with D units and n samples O(D² n + rotations · D² w), w = min(units of a layer, 512).
  public init(
    of activations: ActivationSet, rotations: Int = Self.usualRotations, seed: UInt64,
    threads: Int, progress: ProgressReceiver? = nil
  ) throws {
    precondition(rotations >= 2, "\(rotations) rotations have no standard deviation")
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
    let scores = Self.scores(
      population, blocks: blocks.map { $0.map(\.block) }, matches: matches, rotations: rotations)
    let rates = falseDiscoveryRates(scores.map(\.pValue))
    self.scores = zip(scores, rates).map { score, rate in
      var score = score
      score.qValue = rate
      return score
    }.sorted {
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
    _ population: Population, blocks: [[UnitBlock]], matches: [BestMatches?], rotations: Int
  ) -> [FeatureScore] {
    var places = [Int](repeating: 0, count: matches.count)
    var scores: [FeatureScore] = []
    for (member, blocks) in zip(population.members, blocks) {
      let others = matches.indices.filter { $0 != member.block }
      for block in blocks {
        for (unit, feature) in block.features.enumerated() {
          let found = others.compactMap { family in
            matches[family].map { match in match.values.map { $0[places[family] + unit] } }
          }
          if block.varies(unit), !found.isEmpty {
            scores.append(FeatureScore(layer: block.layer, feature: feature, families: found))
          }
        }
        for family in others { places[family] += block.features.count }
      }
    }
    return scores
  }
}

extension FeatureScore {
  /// - Parameter families: For each other family the correlation with the best match, then with the
  ///   best match under each rotation.
  init(layer: Int, feature: Int, families: [[Double]]) {
    self.layer = layer
    self.feature = feature
    let baselines = families.map { $0.dropFirst().mean }
    correlation = families.map { $0[0] }.median
    baseline = baselines.median
    universality = zip(families, baselines).map { $0[0] - $1 }.median
    // What the universality would be were each rotation the layer itself.
    let null = (1..<families[0].count).map { rotation in
      zip(families, baselines).map { $0[rotation] - $1 }.median
    }
    let count = Double(null.count)
    let mean = null[...].mean
    let variance = null.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
    guard variance > 0 else { return }
    z = (universality - mean) / variance.squareRoot()
    // A new draw differs from the mean of `count` draws by more than from the expectation.
    let t = (universality - mean) / (variance * (1 + 1 / count)).squareRoot()
    let tail = 1 - StudentT.distribution(abs(t), degrees: null.count - 1)
    pValue = t > 0 ? tail : 1 - tail
  }
}

extension ArraySlice<Double> {
  fileprivate var mean: Double { reduce(0, +) / Double(count) }
}

extension [Double] {
  fileprivate var median: Double {
    let sorted = sorted()
    return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2
  }
}
