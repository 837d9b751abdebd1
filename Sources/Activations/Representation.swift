public import LinearAlgebra

/// The activations of one layer of one model on the stimuli of a run.
///
/// The promise of this type: all representations of one ``ActivationSet`` have the same samples in
/// the same order, and every element is finite.
public struct Representation: Sendable {
  /// Samples × features, in the precision in which they were stored.
  public var values: StoredMatrix
  /// The index of the model in ``ActivationSet/models``.
  public var model: Int
  /// The name of the layer inside its model.
  public var layer: String
  /// The place of the layer in its model, from 0.
  public var order: Int
  /// The relative depth: 0 for the first layer of the model, 1 for the last.
  public var depth: Double
  /// Whether the layer is the output of the model (logits), by attribute or by name.
  public var isOutput: Bool
  /// Where the data came from and what was done to them.
  public var source: Source

  /// Where the data of a representation came from and what was done to them.
  public struct Source: Sendable, Codable, Equatable {
    public var file: String
    /// The path of the dataset inside the file.
    public var dataset: String
    /// The shape as stored.
    public var shape: [Int]
    /// The meaning of the axes, such as `n c h w`.
    public var dims: String
    /// Why the axes were read that way, in a few words.
    public var evidence: String
    /// How the remaining axes were reduced: a `Pooling` by name, or `none` for samples × features.
    public var pooling: String
    /// The element type as stored, such as `float16` or `big-endian float32`.
    public var elementType: String

    public init(
      file: String, dataset: String, shape: [Int], dims: String, evidence: String, pooling: String,
      elementType: String
    ) {
      self.file = file
      self.dataset = dataset
      self.shape = shape
      self.dims = dims
      self.evidence = evidence
      self.pooling = pooling
      self.elementType = elementType
    }
  }

  /// One layer; `values` are samples × features.
  public init(
    values: StoredMatrix, model: Int, layer: String, order: Int, depth: Double,
    isOutput: Bool = false, source: Source
  ) {
    self.values = values
    self.model = model
    self.layer = layer
    self.order = order
    self.depth = depth
    self.isOutput = isOutput
    self.source = source
  }

  /// One layer; `matrix` is samples × features.
  public init(
    matrix: Matrix, model: Int, layer: String, order: Int, depth: Double, isOutput: Bool = false,
    source: Source
  ) {
    self.init(
      values: StoredMatrix(matrix), model: model, layer: layer, order: order, depth: depth,
      isOutput: isOutput, source: source)
  }

  /// Samples × features in double precision: a copy, where they are stored otherwise.
  ///
  /// - Throws: `SpillError` when the values are in a file that cannot be read.
  public func matrix() throws -> Matrix { try values.matrix() }
}

/// What is known about a model of the zoo. Fields that no attribute, name or metadata table gives
/// are `nil`.
public struct ModelRecord: Sendable, Codable, Equatable {
  /// The name, unique in the run.
  public var name: String
  /// The architecture family.
  public var family: String?
  /// Whether the weights were trained.
  public var isTrained: Bool?
  /// The training step at which the activations were dumped.
  public var step: Int?
  /// The accuracy on held-out data, between 0 and 1.
  public var accuracy: Double?
  public var seed: Int?
  /// The number of parameters.
  public var parameters: Int?
  /// What the network was trained for, such as `classification` or `contrastive`.
  public var objective: String?
  public var role: Role
  /// The name of the model whose training this is a checkpoint of, where it is known.
  public var checkpointOf: String?
  /// The file (and group) the model was found in.
  public var source: String

  /// The family, or for a model without one a name of its own that no family has.
  public var familyOrOwnName: String { family ?? "\(name) (family unknown)" }

  /// The part a model plays in the analysis.
  public enum Role: String, Sendable, Codable {
    /// A trained network that is ranked.
    case contestant
    /// A network at initialisation.
    case untrained
    /// An earlier state of a network whose final state is in the zoo as well.
    case checkpoint
    /// The stimuli themselves, such as pixels.
    case input
    /// Another control, such as a network trained on shuffled labels.
    case control
  }

