import Foundation
public import HDF5

/// What is in the dumps, and how each decision about them was made, before any activation is read.
///
/// Only outlines, sample ids and labels are read for a survey; ``load(reader:threads:spill:withDigests:progress:)``
/// then reads the activations just as the survey says.
public struct Survey: Sendable {
  /// One representation to be: a dataset, or one index along the layer axis of a stack.
  public struct Layer: Sendable, Equatable {
    /// The index of the file in ``Survey/files``.
    public var file: Int
    /// The path of the dataset inside the file.
    public var dataset: String
    /// The index along the layer axis `l`, or `nil` for a dataset without one.
    public var slice: Int?
    /// The index of the model in ``Survey/models``.
    public var model: Int
    public var name: String
    /// The place in the model, from 0.
    public var order: Int
    /// The relative depth, 0…1.
    public var depth: Double
    public var isOutput: Bool
    /// The shape as stored.
    public var shape: [Int]
    /// The meaning of the axes, such as `n c h w`.
    public var dims: String
    /// Why the axes are read that way.
    public var evidence: String
    /// The number of features after pooling.
    public var features: Int
    /// The number of samples in the file (before pooling by positions).
    public var samples: Int
    /// The number of positions that pooling reduces; 1 for samples × features.
    public var positions: Int
    /// The path of the dataset with the sample ids, if there is one.
    public var ids: String?
    /// The path of the dataset with the labels, if there is one.
    public var labels: String?
    /// Element type, storage and filters.
    public var storage: DatasetOutline
    /// The index in ``Survey/rowSources`` of the rows.
    var rows: Int
  }

  /// The rows of a file: all layers with the same ids (or, without ids, the same number of rows).
  struct RowSource: Sendable, Equatable {
    var file: Int
    /// The file as notes name it.
    var label: String
    var count: Int
    var ids: [String]?
    var labels: [Int]?
    /// Why these rows cannot be joined, if so.
    var fault: String?
  }

  public internal(set) var options: ReadingOptions
  /// The files with layers, in natural order. The digest is empty until the data are loaded, save
  /// for files of equal size.
  public internal(set) var files: [InputFile]
  public internal(set) var models: [ModelRecord]
  /// Grouped by model, in the order of the layers.
  public internal(set) var layers: [Layer]
  public internal(set) var skipped: [SkippedInput]
  /// What a reader of the results must know, each a sentence.
  public var notes: [String] { noteBook.sentences }

  var rowSources: [RowSource]
  /// The datasets that follow from others, by file and path.
  var views: ViewTable = [:]
  /// Where several files are read as one: the files, by the path that stands for them.
  var members: [String: [InputFile]] = [:]
  var noteBook: NoteBook

  /// Finds the layers behind some paths: files, folders, globs or `@list.txt`.
  ///
  /// - Throws: ``ReadingError`` if a path does not exist, the meaning of axes must be decided by the
  ///   user, an option cannot be used, or nothing is usable. Damaged files do not throw; they are
  ///   listed in ``skipped``.
  public static func of(
    paths: [String], options: ReadingOptions = ReadingOptions(),
    reader: any FileReading = LibraryReader()
  ) throws -> Survey {
    let collection = try PathCollection(paths)
    return try of(
      files: collection.files, skipped: collection.skipped, notes: collection.notes,
      options: options, reader: reader)
  }

  /// Finds the layers in files that were collected before.
  static func of(
    files: [FoundFile], skipped: [SkippedInput] = [], notes: NoteBook = NoteBook(),
    options: ReadingOptions, reader: any FileReading
  ) throws -> Survey {
    var builder = SurveyBuilder(
      files: files, skipped: skipped, notes: notes, options: options, reader: reader)
    return try builder.build()
  }

  /// The layers of a model, in order.
  public func layers(ofModel model: Int) -> [Layer] {
    let start = layers.partitioningIndex { $0.model >= model }
    return Array(layers[start...].prefix { $0.model == model })
  }

  /// The number of sample ids found for a layer, or `nil` if its file has none.
  public func idCount(of layer: Layer) -> Int? { rowSources[layer.rows].ids?.count }

  /// Whether the file at `path` is one of those that are read, or that were found and left out.
  public func reads(_ path: String) -> Bool {
    func place(_ path: String) -> String {
      URL(fileURLWithPath: path).resolvingSymlinksInPath().standardizedFileURL.path
    }
    let wanted = place(path)
    return files.contains { place($0.path) == wanted }
      || members.values.joined().contains { place($0.path) == wanted }
      || skipped.contains { place($0.file) == wanted }
  }

  /// What stands in the way of a comparison, for files without ids that differ in their rows; `nil`
  /// where nothing does.
  public var rowMismatch: String? {
    let nameless = Set(layers.map(\.rows)).sorted().map { rowSources[$0] }
      .filter { $0.ids == nil && $0.fault == nil }
    let files = Dictionary(grouping: nameless, by: \.count)
    guard files.count > 1 else { return nil }
    let sides = files.sorted { $0.key > $1.key }.map { count, sources in
      "\(count) in \(NoteBook.abridged(sources.map(\.label), separator: ", "))"
    }
    return "The files differ in the number of samples and carry no ids to join them: "
      + sides.joined(separator: ", ") + ". Write sample ids into the dumps, or leave one side out."
  }

  /// All files with layers; those of a model in several files one by one.
  public var inputFiles: [InputFile] { files.flatMap { members[$0.path] ?? [$0] } }

  /// The number of rows that a layer has after pooling.
  public func rowCount(of layer: Layer) -> Int {
    options.pooling == .positions ? layer.samples * layer.positions : layer.samples
  }

  /// The bytes that an element of a layer takes after pooling: 4 where single precision is exact.
  public func elementBytes(of layer: Layer) -> Int {
    let isMean = options.pooling == .mean && layer.positions > 1
    return layer.storage.elementType.fitsSinglePrecision && !isMean ? 4 : 8
  }

  /// The bytes that the matrices take after pooling.
  public var bytesWhenLoaded: Int {
    layers.reduce(0) { $0 + rowCount(of: $1) * $1.features * elementBytes(of: $1) }
  }
}
