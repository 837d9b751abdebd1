public import Activations
import LinearAlgebra

/// Cards of the leading shared directions and of the leading units.
public struct FeatureCards: Sendable, Codable, Equatable {
  public var cards: [FeatureCard]
  /// Pictures of the samples on the cards, where the zoo holds them.
  public var thumbnails: StimulusThumbnails?
  /// The samples that values and correlations are from.
  public var heldOutSamples: Int
}

extension FeatureCards {
  static let mostDirections = 10
  static let mostUnits = 6
  /// Samples shown at either end.
  static let samplesShown = 6
  /// Of units that correlate more than this only the first has a card.
  static let mostAlike = 0.8

  /// - Precondition: `directions` and `features` are those of `activations`, from the same seed.
  /// - Throws: `DecompositionError`, `SpillError`.
  /// - Complexity: a decomposition of every hidden layer of trained models, and O(n) for each unit and
  ///   card.
  public init(
    of activations: ActivationSet, directions: SharedDirections?, features: FeatureUniversality?,
    threads: Int
  ) throws {
    if let directions, let features {
      precondition(
        directions.seed == features.seed, "seeds \(directions.seed) and \(features.seed)")
    }
    let seed = directions?.seed ?? features?.seed ?? 0
    let halves = SampleHalves(samples: activations.sampleCount, seed: seed)
    heldOutSamples = halves.heldOut.count
    let population = Population(of: activations, role: .contestant)
    let zoo = try UnitZoo(population, of: activations, halves: halves, threads: threads)
    let units = try features.map { try CardTargets.leadingUnits(of: $0, in: zoo) } ?? []
    let targets = try CardTargets(
      directions: directions.map {
        try DirectionReadings($0, population, of: activations, halves: halves, threads: threads)
      }, units: units, families: population.blocks.count)
    guard targets.count > 0 else {
      cards = []
      thumbnails = nil
      return
    }
    let maker = CardMaker(
      activations: activations, halves: halves, zoo: zoo, targets: targets,
      directions: directions, seed: seed)
    cards = try maker.cards(threads: threads)
    thumbnails = try StimulusThumbnails(
      of: Array(
        Set(cards.flatMap { $0.highest + $0.lowest }.map(\.index))
      ).sorted(), in: activations)
  }
}
