import HDF5
import LinearAlgebra

/// The steps from files to a ``Survey``; each adds to what the next one needs.
struct SurveyBuilder {
  /// The files that were found; once their outlines are read, with several that make one as one.
  private(set) var files: [FoundFile]
  private(set) var reader: any FileReading
  var options: ReadingOptions
  var skipped: [SkippedInput]
  var notes: NoteBook

  /// A dataset on its way to be a layer.
  struct Entry {
    var file: Int
    var candidate: Candidate
    /// The index in ``models``.
    var model: Int
    var name: String
    /// The lists of sample ids that may belong to it, the most likely first.
    var ids: [SampleList]
    var labels: [SampleList]
  }

  var contents: [FileContents] = []
  var entries: [Entry] = []
  var models: [ModelRecord] = []
  /// The names of the models before collisions were resolved.
  var baseNames: [String] = []
  var modelFiles: [Int] = []
  var rowSources = RowSources()
  private var views: ViewTable = [:]
  private var members: [String: [InputFile]] = [:]

  init(
    files: [FoundFile], skipped: [SkippedInput], notes: NoteBook, options: ReadingOptions,
    reader: any FileReading
  ) {
    self.files = files
    self.skipped = skipped
    self.notes = notes
    self.options = options
    self.reader = DumpReader(hdf5: reader)
  }

  mutating func build() throws -> Survey {
    let frozen = try options.layout.map { try LayoutFile(file: $0) }
    frozen?.apply(to: &options)
    try readOutlines()
    var layers: [Survey.Layer]
    if let frozen {
      layers = replay(frozen)
    } else {
      try nameModels()
      layers = try decideAxes()
    }
    layers = layers.filter { layer in
      options.selects("\(models[layer.model].name)/\(layer.name)")
    }
    layers.sort { ($0.model, $0.order) < ($1.model, $1.order) }
    guard !layers.isEmpty else { throw nothingFound() }
    return survey(of: layers)
  }

  private mutating func readOutlines() throws {
    let outlines = try Parallel.map(count: files.count, threads: 4) { [files, reader] index in
      Result { try reader.outline(of: files[index].path) }
    }
    var read: [RestatedFile] = []
    for (file, outline) in zip(files, outlines) {
      switch outline {
      case .success(let outline) where outline.isResultOfThisToolkit:
        skipped.append(
          SkippedInput(
            file: file.path, reason: "results of an earlier run, not activations", isFault: false))
      case .success(let outline):
        var restated = RestatedFile(outline, file: file, reader: reader, options: options)
        restated.restate()
        read.append(restated)
      case .failure(let error):
        let nothing = FileOutline(file: file.path, objects: [], notes: [])
        read.append(RestatedFile(nothing, file: file, reader: reader, options: options))
        read[read.count - 1].skipped.append(SkippedInput(error, file: file.path))
      }
    }
    for restated in read { views[restated.file.path] = restated.views }
    reader = ViewReader(base: reader, views: views)
    read = FileAssembly.assembled(read, reader: reader)
    for restated in read {
      views[restated.file.path] = restated.views
      guard !restated.members.isEmpty else { continue }
      members[restated.file.path] = restated.members.map {
        InputFile(path: $0.path, bytes: $0.bytes, sha256: "")
      }
    }
    if let base = (reader as? ViewReader)?.base { reader = ViewReader(base: base, views: views) }
    files = read.map(\.file)
    contents = read.map { FileContents($0) }
    for content in contents {
      skipped += content.skipped
      notes.add(content.notes)
      if content.candidates.isEmpty && content.skipped.isEmpty {
        skipped.append(
          SkippedInput(
            file: content.file.path, reason: "no dataset of two or more axes",
            help: "`universality snippet` shows how to write a dump"))
      }
    }
  }

