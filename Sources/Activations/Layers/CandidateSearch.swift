import HDF5

extension FileContents {
  /// What a file offers after layouts have been restated.
  init(_ restated: RestatedFile) {
    self.init(restated.outline, file: restated.file)
    axesByLayout = restated.axes
    openAxes = restated.open
    ownIDs = restated.ownIDs
    sliceNumbers = restated.sliceNumbers
    usedRules = restated.usedRules
    skipped = restated.skipped + skipped
    notes.add(restated.notes)
  }

  /// Sorts the datasets of a file: candidate layers, sample ids, labels, and what is neither, with
  /// the reason.
  init(_ outline: FileOutline, file: FoundFile) {
    self.file = file
    groups = [:]
    for object in outline.objects where object.dataset == nil {
      groups[object.path] = Attributes(values: object.attributes)
    }
    rootAttributes = groups["/"] ?? Attributes(values: [:])
    for note in outline.notes {
      notes.add("Not followed or not understood", "\(file.name): \(note)")
    }
    isMATLAB = outline.objects.contains { $0.attributes["MATLAB_class"] != nil }

    // Integers are taken for activations where the file has no floating-point matrix beside them.
    let hasFloats = outline.objects.contains {
      guard let dataset = $0.dataset, let shape = dataset.shape else { return false }
      return dataset.elementType.isFloatingPoint && shape.count >= 2
    }
    for (position, object) in outline.objects.enumerated() {
      guard let dataset = object.dataset else { continue }
      sort(object, dataset, position: position, hasFloats: hasFloats)
    }
  }

  private mutating func sort(
    _ object: ObjectOutline, _ dataset: DatasetOutline, position: Int, hasFloats: Bool
  ) {
    let names = object.path.split(separator: "/").map(String.init)
    let name = names.last ?? ""
    let group = "/" + names.dropLast().joined(separator: "/")
    let isAmongLayers = names.dropLast().contains(where: ContainerName.contains)
    func skip(_ reason: String, isFault: Bool, help: String? = nil) {
      skipped.append(
        SkippedInput(
          file: file.path, object: object.path, reason: reason, isFault: isFault, help: help))
    }

    guard let shape = dataset.shape else {
      skip("it has no data (a null dataspace)", isFault: dataset.elementType.isFloatingPoint)
      return
    }
    if object.attributes["CLASS"] == .string("DIMENSION_SCALE") && shape.count < 2
      && dataset.elementType != .string
    {
      skip("a dimension scale, not a layer", isFault: false)
      return
    }
    let list = SampleList(
      path: object.path, group: group, name: name, length: shape.first ?? 0,
      isText: dataset.elementType == .string)
    if shape.count == 1, shape[0] > 0, dataset.elementType == .string || dataset.elementType.isWhole
    {
      if dataset.elementType == .string && name.lowercased() == "axes" {
        axes[group] = object.path
        skip("the names of axes", isFault: false)
      } else if SampleListName.isLabels(name) && !list.isText {
        labels.append(list)
        skip("labels of the samples, not a layer", isFault: false)
      } else if SampleListName.rank(name, isText: list.isText) != nil {
        ids.append(list)
        skip("a list with an entry a sample, not a layer", isFault: false)
      } else {
        otherLists.append(list)
        skip("one axis of \(dataset.elementType.name)s, not a layer", isFault: false)
      }
      return
    }
    if shape.count == 1, shape[0] > 0, dataset.elementType.isFloatingPoint,
      (SampleListName.rank(name, isText: false) ?? 9) <= 1
    {
      // Ids as floating-point numbers: read as whole numbers, and refused if they are none.
      ids.append(list)
      notes.add("Sample ids stored as floating-point numbers", "\(file.name)\(object.path)")
      skip("a list with an entry a sample, not a layer", isFault: false)
      return
    }
    switch dataset.elementType {
    case .string:
      skip("text, not a layer", isFault: false)
      return
    case .complex:
      skip(
        "complex numbers; the metrics are defined for real ones", isFault: true,
        help: "write real and imaginary parts as separate features")
      return
    case .compound:
      skip("a table of compound records, not a matrix", isFault: shape.count >= 2)
      return
    case .variableLength:
      skip(
        "rows of varying length", isFault: true,
        help: "write one row a sample, padded or pooled to equal length")
      return
    case .opaque, .otherFloat, .other:
      skip(
        "elements of type \(dataset.elementType.name) cannot be read", isFault: true,
        help: "write float32 or float16")
      return
    case .float16, .float32, .float64, .smallFloat, .integer, .boolean: break
    }
    if shape.contains(0) {
      skip(
        "empty: its shape is (\(shape.map(String.init).joined(separator: ", ")))",
        isFault: dataset.elementType.isFloatingPoint)
      return
    }
    if shape.count < 2 {
      skip(
        shape.isEmpty
          ? "a single number, not a layer" : "one axis; a layer has samples and features",
        isFault: isAmongLayers && dataset.elementType.isFloatingPoint && !shape.isEmpty)
      return
    }
    switch dataset.storage {
    case .external:
      skip("its data lie in other files (external storage), which are never read", isFault: true)
      return
    case .virtual:
      skip(
        "a virtual dataset; the files it points to are never read through it", isFault: true,
        help: "name the source files themselves")
      return
    case .contiguous, .compact, .chunked: break
    }
    if dataset.declaresTooMuch {
      skip(
        "its shape (\(shape.map(String.init).joined(separator: ", "))) needs far more than the "
          + "\(dataset.storedBytes) bytes that the file stores for it", isFault: true,
        help: "the file is damaged, or the dataset was hardly written; write it again")
      return
    }
    if SampleListName.isNoLayer(name) {
      skip("by its name ('\(name)') not a layer", isFault: false)
      return
    }
    if dataset.elementType.isWhole {
      if SampleListName.isLabels(name) || SampleListName.rank(name, isText: false) != nil
        || object.attributes["MATLAB_class"] == .string("char")
      {
        skip("by its name and type not a layer", isFault: false)
        return
      }
      guard isAmongLayers || SampleListName.hintsAtActivations(name) || !hasFloats else {
        skip("whole numbers beside floating-point layers: taken for indices", isFault: false)
        return
      }
      notes.add(
        "Whole numbers read as (quantised) activations",
        "\(file.name)\(object.path) (\(dataset.elementType.name))")
    }
    var surroundings = rootAttributes
    var path = ""
    for component in names.dropLast() {
      path += "/" + component
      if let attributes = groups[path] {
        surroundings = surroundings.overlaid(with: attributes.values)
      }
    }
    candidates.append(
      Candidate(
        path: object.path, shape: shape, outline: dataset,
        attributes: Attributes(values: object.attributes), surroundings: surroundings,
        inCreationOrder: object.inCreationOrder, position: position))
  }
}

