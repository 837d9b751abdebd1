import HDF5

/// What the axes of the datasets of a file mean, and why.
///
/// The evidence, strongest first: what the user or the file says, the number of sample ids or
/// labels, the number of samples that other datasets and files of the run agree on, and last the
/// custom that samples come first. What evidence does not settle is left ambiguous.
struct AxisEvidence: Sendable {
  enum Verdict: Sendable, Equatable {
    case decided(Dims, evidence: String)
    /// No axis has as many entries as there are samples.
    case mismatch(reason: String)
    case ambiguous(reason: String, choices: [Dims])
  }

  /// One dataset with everything that is known about it beforehand.
  struct Item: Sendable {
    var candidate: Candidate
    /// The model it belongs to (any number that is unique in the run).
    var model: Int
    /// What the user, a layout file or the file itself says.
    var explicit: (dims: Dims, evidence: String)?
    /// The lists of ids, then those of labels, that go with its samples.
    var lists: [SampleList]
    /// Whether the file keeps the axes in reverse order.
    var isMATLAB: Bool
    /// What a layout leaves for the user to decide.
    var open: RestatedFile.OpenAxes?
  }

  /// The sample axis of a dataset with the evidence, and whether more than custom speaks for it.
  enum SampleAxis: Equatable {
    case axis(Int, evidence: String, isStrong: Bool)
    case mismatch(String)
    case transposedOrNot(String)
  }

  let items: [Item]
  /// The numbers of samples that other files of the run establish.
  let established: Set<Int>
  private let company: Company

  init(items: [Item], established: Set<Int>) {
    self.items = items
    self.established = established
    company = Company(of: items, established: established)
  }

  /// The numbers of samples that a file establishes for others: by explicit axes, ids or labels, or
  /// as the common first axis of several datasets that differ in the second.
  static func established(by items: [Item]) -> Set<Int> {
    var counts: Set<Int> = []
    for item in items {
      if let axis = item.explicit?.dims.sampleAxis {
        counts.insert(item.candidate.shape[axis])
      } else if let list = item.lists.first(where: { item.candidate.sampleAxis(for: $0) != nil }) {
        counts.insert(list.length)
      }
    }
    if counts.isEmpty, let first = items.first?.candidate.shape[0],
      items.allSatisfy({ $0.candidate.shape[0] == first }),
      Set(items.map { $0.candidate.shape[1] }).count > 1
    {
      counts.insert(first)
    }
    return counts
  }

  /// A verdict on every dataset, except that convolutions whose layout stays open are `nil`.
  func verdicts() -> [Verdict?] {
    items.map { item in
      if let (dims, evidence) = item.explicit { return .decided(dims, evidence: evidence) }
      if let open = item.open { return .ambiguous(reason: open.reason, choices: open.choices) }
      let axis = sampleAxis(of: item)
      if case .mismatch(let reason) = axis { return .mismatch(reason: reason) }
      switch item.candidate.rank {
      case 2: return matrix(item, axis)
      case 3: return RankThree.verdict(item, axis, established: established)
      case 4: return RankFour.verdict(item, axis)
      default:
        return .ambiguous(
          reason:
            "\(item.candidate.rank) axes (\(item.candidate.shapeText)) could mean many things",
          choices: [
            Dims(["n", "c"] + "thwxyz".prefix(item.candidate.rank - 2).map { $0 }),
            Dims(["n"] + "thwxyz".prefix(item.candidate.rank - 2).map { $0 } + ["c"]),
          ])
      }
    }
  }

  private func matrix(_ item: Item, _ axis: SampleAxis) -> Verdict {
    switch axis {
    case .axis(let axis, let evidence, _):
      return .decided(Dims(axis == 0 ? "n d" : "d n"), evidence: evidence)
    case .mismatch(let reason): return .mismatch(reason: reason)
    case .transposedOrNot(let reason):
      return .ambiguous(reason: reason, choices: [Dims("d n"), Dims("n d")])
    }
  }

