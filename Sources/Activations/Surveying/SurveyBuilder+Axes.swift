import HDF5

extension SurveyBuilder {
  /// Decides what the axes of every dataset mean, and makes layers of them.
  ///
  /// - Throws: ``ReadingError/ambiguous(_:)`` with all that stays open and is selected.
  mutating func decideAxes() throws -> [Survey.Layer] {
    var items: [AxisEvidence.Item] = []
    for entry in entries {
      items.append(
        AxisEvidence.Item(
          candidate: entry.candidate, model: entry.model, explicit: try explicitDims(of: entry),
          lists: entry.ids + entry.labels, isMATLAB: contents[entry.file].isMATLAB,
          open: contents[entry.file].openAxes[entry.candidate.path]
        ).inWritingOrder)
    }
    noteUnusedRules()
    let byFile = Dictionary(grouping: entries.indices, by: { entries[$0].file })
    let established = byFile.mapValues { AxisEvidence.established(by: $0.map { items[$0] }) }
    var verdicts: [AxisEvidence.Verdict?] = Array(repeating: nil, count: entries.count)
    for (file, members) in byFile {
      let others = established.filter { $0.key != file }.values.reduce(into: Set()) {
        $0.formUnion($1)
      }
      let evidence = AxisEvidence(items: members.map { items[$0] }, established: others)
      for (member, verdict) in zip(members, evidence.verdicts()) { verdicts[member] = verdict }
    }
    RankFour.settle(&verdicts, items)
    for index in verdicts.indices where items[index].isMATLAB {
      verdicts[index] = verdicts[index]?.inStoredOrder
    }
    try refuseAmbiguity(verdicts)

    var drafts: [Survey.Layer] = []
    var placing: [LayerOrder.Entry] = []
    for (index, entry) in entries.enumerated() {
      guard let (dims, evidence) = decided(verdicts[index], of: entry) else { continue }
      let slices = dims.layerAxis.map { entry.candidate.shape[$0] }
      for slice in 0..<(slices ?? 1) {
        let numbers = contents[entry.file].sliceNumbers[entry.candidate.path]
        let name = slices == nil ? entry.name : "\(entry.name).\(numbers?[slice] ?? slice)"
        guard
          let layer = layer(entry, name: name, slice: slices == nil ? nil : slice, dims, evidence)
        else { break }
        drafts.append(layer)
        placing.append(
          LayerOrder.Entry(
            name: name, attributes: entry.candidate.attributes,
            inCreationOrder: entry.candidate.inCreationOrder, position: entry.candidate.position,
            slice: slice))
      }
    }
    let byModel = Dictionary(grouping: drafts.indices, by: { drafts[$0].model })
    for (model, members) in byModel.sorted(by: { $0.key < $1.key }) {
      if LayerOrder.isDoubtful(members.map { placing[$0] }) {
        notes.add(
          "Layers were ordered by name, which need not be their order in the network (an attribute "
            + "'order' tells it)", models[model].name)
      }
      for (member, place) in zip(members, LayerOrder.placed(members.map { placing[$0] })) {
        drafts[member].order = place.order
        drafts[member].depth = place.depth
      }
    }
    return drafts
  }

  /// What the user or the file itself says about the axes of a dataset.
  private mutating func explicitDims(of entry: Entry) throws -> (dims: Dims, evidence: String)? {
    let candidate = entry.candidate
    for rule in options.dims.reversed()
    where rule.dims.count == candidate.rank && applies(rule, to: entry) {
      let dims = Dims(rule.dims)
      if let fault = dims.fault(rank: candidate.rank) {
        throw ReadingError.badOption(
          option: "--dims", reason: fault,
          help: "one letter an axis: n samples, c or d features, l layers, others positions")
      }
      return (dims, "--dims '\(rule.glob)=\(dims.text)'")
    }
    if let axes = contents[entry.file].axesByLayout[candidate.path] {
      return (axes.dims, axes.evidence)
    }
    if let value = candidate.attributes["dims", "axes", "dim_names"] {
      if let dims = Dims(attribute: value, rank: candidate.rank) {
        return (dims, "attribute 'dims'")
      }
      notes.add(
        "Names of axes that do not describe the dataset were not used",
        "\(files[entry.file].name)\(candidate.path) (\(value.words) for \(candidate.shapeText))")
    }
    let group = "/" + candidate.components.dropLast().joined(separator: "/")
    if let path = contents[entry.file].axes[group],
      let words = try? reader.strings(in: path, of: files[entry.file].path),
      words.count == candidate.rank
    {
      let dims = Dims(words: words.map { $0.trimmed.lowercased() })
      if dims.fault(rank: candidate.rank) == nil { return (dims, "the dataset \(path)") }
    }
    return nil
  }

