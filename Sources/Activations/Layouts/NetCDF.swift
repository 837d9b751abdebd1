import HDF5

/// netCDF-4, as xarray writes it: dimensions have names, and coordinates of a dimension are further
/// lists. In assemblies of BrainIO all layers stand side by side along the dimension of neuroids, and
/// the coordinate `layer` says which columns are whose.
extension RestatedFile {
  mutating func restateNetCDF() {
    let scales = datasets.filter { $0.attributes["CLASS"] == .string("DIMENSION_SCALE") }
    guard !scales.isEmpty else { return }
    for object in datasets
    where isFloatMatrix(object) || (object.isWhole && object.shape.count >= 2) {
      guard let names = dimensions(of: object, scales) else { continue }
      let dims = Dims(words: names.map { $0.lowercased() })
      guard dims.fault(rank: object.shape.count) == nil else { continue }
      let evidence = "dimensions \(names.joined(separator: ", "))"
      axes[object.path] = Axes(dims: dims, evidence: evidence)
      separateCoordinates(of: object, dims, names, scales)
      splitByLayer(object, dims, names, evidence, scales)
    }
  }

  /// The names of the dimensions of a variable: by the numbers that netCDF keeps of them, else by
  /// their lengths where these are all different.
  private func dimensions(of object: ObjectOutline, _ scales: [ObjectOutline]) -> [String]? {
    if case .integers(let numbers)? = object.attributes["_Netcdf4Coordinates"],
      numbers.count == object.shape.count
    {
      let named = numbers.compactMap { number in
        scales.first { $0.attributes["_Netcdf4Dimid"]?.wholeNumber == number }
      }
      if named.map({ $0.shape.first }) == object.shape.map({ $0 }) { return named.map(\.name) }
    }
    let named = object.shape.compactMap { size -> String? in
      let fitting = scales.filter { $0.shape.first == size }
      return fitting.count == 1 ? fitting[0].name : nil
    }
    return named.count == object.shape.count && Set(named).count == named.count ? named : nil
  }

  /// Whether a list runs along a dimension.
  private func runs(
    _ list: ObjectOutline, along dimension: String, _ scales: [ObjectOutline]
  ) -> Bool? {
    guard list.shape.count == 1 else { return false }
    return list.path == "/\(dimension)"
      ? true : dimensions(of: list, scales).map { $0 == [dimension] }
  }

  /// Takes coordinates of other dimensions than samples out of the lists that may be sample ids.
  private mutating func separateCoordinates(
    of object: ObjectOutline, _ dims: Dims, _ names: [String], _ scales: [ObjectOutline]
  ) {
    guard let samples = dims.sampleAxis else { return }
    for list in datasets where list.shape.count == 1 && (list.isText || list.isWhole) {
      let isOfOther = names.indices.contains {
        $0 != samples && runs(list, along: names[$0], scales) == true
      }
      guard isOfOther, list.name != "layer", list.name != "model" else { continue }
      leaveOut(list.path, "a coordinate of features or positions, not of samples")
    }
    // The dimension itself may carry the ids.
    if let scale = scales.first(where: { $0.name == names[samples] }), scale.isText,
      let ids = strings(scale.path)
    {
      absorb([scale.path])
      addIDs(ids)
    }
  }

  private mutating func splitByLayer(
    _ object: ObjectOutline, _ dims: Dims, _ names: [String], _ evidence: String,
    _ scales: [ObjectOutline]
  ) {
    guard dims.sampleAxis == 0, Dims.isFeature(dims.letters[1]),
      let list = datasets.first(where: {
        $0.name == "layer" && $0.isText && runs($0, along: names[1], scales) == true
      }), let layers = strings(list.path), layers.count == object.shape[1]
    else { return }
    let models = datasets.first {
      $0.name == "model" && $0.isText && runs($0, along: names[1], scales) == true
    }.flatMap { strings($0.path) }
    let severalModels = Set(models ?? []).count > 1
    if let name = models?.first, !severalModels, rootAttributes["model"] == nil {
      objects[0].attributes["model"] = .string(name)
    }
    var order: [String] = []
    var columns: [String: [Int]] = [:]
    for (column, layer) in layers.enumerated() {
      let path = (severalModels ? "/\(models?[column] ?? "")" : "") + "/\(layer)"
      if columns[path] == nil { order.append(path) }
      columns[path, default: []].append(column)
    }
    let source = source(object)
    absorb([object.path, list.path])
    for (place, path) in order.enumerated() {
      var shape = object.shape
      shape[1] = columns[path]?.count ?? 0
      var attributes = object.attributes
      // The first appearance is the only order that the file keeps.
      attributes["order"] = .integer(place)
      let name = self.object(path) == nil ? path : path + " (layer)"
      add(
        name, shape: shape, type: object.dataset?.elementType ?? .float64,
        .columns(source, columns[path] ?? []), attributes: attributes, like: object,
        axes: Axes(dims: dims, evidence: "\(evidence); columns of this layer by '\(list.name)'"))
    }
  }
}