  /// Which axis of a dataset counts samples.
  func sampleAxis(of item: Item) -> SampleAxis {
    let shape = item.candidate.shape
    if let list = item.lists.first(where: { $0.length == shape[0] }) {
      return .axis(0, evidence: "axis 0 has as many entries as \(list.path)", isStrong: true)
    }
    for list in item.lists {
      guard let axis = item.candidate.sampleAxis(for: list) else { continue }
      return .axis(
        axis, evidence: "axis \(axis) has as many entries as \(list.path)", isStrong: true)
    }
    if let list = item.lists.first {
      return .mismatch(
        "no axis of \(item.candidate.shapeText) has the \(list.length) entries of \(list.path)")
    }
    let around = item.candidate.surroundings.overlaid(with: item.candidate.attributes.values)
    let count = around["n_samples", "num_samples", "n_prompts", "n_examples", "n_stimuli"]?
      .wholeNumber
    let axes = shape.indices.filter { shape[$0] == count }
    if axes.count == 1 {
      return .axis(
        axes[0], evidence: "axis \(axes[0]) has the number of samples in an attribute",
        isStrong: true)
    }
    return sampleAxisByCompany(of: item)
  }

  /// Without ids: by the lengths that the other datasets of the file and the run have.
  private func sampleAxisByCompany(of item: Item) -> SampleAxis {
    let shape = item.candidate.shape
    if company.known.contains(shape[0]) {
      return .axis(0, evidence: "axis 0 has \(shape[0]) entries, as elsewhere", isStrong: true)
    }
    let second = shape[1]
    if shape.count == 2, company.known.contains(second), company.lasts.isSubset(of: [second]) {
      guard company.firsts.count > 1 else {
        return .transposedOrNot(
          "axis 1 has the \(second) samples of other files, axis 0 has \(shape[0]) entries: features × "
            + "samples, or as many features by chance")
      }
      return .axis(
        1, evidence: "axis 1 has \(second) entries, as elsewhere; axis 0 has not", isStrong: true)
    }
    if company.firsts.count == 1 {
      guard company.count > 1 else {
        return .axis(0, evidence: "samples come first by custom", isStrong: false)
      }
      let differ = company.seconds.count > 1
      return .axis(
        0, evidence: "axis 0 has \(shape[0]) entries in all \(company.count) datasets",
        isStrong: differ)
    }
    let isCommonSecond =
      company.count > 1 && company.areMatrices && company.seconds == [second]
    if isCommonSecond && company.known.isDisjoint(with: company.firsts.keys) {
      return .transposedOrNot(
        "axis 1 is \(second) in all \(company.count) datasets and axis 0 differs: features × samples, "
          + "or different samples")
    }
    let alike = company.firsts[shape[0]] ?? 0
    return .axis(
      0, evidence: "samples come first by custom (\(alike) of \(company.count) datasets agree)",
      isStrong: alike * 2 > company.count)
  }
}

