import Activations

extension ShardRecord {
  /// Why the results of two shards do not belong together, as a clause about this one; `nil` if they
  /// do.
  ///
  /// Paths may differ: shards of one batch can see the same files at different places.
  func difference(from other: ShardRecord) -> String? {
    if schema != other.schema { return "is of schema \(schema), not \(other.schema)" }
    if program.version != other.program.version {
      return "was made by version \(program.version), not \(other.program.version)"
    }
    if program.build != other.program.build {
      return "was made by another build of version \(program.version)"
    }
    if shards != other.shards { return "is one of \(shards) shards, not of \(other.shards)" }
    return request.difference(from: other.request) ?? differenceOfInputs(from: other)
      ?? differenceOfLayers(from: other)
  }

  private func differenceOfInputs(from other: ShardRecord) -> String? {
    guard inputs.count == other.inputs.count else {
      return "is about \(inputs.count) files, not \(other.inputs.count)"
    }
    for (mine, theirs) in zip(inputs, other.inputs) {
      let isRead = !mine.sha256.isEmpty && !theirs.sha256.isEmpty
      if mine.bytes != theirs.bytes || isRead && mine.sha256 != theirs.sha256 {
        return "has read another \(mine.path) (size or SHA-256 differ)"
      }
    }
    return nil
  }

  private func differenceOfLayers(from other: ShardRecord) -> String? {
    guard models.map(\.withoutSource) == other.models.map(\.withoutSource) else {
      return "knows other models, or other facts about them"
    }
    guard layers.count == other.layers.count else {
      return "knows \(layers.count) layers, not \(other.layers.count)"
    }
    guard sampleDigest == other.sampleDigest, alignment.samples == other.alignment.samples else {
      return "kept other samples (\(alignment.samples), not \(other.alignment.samples)): a file "
        + "could be read in one of them and not in the other"
    }
    for (index, (mine, theirs)) in zip(layers, other.layers).enumerated() {
      let name = name(ofLayer: index)
      guard mine.isSame(as: theirs) else { return "read \(name) in another way" }
      switch (mine.state, theirs.state) {
      case (.elsewhere, _), (_, .elsewhere): continue
      case (.leftOut, .leftOut): continue
      case (.leftOut, .read): return "had to leave out \(name), which the other has read"
      case (.read, .leftOut): return "has read \(name), which the other had to leave out"
      case (.read(let a), .read(let b)): if a != b { return "has other numbers in \(name)" }
      }
    }
    return nil
  }
}

extension ShardRecord.Request {
  fileprivate func difference(from other: Self) -> String? {
    if command != other.command { return "is of \(command), not of \(other.command)" }
    if metrics != other.metrics {
      return "has the metrics \(metrics.joined(separator: ", ")), not "
        + other.metrics.joined(separator: ", ")
    }
    if precision != other.precision {
      return "has --precision \(precision), not \(other.precision)"
    }
    if reading != other.reading { return "has read the files with other options" }
    for name in Set(options.keys).union(other.options.keys).sorted()
    where options[name] != other.options[name] {
      return "has --\(name) \(options[name] ?? "unset"), not \(other.options[name] ?? "unset")"
    }
    return nil
  }
}

extension ShardRecord.Layer {
  fileprivate func isSame(as other: Self) -> Bool {
    (model, name, order, isOutput) == (other.model, other.name, other.order, other.isOutput)
      && source.dataset == other.source.dataset && source.shape == other.source.shape
      && source.dims == other.source.dims && source.pooling == other.source.pooling
  }
}

extension ModelRecord {
  fileprivate var withoutSource: ModelRecord {
    var record = self
    record.source = ""
    return record
  }
}

extension ActivationSet.Alignment {
  fileprivate var samples: Int {
    switch self {
    case .joined(_, let samples, _), .positional(let samples): samples
    }
  }
}
