import HDF5

/// One group a sample: `sample_0/hidden_states`, or an image's path with its local features.
extension RestatedFile {
  /// The groups that directly hold datasets, by the group around them.
  private var groupsOfSamples: [(parent: String, samples: [ObjectOutline])] {
    var children: [String: [ObjectOutline]] = [:]
    let withData = Set(datasets.map(\.group))
    for group in groups where group.path != "/" && withData.contains(group.path) {
      // Local features of hloc: the path of the image may nest.
      let names = Set(datasets(in: group.path).map(\.name))
      let isLocal =
        names.contains("descriptors") && names.contains("keypoints")
        || names.contains("global_descriptor")
      children[isLocal ? "/" : group.group, default: []].append(group)
    }
    return children.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// One group a sample with values and feature numbers of what is not zero.
  mutating func restateSparseSamples() {
    for (parent, groups) in groupsOfSamples where groups.count > 1 {
      var samples: [(group: ObjectOutline, values: ObjectOutline, indices: ObjectOutline)] = []
      for group in groups {
        let members = datasets(in: group.path)
        guard
          let values = members.first(where: {
            $0.isFloat && ["activations", "values", "data", "acts"].contains($0.name)
          }),
          let indices = members.first(where: { $0.isWhole && $0.name == "indices" }),
          values.shape.count == 1, values.shape == indices.shape
        else { continue }
        samples.append((group, values, indices))
      }
      guard samples.count == groups.count else { continue }
      let sorted = samples.sorted { NaturalOrder.precedes($0.group.name, $1.group.name) }
      let around = surroundings(of: sorted[0].group.path)
      let declared = around[
        "n_features", "num_features", "d_sae", "dict_size", "n_latents", "num_latents", "width"]?
        .wholeNumber
      let largest = sorted.compactMap { wholeNumbers($0.indices.path)?.max() }.max() ?? -1
      let columns = declared ?? largest + 1
      let stored = sorted.reduce(0) { $0 + ($1.values.shape.first ?? 0) } * 8
      guard columns > largest, columns > 0, columns <= 1 << 28,
        columns * sorted.count <= 8 << 20 || columns * sorted.count / 1000 <= stored
      else {
        skipped.append(
          SkippedInput(
            file: file.path, object: parent,
            reason: "sparse samples whose feature numbers reach \(largest) of \(columns)"))
        absorb(sorted.flatMap { [$0.group.path, $0.values.path, $0.indices.path] })
        continue
      }
      let path = (parent == "/" ? "" : parent) + "/activations"
      add(
        path, shape: [sorted.count, columns], type: .float64,
        .sparseSamples(
          sorted.map { SparseSample(values: source($0.values), indices: source($0.indices)) }),
        like: sorted[0].values,
        axes: Axes(dims: Dims("n d"), evidence: "one group a sample, sparse"))
      if declared == nil {
        notes.add(
          "The number of features of sparse samples was taken from the largest index",
          "\(file.name)\(path): \(columns)")
      }
      identify(sorted.map(\.group), in: parent)
      absorb(sorted.flatMap { [$0.group.path, $0.values.path, $0.indices.path] })
    }
  }

  mutating func restateSampleGroups() {
    for (parent, groups) in groupsOfSamples where groups.count > 1 && areSamples(groups) {
      let ordered =
        groups.allSatisfy(\.inCreationOrder)
        ? groups : groups.sorted { NaturalOrder.precedes($0.path, $1.path) }
      // A sample without any position has no activations.
      let sorted = ordered.filter { group in
        !datasets(in: group.path).contains { $0.isFloat && $0.shape.contains(0) }
      }
      guard sorted.count > 1 else { continue }
      if sorted.count < ordered.count {
        notes.add(
          "Samples without any position were left out",
          "\(file.name): \(ordered.count - sorted.count) of \(ordered.count)")
        let kept = Set(sorted.map(\.path))
        absorb(
          ordered.filter { group in !kept.contains(group.path) }
            .flatMap { group in [group.path] + datasets(in: group.path).map(\.path) })
      }
      var names: [String] = []
      var known: Set<String> = []
      for group in sorted {
        for member in datasets(in: group.path) where known.insert(member.name).inserted {
          names.append(member.name)
        }
      }
      let prefix = parent == "/" ? "" : parent
      if let reason = sparseLike(sorted) {
        skipped.append(
          SkippedInput(
            file: file.path, object: parent, reason: reason,
            help: "write dense rows, or one-dimensional values and indices for each sample"))
        absorb(sorted.flatMap { group in [group.path] + datasets(in: group.path).map(\.path) })
        continue
      }
      var hasIDs = false
      // Beside descriptors the scores and sizes are about keypoints and images.
      let isLocal = names.contains("descriptors") || names.contains("global_descriptor")
      let features = names.filter {
        isLocal ? $0.contains("descriptor") : !SampleListName.isNoLayer($0)
      }
      for name in features {
        let members = sorted.map { object("\($0.path)/\(name)") }
        guard members.contains(where: { $0?.isFloat == true && $0?.shape.isEmpty == false }) else {
          continue
        }
        let stack = SampleStack(
          path: "\(prefix)/\(name)", members: members.compactMap { $0 },
          masks: sorted.map { mask(in: $0) })
        if members.contains(where: { $0 == nil }) {
          let lacking = members.count { $0 == nil }
          leaveOut(
            "\(prefix)/\(name)", "\(lacking) of \(sorted.count) samples lack it", isFault: true,
            help: "write it for every sample")
          continue
        }
        if restate(stack, isLocal: name == "descriptors") && !hasIDs {
          identify(sorted, in: parent)
          hasIDs = true
        }
      }
      absorb(
        sorted.flatMap { group in [group.path] + datasets(in: group.path).map(\.path) })
    }
  }

  /// Why groups hold values of a sparse code with several axes, if they do.
  private func sparseLike(_ groups: [ObjectOutline]) -> String? {
    guard let first = groups.first else { return nil }
    let members = datasets(in: first.path)
    let pair = members.first { indices in
      indices.isWhole && ["ind", "idx"].contains { indices.name.lowercased().contains($0) }
        && members.contains { $0.isFloat && $0.shape == indices.shape }
    }
    return pair.map { "values with feature numbers (\($0.name)) in an array of several axes" }
  }

  private func mask(in group: ObjectOutline) -> ObjectOutline? {
    datasets(in: group.path).first {
      ["mask", "attention_mask"].contains($0.name.lowercased()) && $0.shape.count == 1
    }
  }

  /// Whether sibling groups are samples instead of models or layers.
  private func areSamples(_ groups: [ObjectOutline]) -> Bool {
    let members = groups.map { datasets(in: $0.path) }
    let keys = [
      "id", "sample_id", "image", "image_id", "image_path", "stimulus", "prompt", "label",
    ]
    if groups.allSatisfy({ group in keys.contains { group.attributes[$0] != nil } }) { return true }
    let floats = members.map { $0.filter(\.isFloat) }
    guard floats.allSatisfy({ !$0.isEmpty }) else { return false }
    if members.allSatisfy({ $0.contains { ["keypoints", "global_descriptor"].contains($0.name) } })
    {
      return true
    }
    if groups.allSatisfy({ SampleName.isSample($0.name) }) { return true }
    guard groups.allSatisfy({ $0.name.allSatisfy(\.isNumber) }) else { return false }
    // Numbered groups: layers have the same number of samples, samples the same number of features.
    let shared = floats[0].map(\.name).first { name in
      floats.allSatisfy { $0.contains { $0.name == name } }
    }
    guard let shared else { return false }
    let shapes = floats.compactMap { $0.first { $0.name == shared }?.shape }
    if shapes.allSatisfy({ $0.count == 1 }) { return Set(shapes).count == 1 }
    return Set(shapes).count > 1 && Set(shapes.map(\.last)).count == 1
      && Set(shapes.map(\.count)).count == 1
  }

  /// Ids from attributes of the groups, else from their names; labels from attributes.
  private mutating func identify(_ groups: [ObjectOutline], in parent: String) {
    let keys = ["id", "sample_id", "image_id", "image", "image_path", "path", "name", "stimulus"]
    var ids = groups.map { group in
      parent == "/"
        ? String(group.path.dropFirst()) : String(group.path.dropFirst(parent.count + 1))
    }
    for key in keys {
      let found = groups.compactMap { $0.attributes[key]?.text }
      if found.count == groups.count, Set(found).count == found.count {
        ids = found
        break
      }
    }
    addIDs(ids, in: parent)
    let labels = groups.compactMap { $0.attributes["label"]?.wholeNumber }
    if labels.count == groups.count { addLabels(labels, in: parent) }
  }
}

/// Names that only samples have.
enum SampleName {
  private static let kinds: Set<String> = [
    "sample", "item", "stimulus", "stim", "image", "img", "sentence", "sent", "prompt", "example",
    "trial", "doc", "document", "text", "sequence", "seq", "video", "clip", "frame", "question",
  ]
  private static let endings = [
    ".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp", ".gif", ".mp4", ".avi", ".wav",
    ".txt",
  ]

  /// `sample_12`, `img0003`, `cat.jpg`.
  static func isSample(_ name: String) -> Bool {
    let name = name.lowercased()
    if endings.contains(where: name.hasSuffix) { return true }
    let word = name.prefix { $0.isLetter }
    let rest = name.dropFirst(word.count)
    return kinds.contains(String(word)) && !rest.isEmpty
      && rest.allSatisfy { $0.isNumber || "_-= ".contains($0) }
  }
}
