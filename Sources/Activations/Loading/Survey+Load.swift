public import HDF5
public import LinearAlgebra

extension Survey {
  /// Reads the activations, pools them, brings the rows of all files into one order and checks them.
  ///
  /// The result does not depend on `threads`.
  ///
  /// - Parameters:
  ///   - reader: What opens the files.
  ///   - threads: The most threads to use.
  ///   - spill: Where the values are kept, block by block, when they are not to be in memory.
  ///   - withDigests: Whether the SHA-256 of every file is wanted.
  ///   - wanted: The layers to read, as indices in ``layers``; all when it is `nil`. The rows of the
  ///     others take part in the join, so that the samples are those of the whole zoo. (Where that
  ///     takes their numbers, they are read too, and given up.) None of the wanted layers need be
  ///     left.
  ///   - progress: Called with the number of datasets read and their total, from any thread but
  ///     never from two at once.
  /// - Throws: ``ReadingError/nothingUsable(reason:help:skipped:)`` if no representation is left, or
  ///   fewer than four samples. Layers that cannot be read or joined do not throw; they are listed in
  ///   ``ActivationSet/skipped``. `SpillError` when the disk is full.
  public func load(
    reader: any FileReading = LibraryReader(), threads: Int = 1, spill: SpillFile? = nil,
    withDigests: Bool = true, layers wanted: Set<Int>? = nil,
    progress: (@Sendable (Int, Int) -> Void)? = nil
  ) throws -> ActivationSet {
    let reader = ViewReader(base: DumpReader(hdf5: reader), views: views)
    var loading = Loading(survey: self)
    if let wanted, !samplesDependOnNumbers {
      loading.unread = Set(layers.indices).subtracting(wanted)
    }
    loading.leaveOutFaultyRows()
    try loading.read(reader: reader, threads: threads, spill: spill, progress: progress)
    loading.notePaddedRows()
    loading.agreeOnPositions()
    try loading.align()
    loading.compareLabels()
    try loading.checkNumbers(threads: threads)
    if let wanted { loading.keepOnly(wanted) }
    try loading.noteDuplicateLayers()
    return try loading.result(withDigests: withDigests, threads: threads)
  }
}

extension Survey {
  /// Whether the numbers of some layers decide which samples, or which rows of other layers, are kept.
  public var samplesDependOnNumbers: Bool {
    if options.missing == .dropSamples { return true }
    guard options.ids != .positional else { return false }
    let sources = Set(layers.map(\.rows)).map { rowSources[$0] }.filter { $0.fault == nil }
    return sources.contains { $0.ids == nil } && sources.contains { $0.ids != nil }
  }

  /// Where the data of a layer come from, as its representation says.
  public func source(of layer: Layer) -> Representation.Source {
    Representation.Source(
      file: files[layer.file].path,
      dataset: layer.dataset + (layer.slice.map { "[layer \($0)]" } ?? ""),
      shape: layer.shape, dims: layer.dims, evidence: layer.evidence,
      pooling: layer.positions > 1 ? options.pooling.rawValue : "none",
      elementType: layer.storage.typeName)
  }
}

/// The steps from a ``Survey`` to an ``ActivationSet``.
struct Loading {
  /// Fewer samples allow no debiased estimate: its denominators hold n − 3.
  static let fewestSamples = 4

  let survey: Survey
  /// The pooled matrix of each layer of the survey, `nil` if it takes no part.
  var matrices: [StoredMatrix?]
  /// Layers that take part, but whose numbers nobody wants.
  var unread: Set<Int> = []
  var skipped: [SkippedInput]
  var notes: NoteBook
  /// The number of positions that became samples of their own.
  var positions = 1
  var alignment = ActivationSet.Alignment.positional(samples: 0)
  /// The ids and labels of the samples in the common order, before positions are told apart.
  var ids: [String]?
  var labels: [Int]?
  /// For each source of rows its row for each sample, `nil` if it takes no part.
  var rows: [[Int]?] = []

  init(survey: Survey) {
    self.survey = survey
    matrices = Array(repeating: nil, count: survey.layers.count)
    skipped = survey.skipped
    notes = survey.noteBook
  }

  /// Whether rows are joined on ids at all.
  var isPositional: Bool { survey.options.ids == .positional }

  /// Sources whose rows cannot be joined are not even read.
  mutating func leaveOutFaultyRows() {
    guard !isPositional else { return }
    for source in Set(survey.layers.map(\.rows)).sorted() {
      if let fault = survey.rowSources[source].fault {
        refuse(
          source, fault,
          help: "give every sample an id of its own, or compare row by row with `--ids positional`")
      }
    }
  }

  /// Whether a layer has not been left out.
  func takesPart(_ layer: Int) -> Bool { matrices[layer] != nil || unread.contains(layer) }

  /// Gives up what was read only because the samples depended on it.
  mutating func keepOnly(_ wanted: Set<Int>) {
    for layer in matrices.indices where takesPart(layer) && !wanted.contains(layer) {
      matrices[layer] = nil
      unread.insert(layer)
    }
  }

  /// The sources that still have layers, by index, with the indices of these layers.
  func liveSources() -> [(source: Int, layers: [Int])] {
    let live = matrices.indices.filter(takesPart)
    return Dictionary(grouping: live, by: { survey.layers[$0].rows })
      .map { ($0.key, $0.value) }.sorted { $0.0 < $1.0 }
  }

  /// Leaves out all layers of a source, with one entry for the file (or, where the file has other
  /// rows too, for each layer).
  mutating func refuse(_ source: Int, _ reason: String, help: String?) {
    let layers = survey.layers.indices.filter { survey.layers[$0].rows == source }
    let file = survey.layers[layers[0]].file
    let isWholeFile = survey.layers.allSatisfy { $0.file != file || $0.rows == source }
    if isWholeFile {
      skipped.append(SkippedInput(file: survey.files[file].path, reason: reason, help: help))
    } else {
      for dataset in orderedUnique(layers.map { survey.layers[$0].dataset }) {
        skipped.append(
          SkippedInput(
            file: survey.files[file].path, object: dataset, reason: reason, help: help))
      }
    }
    for layer in layers { leaveOut(layer) }
  }

  private mutating func leaveOut(_ layer: Int) {
    matrices[layer] = nil
    unread.remove(layer)
  }

  private func orderedUnique(_ names: [String]) -> [String] {
    var seen: Set<String> = []
    return names.filter { seen.insert($0).inserted }
  }

  /// Leaves out one layer.
  mutating func refuse(layer: Int, _ reason: String, help: String? = nil) {
    let item = survey.layers[layer]
    skipped.append(
      SkippedInput(
        file: survey.files[item.file].path,
        object: item.dataset + (item.slice.map { "[layer \($0)]" } ?? ""), reason: reason,
        help: help))
    leaveOut(layer)
  }

  /// Such as `resnet/conv1`.
  func name(of layer: Int) -> String {
    "\(survey.models[survey.layers[layer].model].name)/\(survey.layers[layer].name)"
  }
}
