public import Activations
public import LinearAlgebra

/// Why a representation has no fingerprint.
public struct MissingFingerprint: Error, Sendable, Equatable, CustomStringConvertible {
  public let reason: String

  public init(reason: String) { self.reason = reason }

  public var description: String { reason }
}

/// The fingerprints of a zoo, with what is needed to compare them with those of another.
public struct FingerprintSet: Sendable {
  /// The zoo: models, layers, alignment. The matrices of the representations are empty.
  public let activations: ActivationSet
  /// One a representation, or why there is none.
  public let fingerprints: [Result<Fingerprint, MissingFingerprint>]
  public let design: SketchDesign
  /// `SampleDigest.hexadecimal` of the samples.
  public let sampleDigest: String

  /// - Precondition: as many fingerprints as representations.
  public init(
    activations: ActivationSet, fingerprints: [Result<Fingerprint, MissingFingerprint>],
    design: SketchDesign, sampleDigest: String
  ) {
    precondition(
      activations.representations.count == fingerprints.count,
      "\(fingerprints.count) fingerprints of \(activations.representations.count) representations")
    self.activations = activations
    self.fingerprints = fingerprints
    self.design = design
    self.sampleDigest = sampleDigest
  }

  /// Makes the fingerprint of every representation.
  ///
  /// - Parameters:
  ///   - activations: The zoo.
  ///   - size: The most pairs a fingerprint, see ``SketchDesign``.
  ///   - seed: The seed of the directions.
  ///   - threads: The number of threads; no bit depends on it.
  ///   - progress: Told how far the work is.
  /// - Complexity: see ``Fingerprint/init(of:design:places:)``, for each representation.
  public init(
    of activations: ActivationSet, size: Int = SketchDesign.defaultSize, seed: UInt64 = 0,
    threads: Int = Parallel.coreCount, progress: ProgressReceiver? = nil
  ) throws {
    let digest = activations.sampleDigest
    let design = SketchDesign(samples: activations.sampleCount, size: size, seed: seed)
    let layers = activations.representations
    let fingerprints = try Parallel.map(
      count: layers.count, threads: threads,
      finished: progressCounter(progress, stage: "making fingerprints", total: layers.count)
    ) { index in
      try metricResult {
        try Fingerprint(of: layers[index].matrix(), design: design, places: digest.places)
      }.mapError { MissingFingerprint(reason: $0.description) }
    }
    self.init(
      activations: activations.withoutMatrices, fingerprints: fingerprints, design: design,
      sampleDigest: digest.hexadecimal)
  }

  /// The estimates of all pairs.
  public func compared(
    by metrics: [SketchedMetric], threads: Int = Parallel.coreCount,
    progress: ProgressReceiver? = nil
  ) throws -> ApproximateComparison {
    try ApproximateComparison(
      of: fingerprints, design: design, metrics: metrics, threads: threads, progress: progress)
  }
}

/// Why sets of fingerprints cannot be compared with each other.
public enum FingerprintMismatch: Error, Sendable, Equatable, CustomStringConvertible {
  /// The digests of the samples differ.
  case samples(first: String, other: String)
  /// The seeds or the sizes differ.
  case design(first: String, other: String)

  public var description: String {
    switch self {
    case .samples(let first, let other):
      "the fingerprints of \(other) and of \(first) are of different samples"
    case .design(let first, let other):
      "the fingerprints of \(other) and of \(first) have different seeds or sizes"
    }
  }

  /// What to do about it.
  public var help: String {
    switch self {
    case .samples:
      "make both on the same stimuli with the same sample ids; those that only one side has must "
        + "be left out of its dumps"
    case .design: "make both with the same --sketch-size and --sketch-seed"
    }
  }
}

extension FingerprintSet {
  /// Several sets as one, each with the name that errors call it by.
  ///
  /// A model whose name another has already is called `name (2)`, and so on.
  ///
  /// - Throws: ``FingerprintMismatch`` if they are of different samples or designs.
  /// - Precondition: There is at least one.
  public static func joined(
    _ sets: [(name: String, set: FingerprintSet)]
  ) throws(FingerprintMismatch) -> FingerprintSet {
    precondition(!sets.isEmpty, "no set of fingerprints")
    let (firstName, first) = sets[0]
    var activations = first.activations
    var fingerprints = first.fingerprints
    var names = Set(activations.models.map(\.name))
    for (name, set) in sets.dropFirst() {
      guard set.sampleDigest == first.sampleDigest else {
        throw .samples(first: firstName, other: name)
      }
      guard set.design == first.design else { throw .design(first: firstName, other: name) }
      let offset = activations.models.count
      for var model in set.activations.models {
        let original = model.name
        var number = 2
        while !names.insert(model.name).inserted {
          model.name = "\(original) (\(number))"
          number += 1
        }
        activations.models.append(model)
      }
      for var layer in set.activations.representations {
        layer.model += offset
        activations.representations.append(layer)
      }
      activations.inputs += set.activations.inputs
      fingerprints += set.fingerprints
    }
    return FingerprintSet(
      activations: activations, fingerprints: fingerprints, design: first.design,
      sampleDigest: first.sampleDigest)
  }
}

extension ActivationSet {
  /// The zoo without its data.
  fileprivate var withoutMatrices: ActivationSet {
    var copy = self
    for index in copy.representations.indices {
      copy.representations[index].values = StoredMatrix(Matrix(rows: 0, columns: 0))
    }
    return copy
  }
}