  /// Tells the models apart, collects what is known about them, and lists the layers.
  private mutating func nameModels() throws {
    var attributes: [Attributes] = []
    for (index, content) in contents.enumerated() where !content.candidates.isEmpty {
      let naming = ModelNaming(content)
      let offset = attributes.count
      for model in naming.models {
        attributes.append(model.attributes)
        baseNames.append(model.name)
        modelFiles.append(index)
        models.append(
          ModelRecord(
            name: model.name,
            source: content.file.path + (naming.models.count > 1 ? ":\(model.group)" : "")))
      }
      let explicitIDs = try idsByOption(in: content)
      let ids = SampleLists(explicitIDs ?? content.ids)
      let relevant = explicitIDs == nil ? ids.relevant(for: content.candidates) : ids
      for list in explicitIDs == nil ? ids.misfits(for: content.candidates) : [] {
        notes.add(
          "Sample ids that fit no axis of the layers beside them, and were not used",
          "\(content.file.path)\(list.path) (\(list.length) entries)")
      }
      let labels = SampleLists(content.labels).relevant(for: content.candidates)
      let own = Set(content.ownIDs.values)
      for (candidate, layer) in zip(content.candidates, naming.layers) {
        let mine = content.ownIDs[candidate.path]
        let found = relevant.scope(of: candidate).filter { list in
          mine == nil ? !own.contains(list.path) : mine == list.path
        }
        entries.append(
          Entry(
            file: index, candidate: candidate, model: offset + layer.model, name: layer.name,
            ids: explicitIDs ?? found, labels: labels.scope(of: candidate)))
      }
    }
    let names = NameCollisions.resolved(
      baseNames, files: modelFiles.map { files[$0] }, notes: &notes)
    let table = try options.metadata.map { try MetadataTable(file: $0) }
    for column in table?.unknownColumns ?? [] {
      notes.add("Columns of the metadata table that mean nothing here", column)
    }
    for (model, cells) in table?.rows ?? [] {
      let matches = names.indices.filter {
        names[$0] == model || baseNames[$0] == model || files[modelFiles[$0]].stem == model
      }
      let exact = matches.filter { names[$0] == model }
      if matches.isEmpty {
        notes.add("Models of the metadata table that are not in the run", model)
      }
      for index in exact.isEmpty ? matches : exact {
        attributes[index] = attributes[index].overlaid(with: cells.mapValues { .string($0) })
      }
    }
    let hasFamily = attributes.contains { $0["family", "architecture_family"] != nil }
    for index in models.indices {
      models[index] = ModelRecord(
        name: names[index], baseName: baseNames[index], attributes: attributes[index],
        usesArchitectureAsFamily: !hasFamily, source: models[index].source, notes: &notes)
    }
    CheckpointSearch.mark(&models, baseNames: baseNames)
  }

  /// The list that `--ids` names, `nil` without that option.
  private mutating func idsByOption(in content: FileContents) throws -> [SampleList]? {
    switch options.ids {
    case .found: return nil
    case .positional: return []
    case .dataset(let path):
      let full = path.hasPrefix("/") ? path : "/" + path
      let lists = content.ids + content.labels + content.otherLists
      guard var list = lists.first(where: { $0.path == full })
      else {
        let available = NoteBook.abridged(content.ids.map(\.path), separator: ", ")
        throw ReadingError.badOption(
          option: "--ids", reason: "\(content.file.path) has no list of ids at \(full)",
          help: available.isEmpty
            ? "name a one-dimensional dataset of strings or whole numbers that every dump has"
            : "its lists are \(available)")
      }
      list.isNamedByUser = true
      return [list]
    }
  }

  private func nothingFound() -> ReadingError {
    let faults = skipped.filter(\.isFault)
    let first = faults.first ?? skipped.first
    let cause = first.map { item in
      let place = item.object.map { "\(item.file)\($0)" } ?? item.file
      let more = faults.count > 1 ? " (and \(faults.count - 1) more)" : ""
      return ": \(place): \(item.reason)\(more)"
    }
    let isUnselected = !entries.isEmpty && faults.isEmpty
    return .nothingUsable(
      reason: isUnselected
        ? "--select and --exclude leave no layer" : "no usable activations" + (cause ?? ""),
      help: isUnselected
        ? "they are globs on model/layer, such as 'resnet*/conv?'"
        : first?.help ?? "`universality inspect` lists what each file holds",
      skipped: skipped)
  }

