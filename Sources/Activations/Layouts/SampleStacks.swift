import HDF5

/// Datasets of one sample each that together are one layer, or one stack of layers.
struct SampleStack {
  /// The path of the result.
  var path: String
  var members: [ObjectOutline]
  /// A mask over positions for each sample, where there is one.
  var masks: [ObjectOutline?]
}

extension RestatedFile {
  /// Puts a stack in the outline. What its axes mean follows from the lengths: the axis that varies
  /// from sample to sample (or that masks run along) is one of positions, features come last.
  ///
  /// - Parameter isLocal: Whether each sample is features × positions, as hloc writes descriptors.
  /// - Returns: Whether the stack could be made.
  mutating func restate(_ stack: SampleStack, isLocal: Bool = false) -> Bool {
    guard let first = stack.members.first, let type = first.dataset?.elementType, type.isNumeric
    else { return false }
    let rank = first.shape.count
    func refuse(_ reason: String) -> Bool {
      leaveOut(
        stack.path, reason, isFault: true, help: "write all samples of a layer with the same axes")
      return false
    }
    guard stack.members.allSatisfy({ $0.shape.count == rank && $0.isFloat == first.isFloat }) else {
      return refuse("its samples differ in the number of axes")
    }
    guard (1...4).contains(rank) else { return refuse("its samples have \(rank) axes") }
    var varying = (0..<rank).filter { axis in
      Set(stack.members.map { $0.shape[axis] }).count > 1
    }
    let masks = stack.masks.compactMap { $0 }
    var maskedAxis: Int?
    if masks.count == stack.members.count, rank > 1 {
      maskedAxis = (0..<rank - 1).first { axis in
        zip(stack.members, masks).allSatisfy { $0.shape[axis] == $1.shape[0] }
      }
      if let maskedAxis, !varying.contains(maskedAxis) { varying.append(maskedAxis) }
    }
    let features = isLocal ? 0 : rank - 1
    if isLocal && !varying.contains(1) { varying.append(1) }
    guard varying.count <= 1 else { return refuse("its samples differ in more than one axis") }
    guard varying.first != features else {
      return refuse("its samples differ in the number of features")
    }
    guard let axis = varying.first else { return stackEqual(stack, type: type) }
    guard isPoolable(ObjectOutline(path: stack.path, attributes: [:], dataset: nil)) else {
      return false
    }
    var letters = (0..<rank).map { place -> Character in
      place == axis ? "t" : place == features ? "d" : "l"
    }
    if rank == 4 {
      // Two further axes: which of them counts layers is open, and both stay features of a layer.
      guard let second = letters.lastIndex(of: "l") else { return refuse("its axes are unclear") }
      letters[second] = "d"
    }
    // Samples without any position have no activations.
    let kept = stack.members.indices.filter { !stack.members[$0].shape.contains(0) }
    guard kept.count > 1 else { return refuse("nearly all of its samples are empty") }
    let shape =
      [stack.members.count]
      + letters.indices.filter { letters[$0] != "t" }.map { first.shape[$0] }
    if kept.count < stack.members.count {
      return refuse(
        "\(stack.members.count - kept.count) of \(stack.members.count) samples are empty")
    }
    let reduction = SampleReduction(
      letters: letters, pooling: pooling, maskedAxis: maskedAxis)
    notes.add(
      "Samples of different lengths were reduced by their \(pooling.rawValue) over positions",
      "\(file.name)\(stack.path)\(maskedAxis == nil ? "" : " (with masks)")")
    let dims = Dims(["n"] + letters.filter { $0 != "t" })
    add(
      stack.path, shape: shape, type: .float64,
      .reducedSamples(
        stack.members.map { source($0) }, masks: maskedAxis == nil ? nil : masks.map { source($0) },
        reduction), attributes: first.attributes, like: first,
      axes: Axes(
        dims: dims,
        evidence:
          "one sample of axes '\(String(letters.flatMap { [$0, " "] }).trimmed)' at a time, "
          + "\(pooling.rawValue) over positions"
          + (rank > 2 ? "; assumed: one axis counts layers" : "")
      ))
    return true
  }

  /// The axes of samples of equal shape where an attribute counts the layers.
  private func equalAxes(of shape: [Int], like object: ObjectOutline) -> Axes? {
    if let dims = Dims(attribute: object.attributes["dims"], rank: shape.count + 1) {
      return Axes(dims: dims, evidence: "attribute 'dims'")
    }
    guard let count = surroundings(of: object.path)["n_layers", "num_layers"]?.wholeNumber,
      (2...3).contains(shape.count)
    else { return nil }
    let places = shape.indices.dropLast().filter { shape[$0] == count || shape[$0] == count + 1 }
    guard places.count == 1 else { return nil }
    var letters: [Character] = Array(repeating: "t", count: shape.count)
    letters[places[0]] = "l"
    letters[shape.count - 1] = "d"
    return Axes(dims: Dims(["n"] + letters), evidence: "one sample at a time; n_layers is \(count)")
  }

  /// Samples of equal shape: axes after the first keep their meaning for the evidence to find.
  private mutating func stackEqual(_ stack: SampleStack, type: ElementType) -> Bool {
    guard let first = stack.members.first, !first.shape.contains(0) else { return false }
    // A leading axis of one is the sample itself.
    var shape = first.shape
    if shape.count > 1, shape[0] == 1 { shape.removeFirst() }
    let axes: Axes? =
      shape.count == 1
      ? Axes(dims: Dims("n d"), evidence: "one row of features a sample")
      : equalAxes(of: shape, like: first)
    if axes == nil {
      open[stack.path] = OpenAxes(
        reason:
          "one array of \(shape.map(String.init).joined(separator: " × ")) a sample, whose axes "
          + "the file does not tell",
        choices: shape.count == 2
          ? [Dims("n t d"), Dims("n l d")]
          : [Dims("n t l d"), Dims("n l t d"), Dims("n c h w"), Dims("n h w c")])
    }
    add(
      stack.path, shape: [stack.members.count] + shape,
      type: stack.members.allSatisfy({ $0.dataset?.elementType == type }) ? type : .float64,
      .samples(stack.members.map { source($0) }), attributes: first.attributes, like: first,
      axes: axes)
    return true
  }
}
