import Activations
public import HDF5
public import Zoo

/// Fingerprints as an HDF5 file (netCDF-4): what `universality fingerprint` writes and `compare` reads.
///
/// | name | over | content |
/// |---|---|---|
/// | `pairs` | `layer_index`, `pair` | `Fingerprint.pairs`; NaN where there is no fingerprint |
/// | `rows` | `layer_index`, `row` | `Fingerprint.rows`, the norms of the samples |
/// | `features`, `norm` | `layer_index` | width, and Frobenius norm of the centred layer |
/// | `reason` | `layer_index` | why there is no fingerprint; empty if there is one |
/// | `layer`, `order`, `depth`, `is_output`, `model_of_layer` | `layer_index` | the layer |
/// | `model`, `family`, `role`, `trained` | `model_index` | the model |
///
/// Attributes of the file: `format`, `format_version`, `version` of the program, `seed` (decimal text),
/// `sketch_size`, `samples`, `sample_digest` (`SampleDigest`), `joined_on_ids` (1 or 0).
public struct FingerprintFile: Sendable {
  /// The attribute `format` of such a file.
  public static let format = "universality fingerprints"
  /// Changed whenever the content or the directions of a seed change their meaning.
  public static let formatVersion = 1

  public let set: FingerprintSet
  /// The version of the program that makes the file.
  public let version: String

  public init(_ set: FingerprintSet, version: String) {
    self.set = set
    self.version = version
  }

  /// Writes the file under a temporary name, syncs and renames it.
  ///
  /// - Throws: `FileFailure` if it cannot be written.
  public func write(to path: String) throws { try resultFile.write(to: path) }

  /// The arrays and attributes.
  public var resultFile: ResultFile {
    let (zoo, design) = (set.activations, set.design)
    let layers = zoo.representations
    return ResultFile(
      dimensions: [
        .init("layer_index", length: layers.count), .init("pair", length: design.pairCount),
        .init("row", length: design.rowCoordinateCount),
        .init("model_index", length: zoo.models.count),
      ],
      variables: coordinates + layerVariables + modelVariables,
      attributes: [
        "title": .string("Fingerprints of neural network layers"),
        "format": .string(Self.format), "format_version": .integer(Self.formatVersion),
        "version": .string(version), "seed": .string(String(design.seed)),
        "sketch_size": .integer(design.size), "samples": .integer(design.samples),
        "sample_digest": .string(set.sampleDigest),
        "joined_on_ids": .integer(zoo.alignment.isPositional ? 0 : 1),
      ])
  }

  private var coordinates: [ResultFile.Variable] {
    func values(_ coordinates: KeyPath<Fingerprint, [Float]>, count: Int) -> [Double] {
      set.fingerprints.flatMap { fingerprint in
        (try? fingerprint.get()[keyPath: coordinates].map(Double.init))
          ?? Array(repeating: .nan, count: count)
      }
    }
    return [
      .init(
        "pairs", over: ["layer_index", "pair"], .real(values(\.pairs, count: set.design.pairCount)),
        attributes: ["long_name": .string("products of pairs of rotated samples")]),
      .init(
        "rows", over: ["layer_index", "row"],
        .real(values(\.rows, count: set.design.rowCoordinateCount)),
        attributes: ["long_name": .string("rotated squared norms of the samples")]),
    ]
  }

  private var layerVariables: [ResultFile.Variable] {
    let layers = set.activations.representations
    let dimension = ["layer_index"]
    let fingerprints = set.fingerprints.map { try? $0.get() }
    let reasons = set.fingerprints.map { fingerprint in
      if case .failure(let missing) = fingerprint { missing.reason } else { "" }
    }
    return [
      .init("features", over: dimension, .integer(fingerprints.map { $0?.features ?? 0 })),
      .init("norm", over: dimension, .real(fingerprints.map { $0?.norm ?? .nan })),
      .init("reason", over: dimension, .text(reasons)),
      .init("layer", over: dimension, .text(layers.map(\.layer))),
      .init("order", over: dimension, .integer(layers.map(\.order))),
      .init("depth", over: dimension, .real(layers.map(\.depth))),
      .init("is_output", over: dimension, .integer(layers.map { $0.isOutput ? 1 : 0 })),
      .init("model_of_layer", over: dimension, .integer(layers.map(\.model))),
    ]
  }

  private var modelVariables: [ResultFile.Variable] {
    let models = set.activations.models
    let dimension = ["model_index"]
    return [
      .init("model", over: dimension, .text(models.map(\.name))),
      .init("family", over: dimension, .text(models.map { $0.family ?? "" })),
      .init("role", over: dimension, .text(models.map(\.role.rawValue))),
      .init(
        "trained", over: dimension, .integer(models.map { $0.isTrained.map { $0 ? 1 : 0 } ?? -1 }),
        attributes: [
          "flag_values": .integers([-1, 0, 1]), "flag_meanings": .string("unknown no yes"),
        ]),
    ]
  }
}