  private func applies(_ rule: DimsRule, to entry: Entry) -> Bool {
    let glob = Glob(rule.glob)
    let file = files[entry.file]
    let path = entry.candidate.path
    let names = [models[entry.model].name, baseNames[entry.model], file.stem, file.name]
    return names.contains { glob.matches("\($0)/\(entry.name)") }
      || [path, String(path.dropFirst()), file.stem + path, file.name + path, file.path + path]
        .contains { glob.matches($0) }
  }

  private mutating func noteUnusedRules() {
    for rule in options.dims {
      let isUsed =
        entries.contains { $0.candidate.rank == rule.dims.count && applies(rule, to: $0) }
        || contents.contains { $0.usedRules.contains(rule.dims) }
      if !isUsed {
        notes.add(
          "Rules of --dims that no dataset of that many axes fits",
          "\(rule.glob)=\(Dims(rule.dims).text)")
      }
    }
  }

  private func refuseAmbiguity(_ verdicts: [AxisEvidence.Verdict?]) throws {
    struct Key: Hashable {
      var model: Int
      var choices: [String]
    }
    var order: [Key] = []
    var found: [Key: ReadingError.Ambiguity] = [:]
    for (entry, verdict) in zip(entries, verdicts) {
      guard case .ambiguous(let reason, let choices) = verdict,
        options.selects("\(models[entry.model].name)/\(entry.name)")
      else { continue }
      let key = Key(model: entry.model, choices: choices.map(\.text))
      let model = models[entry.model].name
      if found[key] == nil {
        order.append(key)
        found[key] = ReadingError.Ambiguity(
          file: files[entry.file].path, model: model, datasets: [], reason: reason,
          choices: choices.map { DimsRule(glob: "\(Glob.literal(model))/*", dims: $0.letters) })
      }
      found[key]?.datasets.append("\(entry.candidate.path) (\(entry.candidate.shapeText))")
    }
    guard order.isEmpty else { throw ReadingError.ambiguous(order.compactMap { found[$0] }) }
  }

  /// The axes and the evidence of a dataset, or `nil` (and a skipped input) if it has none.
  private mutating func decided(
    _ verdict: AxisEvidence.Verdict?, of entry: Entry
  ) -> (Dims, String)? {
    switch verdict {
    case .decided(let dims, let evidence):
      if dims.letters == ["d", "n"] && !evidence.hasPrefix("--dims") && !evidence.hasPrefix("attr")
      {
        notes.add(
          "Read as features × samples",
          "\(files[entry.file].name)\(entry.candidate.path) (\(evidence))"
        )
      }
      if evidence.contains("assumed") {
        notes.add(
          "Axes were assumed, not told by the file; check with `universality inspect`",
          "\(files[entry.file].name)\(entry.candidate.path) (\(dims.text))")
      }
      return (dims, evidence)
    case .mismatch(let reason):
      skipped.append(
        SkippedInput(
          file: files[entry.file].path, object: entry.candidate.path, reason: reason,
          help: "dump this layer again on all samples"))
      return nil
    case .ambiguous, nil: return nil
    }
  }

  /// A layer whose place in its model is not known yet; `nil` (and a skipped input) if its rows
  /// cannot be joined.
  private mutating func layer(
    _ entry: Entry, name: String, slice: Int?, _ dims: Dims, _ evidence: String
  ) -> Survey.Layer? {
    let shape = entry.candidate.shape
    let samples = dims.sampleAxis.map { shape[$0] } ?? 0
    let file = files[entry.file]
    let isNamed = options.ids != .found && options.ids != .positional
    if isNamed, let list = entry.ids.first, list.length != samples {
      skipped.append(
        SkippedInput(
          file: file.path, object: entry.candidate.path,
          reason: "\(samples) samples, but \(list.length) ids in \(list.path)"))
      return nil
    }
    let source = rowSources.index(
      file: entry.file, label: file.name, count: samples,
      ids: entry.ids.filter { $0.length == samples },
      labels: entry.labels.first { $0.length == samples }, path: file.path, reader: reader,
      skipped: &skipped)
    return Survey.Layer(
      file: entry.file, dataset: entry.candidate.path, slice: slice, model: entry.model,
      name: name, order: 0, depth: 0,
      isOutput: LayerOrder.isOutput(name: name, kind: entry.candidate.kind), shape: shape,
      dims: dims.text, evidence: evidence,
      features: dims.features(of: shape)
        * (options.pooling == .flatten ? dims.positions(of: shape) : 1),
      samples: samples, positions: dims.positions(of: shape), ids: source.ids,
      labels: source.labels, storage: entry.candidate.outline, rows: source.index)
  }
}
