import HDF5

/// Padded sequences with a mask (samples × positions) beside them: only the positions that the mask
/// allows are reduced.
extension RestatedFile {
  mutating func restateMasks() {
    for mask in datasets where isMask(mask) {
      for object in datasets(in: mask.group)
      where isFloatMatrix(object) && object.shape.count >= 3 && object.path != mask.path {
        apply(mask, to: object)
      }
    }
  }

  private func isMask(_ object: ObjectOutline) -> Bool {
    let name = object.name.lowercased()
    return object.shape.count == 2 && object.dataset?.elementType.isNumeric == true
      && (name == "mask" || name.hasSuffix("_mask") || name == "valid" || name == "masks"
        || name.hasSuffix("mask"))
  }

  private mutating func apply(_ mask: ObjectOutline, to object: ObjectOutline) {
    let shape = object.shape
    let pairs = shape.indices.flatMap { first in
      shape.indices.filter { $0 > first }.map { (first, $0) }
    }.filter {
      shape[$0.0] == mask.shape[0] && shape[$0.1] == mask.shape[1] && $0.1 < shape.count - 1
    }
    guard !pairs.isEmpty else { return }
    let known = namedAxes(of: object)
    let readings = pairs.compactMap { letters(samples: $0.0, positions: $0.1, rank: shape.count) }
      .filter { known == nil || known == $0 }
    guard readings.count == 1, let letters = readings.first,
      let positions = letters.letters.firstIndex(of: "t")
    else {
      if known == nil && !readings.isEmpty {
        open[object.path] = OpenAxes(
          reason: "\(mask.path) fits its axes in more than one way", choices: readings)
      }
      return
    }
    guard isPoolable(object) else { return }
    guard let flags = numbers(mask.path), flags.allSatisfy({ $0 == 0 || $0 == 1 }) else {
      notes.add("Masks that hold other numbers than 0 and 1 were not used", label(mask))
      return
    }
    var source = source(mask)
    if mask.name.lowercased().contains("pad") {
      // A padding mask marks what does not count.
      let inverted = mask.path + "/\u{0}"
      views[inverted] = DatasetView(
        recipe: .scaled(source, Scaling(scale: [-1], zero: [1], offset: [0], axis: 1)),
        shape: mask.shape)
      source = DatasetView.Source(
        file: file.path, dataset: inverted, shape: mask.shape, isStored: false)
      notes.add("Padding masks were taken to mark the positions that do not count", label(mask))
    }
    var kept = shape
    kept.remove(at: positions)
    let axesOfMask = MaskedAxes(
      letters: letters.letters, positions: positions, pooling: pooling)
    notes.add(
      "Positions were reduced by their \(pooling.rawValue) where a mask allows them",
      "\(label(object)) (\(mask.path))")
    replace(object, shape: kept, type: .float64) { .masked($0, mask: source, axesOfMask) }
    axes[object.path] = Axes(
      dims: Dims(letters.letters.filter { $0 != "t" }),
      evidence: "\(pooling.rawValue) over the positions that \(mask.path) allows")
    if let numbers = layerNumbers(beside: object, letters: letters, shape: shape) {
      sliceNumbers[object.path] = numbers
    }
  }

  /// `n t d`, `n l t d`, `l n t d` or `n t l d`.
  private func letters(samples: Int, positions: Int, rank: Int) -> Dims? {
    guard rank <= 4 else { return nil }
    var letters = Array(repeating: Character("l"), count: rank)
    letters[samples] = "n"
    letters[positions] = "t"
    letters[rank - 1] = "d"
    return Dims(letters)
  }

  /// What an attribute or a dataset `axes` beside says about the axes.
  func namedAxes(of object: ObjectOutline) -> Dims? {
    if let known = axes[object.path]?.dims { return known }
    if let value = object.attributes["dims"] ?? object.attributes["axes"],
      let dims = Dims(attribute: value, rank: object.shape.count)
    {
      return dims
    }
    let lists = objects.datasets(named: ["axes"], in: object.group)
    guard let list = lists.first(where: { $0.name == "axes" && $0.isText }),
      let words = strings(list.path), words.count == object.shape.count
    else { return nil }
    let dims = Dims(words: words.map { $0.trimmed.lowercased() })
    return dims.fault(rank: object.shape.count) == nil ? dims : nil
  }
}
