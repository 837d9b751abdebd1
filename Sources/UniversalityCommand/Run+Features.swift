import Activations
import Universality

extension Run {
  /// Multiplications that a report spends on single features at most. Measured: two layers of
  /// 20,000 units and three rotations, 4.1 · 10¹² of them, in 100 seconds of processor time.
  private static let mostProducts = 2e12

  /// The features of a zoo, with progress and time.
  ///
  /// - Throws: ``Failure`` where the zoo allows none.
  mutating func features(
    of activations: ActivationSet, rotations: Int, seed: UInt64
  ) throws -> FeatureUniversality {
    let (threads, terminal) = (threads, terminal)
    do {
      return try stopwatch.measure("features") {
        try FeatureUniversality(
          of: activations, rotations: rotations, seed: seed, threads: threads
        ) { terminal.report($0) }
      }
    } catch let error as FeaturesImpossible {
      throw Failure(
        error.description,
        help: "add models of another family, or name families with --metadata",
        exitCode: Exit.unusable)
    }
  }

  /// The features for a report: `nil`, with a note, where there are none or they would take long.
  mutating func featuresForReport(
    of activations: ActivationSet, seed: UInt64
  ) throws -> FeatureUniversality? {
    let rotations = FeatureUniversality.usualRotations
    guard
      FeatureUniversality.products(of: activations, rotations: rotations) <= Self.mostProducts
    else {
      terminal.note(
        "Single features are left out, because they would take long: `universality features`.")
      return nil
    }
    do {
      return try features(of: activations, rotations: rotations, seed: seed)
    } catch let failure as Failure where failure.exitCode == Exit.unusable {
      terminal.note("No single features: \(failure.message).")
      return nil
    }
  }

  /// Cards of what was found; `nil` where nothing was.
  mutating func cards(
    of activations: ActivationSet, directions: SharedDirections?, features: FeatureUniversality?
  ) throws -> FeatureCards? {
    guard directions != nil || features != nil else { return nil }
    let threads = threads
    return try stopwatch.measure("cards") {
      try FeatureCards(
        of: activations, directions: directions, features: features, threads: threads)
    }
  }

  /// The shared directions of a zoo; `nil`, with a note, where it allows none.
  mutating func sharedDirections(
    of activations: ActivationSet, permutations: Int, seed: UInt64
  ) throws -> SharedDirections? {
    let (threads, terminal) = (threads, terminal)
    do {
      return try stopwatch.measure("directions") {
        try SharedDirections(
          of: activations, permutations: permutations, seed: seed, threads: threads)
      }
    } catch let error as SharedDirectionsImpossible {
      terminal.note("No shared directions: \(error).")
      return nil
    }
  }
}