/// What the name of a dataset says about it.
enum SampleListName {
  /// How much a name sounds like sample ids: 0 most, `nil` not at all.
  static func rank(_ name: String, isText: Bool) -> Int? {
    let name = name.lowercased()
    let others = ["class", "layer", "feature", "unit", "neuro", "channel", "column", "var", "dim"]
    if name.contains("label") || others.contains(where: name.hasPrefix) { return nil }
    if name == "ids" || name == "id" || name.hasSuffix("_ids") || name.hasSuffix("_id") { return 0 }
    if name.hasPrefix("stimul") { return 1 }
    let words = name.split { !$0.isLetter }
    if words.contains("ids") || words.contains("id") || name.hasPrefix("ids") { return 1 }
    if name.contains("filename") || name.contains("file_name") || name.contains("path") { return 2 }
    if name.hasPrefix("image") || name.hasPrefix("img") || name.contains("hash") { return 3 }
    if name.contains("names") || name == "name" || name.hasPrefix("names") { return 4 }
    if name.hasPrefix("prompt") || name.hasPrefix("sentence") { return 5 }
    if name == "index" || name == "indices" || name == "inds" || name.hasSuffix("_index") {
      return 6
    }
    return nil
  }

  static func isLabels(_ name: String) -> Bool {
    let name = name.lowercased()
    return name == "y" || name.contains("label") || name.hasPrefix("target")
      || name.hasPrefix("class")
  }

  /// Whether a list of this name counts samples for certain, so that it may say that they do not lie
  /// on the first axis. A list called `names` or `classes` may as well name features.
  static func isCertain(_ list: SampleList) -> Bool {
    if list.isNamedByUser { return true }
    if let rank = rank(list.name, isText: list.isText) { return rank <= 1 }
    return isLabels(list.name) && !list.name.lowercased().hasPrefix("class")
  }

  /// Names of matrices that are known to be no activations.
  static func isNoLayer(_ name: String) -> Bool {
    let last = name.lowercased().split(separator: "_").last ?? ""
    return [
      "mask", "masks", "coords", "coordinates", "boxes", "bb", "bbox", "bboxes", "keypoints",
      "offsets", "dissimilarities",
    ].contains(last)
  }

  static func hintsAtActivations(_ name: String) -> Bool {
    let name = name.lowercased()
    return ["activation", "feature", "hidden", "embed", "layer", "logits", "conv", "block"]
      .contains { name.contains($0) }
  }
}