/// Datasets of three axes: tokens, time steps, one-dimensional convolutions or stacks of layers.
enum RankThree {
  static func verdict(
    _ item: AxisEvidence.Item, _ axis: AxisEvidence.SampleAxis, established: Set<Int>
  ) -> AxisEvidence.Verdict {
    let candidate = item.candidate
    let shape = candidate.shape
    guard case .axis(let samples, let evidence, let isStrong) = axis else {
      return .ambiguous(reason: "its sample axis is open", choices: [Dims("n t d"), Dims("t n d")])
    }
    if samples == 0 {
      switch candidate.kind {
      case "tokens", "sequence", "token":
        return .decided(Dims("n t d"), evidence: "\(evidence); kind '\(candidate.kind ?? "")'")
      case "conv", "conv1d":
        return .decided(Dims("n c w"), evidence: "\(evidence); kind '\(candidate.kind ?? "")'")
      default: break
      }
    }
    let layers =
      candidate.attributes["n_layers", "num_layers"]
      ?? candidate.surroundings["n_layers", "num_layers"]
    let count = layers?.wholeNumber
    // Stacks of hidden states hold the embedding as well.
    func counts(_ size: Int) -> Bool { count == size || count.map { $0 + 1 } == size }
    let isSecond = counts(shape[1]) && !counts(shape[0])
    let isFirst = counts(shape[0]) && !counts(shape[1])
    if samples == 0 && isSecond && (isStrong || !established.contains(shape[1])) {
      return .decided(Dims("n l d"), evidence: "\(evidence); axis 1 has the number of layers")
    }
    if isFirst && (samples == 1 || !isStrong) {
      return .decided(Dims("l n d"), evidence: "axis 0 has the number of layers")
    }
    if samples == 0 && isStrong {
      return .decided(
        Dims("n t d"), evidence: "\(evidence); assumed: positions before features")
    }
    let isElsewhere = established.contains(shape[1])
    if samples == 1 || isElsewhere {
      return .ambiguous(
        reason:
          "axis 1 of \(candidate.shapeText) has the number of samples; axis 0 could be layers "
          + "or positions", choices: [Dims("l n d"), Dims("t n d")])
    }
    if samples == 2 {
      return .ambiguous(
        reason: "axis 2 of \(candidate.shapeText) has the number of samples",
        choices: [Dims("d t n"), Dims("t d n")])
    }
    return .ambiguous(
      reason: "\(candidate.shapeText) could be samples × layers × features, layers × samples × "
        + "features or samples × positions × features",
      choices: [Dims("n l d"), Dims("l n d"), Dims("n t d")])
  }
}

/// Datasets of four axes: images of convolutions, channels first (PyTorch) or last (TensorFlow).
enum RankFour {
  static let choices = [Dims("n c h w"), Dims("n h w c")]

  /// The verdict, or `nil` where the shape alone does not say which axis is the channel.
  static func verdict(
    _ item: AxisEvidence.Item, _ axis: AxisEvidence.SampleAxis
  ) -> AxisEvidence.Verdict? {
    let shape = item.candidate.shape
    guard case .axis(let samples, let evidence, _) = axis, samples == 0 else {
      return .ambiguous(
        reason: "the samples of \(item.candidate.shapeText) do not lie on axis 0",
        choices: [Dims("c n h w"), Dims("h w c n")])
    }
    if shape[2] == shape[3] && shape[1] != shape[2] {
      return .decided(
        Dims("n c h w"), evidence: "\(evidence); axes 2 and 3 are equal: height and width")
    }
    if shape[1] == shape[2] && shape[3] != shape[2] {
      return .decided(
        Dims("n h w c"), evidence: "\(evidence); axes 1 and 2 are equal: height and width")
    }
    return nil
  }

  /// Settles open verdicts by the other layers of the model, then of the run, then for
  /// convolutions by the order of PyTorch.
  static func settle(_ verdicts: inout [AxisEvidence.Verdict?], _ items: [AxisEvidence.Item]) {
    func unanimous(_ members: [Int]) -> Dims? {
      var found: [Dims] = []
      for index in members {
        if case .decided(let dims, _) = verdicts[index], choices.contains(dims) {
          found.append(dims)
        }
      }
      guard let first = found.first, found.allSatisfy({ $0 == first }) else { return nil }
      return first
    }
    let ofModel = Dictionary(grouping: items.indices, by: { items[$0].model })
      .mapValues { unanimous($0) }
    let ofRun = unanimous(Array(verdicts.indices))
    for index in verdicts.indices where verdicts[index] == nil {
      let item = items[index]
      if let dims = ofModel[item.model] ?? nil {
        verdicts[index] = .decided(dims, evidence: "as the other layers of the model")
      } else if let dims = ofRun {
        verdicts[index] = .decided(dims, evidence: "as the other models of the run")
      } else if item.candidate.kind?.hasPrefix("conv") == true {
        verdicts[index] = .decided(
          choices[0], evidence: "kind 'conv'; assumed: channels first, as PyTorch writes them")
      } else {
        verdicts[index] = .ambiguous(
          reason: "\(item.candidate.shapeText) does not show which axis holds the channels",
          choices: choices)
      }
    }
  }
}