  public init(
    name: String, family: String? = nil, isTrained: Bool? = nil, step: Int? = nil,
    accuracy: Double? = nil, seed: Int? = nil, parameters: Int? = nil, objective: String? = nil,
    role: Role = .contestant, checkpointOf: String? = nil, source: String = ""
  ) {
    self.name = name
    self.family = family
    self.isTrained = isTrained
    self.step = step
    self.accuracy = accuracy
    self.seed = seed
    self.parameters = parameters
    self.objective = objective
    self.role = role
    self.checkpointOf = checkpointOf
    self.source = source
  }
}

/// The representations of a zoo on common stimuli, and the account of how they were read.
public struct ActivationSet: Sendable {
  public var models: [ModelRecord]
  /// Grouped by model, in the order of the layers.
  public var representations: [Representation]
  /// The sample ids, row by row, or `nil` when the dumps carry none.
  public var sampleIDs: [String]?
  /// The class labels, row by row, where the dumps carry them.
  public var labels: [Int]?
  /// How rows of different files were brought together.
  public var alignment: Alignment
  /// What a reader of the results must know about the data, each a sentence.
  public var notes: [String]
  public var skipped: [SkippedInput]
  public var inputs: [InputFile]

  /// How rows of different files were brought together.
  public enum Alignment: Sendable, Codable, Equatable {
    /// Joined on sample ids. `dropped` counts, per file, the rows without a partner.
    case joined(onIDsOf: String, samples: Int, dropped: [String: Int])
    /// No ids: row i is taken to be the same stimulus everywhere.
    case positional(samples: Int)
  }

  /// The number of samples, the same for all representations.
  public var sampleCount: Int {
    switch alignment {
    case .joined(_, let samples, _), .positional(let samples): samples
    }
  }

  /// Takes the values out of all representations; what is left has names and sources, but no rows.
  ///
  /// A computation that is the last to need them can so give up one after the other.
  public mutating func takeValues() -> [StoredMatrix] {
    representations.indices.map { index in
      let values = representations[index].values
      representations[index].values = StoredMatrix(Matrix(rows: 0, columns: 0))
      return values
    }
  }

  /// Whether each sample is a position of a stimulus (``Pooling/positions``) instead of a stimulus.
  public var samplesArePositions: Bool {
    representations.contains { $0.source.pooling == Pooling.positions.rawValue }
  }

  public init(
    models: [ModelRecord], representations: [Representation], sampleIDs: [String]? = nil,
    labels: [Int]? = nil, alignment: Alignment, notes: [String] = [],
    skipped: [SkippedInput] = [], inputs: [InputFile] = []
  ) {
    self.models = models
    self.representations = representations
    self.sampleIDs = sampleIDs
    self.labels = labels
    self.alignment = alignment
    self.notes = notes
    self.skipped = skipped
    self.inputs = inputs
  }
}

/// A file, or an object in one, that was left out, and why.
public struct SkippedInput: Sendable, Codable, Hashable {
  public var file: String
  /// The dataset inside the file, or `nil` for the whole file.
  public var object: String?
  public var reason: String
  /// Whether the user should hear of it (a damaged layer), or it merely is no activation matrix
  /// (a labels dataset) and is listed by `inspect` alone.
  public var isFault: Bool
  /// What to do about it.
  public var help: String?

  public init(
    file: String, object: String? = nil, reason: String, isFault: Bool = true, help: String? = nil
  ) {
    self.file = file
    self.object = object
    self.reason = reason
    self.isFault = isFault
    self.help = help
  }
}

/// A file that was read.
public struct InputFile: Sendable, Codable, Equatable {
  public var path: String
  public var bytes: Int
  /// The SHA-256 digest of the file's bytes, in hexadecimal.
  public var sha256: String
  /// The number of datasets with layers whose chunks carry checksums that are compared on reading
  /// (HDF5's filter Fletcher32). Damage to the numbers of others can go unnoticed.
  public var dataChecksums: Int

  public init(path: String, bytes: Int, sha256: String, dataChecksums: Int = 0) {
    self.path = path
    self.bytes = bytes
    self.sha256 = sha256
    self.dataChecksums = dataChecksums
  }
}
