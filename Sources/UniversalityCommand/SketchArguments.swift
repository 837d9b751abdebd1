import ArgumentParser
import Metrics
import Zoo

/// The size and the seed of fingerprints.
struct SketchArguments: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The coordinates of a fingerprint, a power of two: the standard error is at most about "
        + "1/√n. (default: \(SketchDesign.defaultSize))", valueName: "n"))
  var sketchSize: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The seed of the random directions; only fingerprints of one seed can be compared. "
        + "(default: 0)", valueName: "n"), transform: Seed.parse)
  var sketchSeed: UInt64?

  var size: Int { sketchSize ?? SketchDesign.defaultSize }
  var seed: UInt64 { sketchSeed ?? 0 }

  func validate() throws {
    if let sketchSize, !SketchDesign.allows(size: sketchSize) {
      throw ValidationError(
        "--sketch-size \(sketchSize): a power of two from \(SketchDesign.sizes.lowerBound) to "
          + "\(SketchDesign.sizes.upperBound) is needed")
    }
  }
}

/// Whether and how `compare` estimates.
struct ApproximationArguments: ParsableArguments {
  @Flag(
    help: ArgumentHelp(
      "Estimate cka-debiased and cka from fingerprints, each with its standard error: for zoos of "
        + "thousands of layers."))
  var approximate = false

  @Flag(
    help: ArgumentHelp(
      "With --approximate: compute exactly the pairs that can still be a layer's best match in "
        + "another model (99 %)."))
  var refine = false

  @OptionGroup var sketch: SketchArguments

  func validate() throws {
    guard !approximate else { return }
    if refine { throw ValidationError("--refine needs --approximate") }
    if sketch.sketchSize != nil || sketch.sketchSeed != nil {
      throw ValidationError("--sketch-size and --sketch-seed need --approximate")
    }
  }

  /// The metrics asked for that can be estimated; both without a wish.
  static func metrics(_ asked: MetricArguments) throws -> [SketchedMetric] {
    guard !asked.metric.isEmpty else { return [.debiased, .linear] }
    return try asked.metrics().map { metric in
      guard let sketched = SketchedMetric(rawValue: metric.name) else {
        throw ValidationError(
          "--metric \(metric.name): only cka-debiased and cka can be estimated from fingerprints")
      }
      return sketched
    }
  }
}
