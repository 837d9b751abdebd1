public import Activations
public import Zoo

/// What one shard of a batch has done: `shard.json` in its folder, beside the results themselves.
///
/// It is written last. A shard without it has not finished.
public struct ShardRecord: Sendable, Codable, Equatable {
  /// The version of this file.
  public var schema = 1
  /// The program: its version, its build, and the kernels of the BLAS library.
  public var program: Program
  /// What was asked for, apart from the number of the shard and the use of the machine.
  public var request: Request
  /// The number of this shard, from 1.
  public var shard: Int
  /// How many there are.
  public var shards: Int
  /// How the rows of different files were brought together.
  public var alignment: ActivationSet.Alignment
  /// See `SampleDigest`.
  public var sampleDigest: String
  /// All files of the zoo; the digest is empty for those that this shard did not read.
  public var inputs: [InputFile]
  /// All models of the zoo.
  public var models: [ModelRecord]
  /// All layers of the zoo.
  public var layers: [Layer]
  public var notes: [String]
  public var skipped: [SkippedInput]

  /// What must agree before results are put together.
  public struct Program: Sendable, Codable, Equatable {
    public var version: String
    /// The SHA-256 digest of the program, in hexadecimal.
    public var build: String
    /// All that decides about the bits of a result, as the store of results knows it.
    public var implementation: String

    public init(version: String, build: String, implementation: String) {
      self.version = version
      self.build = build
      self.implementation = implementation
    }
  }

  /// What was asked for.
  public struct Request: Sendable, Codable, Equatable {
    /// `report` or `compare`.
    public var command: String
    /// The words of the command line after the program's name.
    public var words: [String]
    /// The folder to which relative paths refer.
    public var folder: String
    public var reading: ReadingOptions
    /// The metrics by the names that recreate them, with their parameters.
    public var metrics: [String]
    /// `double` or `single`.
    public var precision: String
    /// Other options that decide about results, by name.
    public var options: [String: String]

    public init(
      command: String, words: [String], folder: String, reading: ReadingOptions,
      metrics: [String], precision: String, options: [String: String]
    ) {
      self.command = command
      self.words = words
      self.folder = folder
      self.reading = reading
      self.metrics = metrics
      self.precision = precision
      self.options = options
    }
  }

  /// A layer of the zoo.
  public struct Layer: Sendable, Codable, Equatable {
    /// The index in ``ShardRecord/models``.
    public var model: Int
    public var name: String
    public var order: Int
    public var depth: Double
    public var isOutput: Bool
    public var source: Representation.Source
    public var state: State

    /// What became of a layer in one shard.
    public enum State: Sendable, Codable, Equatable {
      /// This shard has no pair of it.
      case elsewhere
      /// It was left out; ``ShardRecord/skipped`` says why.
      case leftOut
      /// It was read; the SHA-256 digest of its numbers as metrics see them, in hexadecimal.
      case read(content: String)
    }

    public init(
      model: Int, name: String, order: Int, depth: Double, isOutput: Bool,
      source: Representation.Source, state: State
    ) {
      self.model = model
      self.name = name
      self.order = order
      self.depth = depth
      self.isOutput = isOutput
      self.source = source
      self.state = state
    }
  }

  public init(
    program: Program, request: Request, number: ShardNumber,
    alignment: ActivationSet.Alignment, sampleDigest: String, inputs: [InputFile],
    models: [ModelRecord], layers: [Layer], notes: [String], skipped: [SkippedInput]
  ) {
    self.program = program
    self.request = request
    (shard, shards) = (number.index, number.count)
    self.alignment = alignment
    self.sampleDigest = sampleDigest
    self.inputs = inputs
    self.models = models
    self.layers = layers
    self.notes = notes
    self.skipped = skipped
  }
}

extension ShardRecord {
  /// Such as `cnn-s0/conv1`.
  func name(ofLayer index: Int) -> String {
    "\(models[layers[index].model].name)/\(layers[index].name)"
  }
}