  /// The survey with the models and files that still have layers, numbered anew.
  private mutating func survey(of layers: [Survey.Layer]) -> Survey {
    var layers = layers
    let keptModels = Set(layers.map(\.model)).sorted()
    let keptFiles = Set(layers.map(\.file)).sorted()
    var sources = rowSources.list
    let modelIndex = Dictionary(uniqueKeysWithValues: keptModels.enumerated().map { ($1, $0) })
    let fileIndex = Dictionary(uniqueKeysWithValues: keptFiles.enumerated().map { ($1, $0) })
    for index in layers.indices {
      layers[index].model = modelIndex[layers[index].model] ?? 0
      layers[index].file = fileIndex[layers[index].file] ?? 0
    }
    for index in sources.indices { sources[index].file = fileIndex[sources[index].file] ?? 0 }
    let ofFile = Dictionary(grouping: layers, by: \.file)
    var inputs = keptFiles.enumerated().map { index, file in
      InputFile(
        path: files[file].path, bytes: files[file].bytes, sha256: "",
        dataChecksums: Survey.checksummedDatasets(ofFile[index] ?? []))
    }
    noteIdenticalFiles(&inputs)
    return Survey(
      options: options, files: inputs, models: keptModels.map { models[$0] }, layers: layers,
      skipped: skipped, rowSources: sources, views: views, members: members,
      noteBook: notes)
  }

  /// Digests the files that have a twin of equal size which agrees in some places, and notes those
  /// that are the same.
  private mutating func noteIdenticalFiles(_ inputs: inout [InputFile]) {
    let sizes = Dictionary(grouping: inputs.indices, by: { inputs[$0].bytes })
    var digests: [String: [Int]] = [:]
    let twins = sizes.values.filter { $0.count > 1 }.flatMap { group in
      Dictionary(grouping: group, by: { Fingerprint.sample(ofFile: inputs[$0].path) })
        .values.filter { $0.count > 1 }.joined()
    }
    for index in twins.sorted() {
      guard let digest = Fingerprint.sha256(ofFile: inputs[index].path) else { continue }
      inputs[index].sha256 = digest
      digests[digest, default: []].append(index)
    }
    for group in digests.values.filter({ $0.count > 1 }).sorted(by: { $0[0] < $1[0] }) {
      notes.add(
        "Files with the same bytes (one model under several names?)",
        group.map { inputs[$0].path }.joined(separator: " = "))
    }
  }
}

extension Survey {
  /// The number of datasets whose data carry checksums.
  fileprivate static func checksummedDatasets(_ layers: [Layer]) -> Int {
    // 3 is the number of the filter Fletcher32.
    Set(layers.filter { $0.storage.filters.contains { $0.id == 3 } }.map(\.dataset)).count
  }
}

extension ReadingOptions {
  /// Whether `--select` and `--exclude` keep a layer, given as `model/layer`.
  func selects(_ name: String) -> Bool {
    (select.isEmpty || select.contains { Glob($0).matches(name) })
      && !exclude.contains { Glob($0).matches(name) }
  }
}

extension SkippedInput {
  /// A skipped file or object from the failure to read it.
  init(_ error: any Error, file: String, object: String? = nil) {
    guard let failure = error as? FileFailure else {
      self.init(file: file, object: object, reason: "\(error)")
      return
    }
    self.init(
      file: file, object: object ?? failure.object,
      reason: failure.reason + (failure.detail.map { " (\($0))" } ?? ""), help: failure.help)
  }
}

extension FileOutline {
  /// Whether this is the `results.nc` of a report, which may lie in the folder of the dumps.
  fileprivate var isResultOfThisToolkit: Bool {
    guard case .string(let source)? = objects.first?.attributes["source"] else { return false }
    return source.hasPrefix("Universality ")
      && objects.contains { $0.path == "/similarity" && $0.dataset != nil }
  }
}
