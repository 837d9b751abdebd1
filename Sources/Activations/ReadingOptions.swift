/// The decisions about reading that a user can take away from the evidence in the files.
public struct ReadingOptions: Sendable, Codable, Equatable {
  /// How an activation of more than two axes becomes samples × features.
  public var pooling: Pooling
  /// The meaning of axes, by glob on `file-or-model/layer`; later entries win.
  public var dims: [DimsRule]
  /// Globs on `model/layer`; empty selects everything.
  public var select: [String]
  /// Globs on `model/layer` to leave out.
  public var exclude: [String]
  public var ids: IDSource
  public var join: Join
  public var missing: MissingValuePolicy
  /// A CSV with a column `model` and any of `family`, `trained`, `step`, `accuracy`, `seed`,
  /// `parameters`, `role`.
  public var metadata: String?
  /// A `layout.yaml` of an earlier run whose decisions are replayed.
  public var layout: String?

  public init(
    pooling: Pooling = .mean, dims: [DimsRule] = [], select: [String] = [],
    exclude: [String] = [], ids: IDSource = .found, join: Join = .intersect,
    missing: MissingValuePolicy = .error, metadata: String? = nil, layout: String? = nil
  ) {
    self.pooling = pooling
    self.dims = dims
    self.select = select
    self.exclude = exclude
    self.ids = ids
    self.join = join
    self.missing = missing
    self.metadata = metadata
    self.layout = layout
  }
}

/// How the axes beside samples and channels are reduced.
public enum Pooling: String, Sendable, Codable, CaseIterable {
  /// The mean over all positions (space, tokens, time).
  case mean
  /// The maximum over all positions.
  case max
  /// Every position of every channel is a feature.
  case flatten
  /// The first position only, such as a class token.
  case first
  /// The last position only, such as the last token or time step.
  case last
  /// Every position of every sample is a sample.
  case positions
}

/// What the axes of some datasets mean.
public struct DimsRule: Sendable, Codable, Equatable {
  /// The glob on `model/layer` or the dataset's path that this is about; `*` for all.
  public var glob: String
  /// One letter an axis: `n` samples, `c` or `d` features, `l` layers, anything else a position
  /// (`h`, `w`, `t`, …).
  public var dims: [Character]

  public init(glob: String, dims: [Character]) {
    self.glob = glob
    self.dims = dims
  }

  private enum CodingKeys: String, CodingKey { case glob, dims }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    glob = try container.decode(String.self, forKey: .glob)
    dims = try container.decode(String.self, forKey: .dims).filter { $0 != " " }.map { $0 }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(glob, forKey: .glob)
    try container.encode(dims.map(String.init).joined(separator: " "), forKey: .dims)
  }
}

/// Where sample ids come from.
public enum IDSource: Sendable, Codable, Equatable {
  /// Whatever the dumps hold.
  case found
  /// None: row i is the same stimulus everywhere.
  case positional
  /// The dataset at this path in every dump.
  case dataset(String)
}

/// What to do with samples that some dumps lack.
public enum Join: String, Sendable, Codable, CaseIterable {
  /// Keep the samples that all have, and say what was dropped.
  case intersect
  /// Refuse dumps whose samples differ.
  case exact
}

/// What to do with NaN and infinite values.
public enum MissingValuePolicy: String, Sendable, Codable, CaseIterable {
  /// Leave the representation out, with the reason.
  case error
  /// Drop the samples concerned from all representations.
  case dropSamples = "drop-samples"
  /// Drop the features concerned from this representation.
  case dropFeatures = "drop-features"
}
