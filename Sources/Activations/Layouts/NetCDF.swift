import HDF5

/// netCDF-4, as xarray writes it: dimensions have names, and coordinates of a dimension are further
/// lists. In assemblies of BrainIO all layers stand side by side along the dimension of neuroids, and
/// the coordinate `layer` says which columns are whose.
extension RestatedFile {
  mutating func restateNetCDF() {
    let scales = DimensionScales(
      datasets.filter { $0.attributes["CLASS"] == .string("DIMENSION_SCALE") })
    var coordinates = Coordinates()
    for object in datasets where isFloatMatrix(object) && object.shape.count == 2 {
      restateUnnamed(object, scales)
    }
    guard !scales.list.isEmpty else { return }
    for object in datasets
    where isFloatMatrix(object) || (object.isWhole && object.shape.count >= 2) {
      guard let names = dimensions(of: object, scales) else { continue }
      let dims = Dims(words: names.map { $0.lowercased() })
      guard dims.fault(rank: object.shape.count) == nil else { continue }
      let evidence = "dimensions \(names.joined(separator: ", "))"
      axes[object.path] = Axes(dims: dims, evidence: evidence)
      separateCoordinates(&coordinates, dims, names, scales)
      splitByLayer(object, dims, names, evidence, scales)
    }
  }

  /// The names of the dimensions of a variable: by the numbers that netCDF keeps of them, else by
  /// their lengths where these are all different.
  private func dimensions(of object: ObjectOutline, _ scales: DimensionScales) -> [String]? {
    if case .integers(let numbers)? = object.attributes["_Netcdf4Coordinates"],
      numbers.count == object.shape.count
    {
      let named = numbers.compactMap { number in
        scales.byNumber[number]
      }
      if named.map({ $0.shape.first }) == object.shape.map({ $0 }) { return named.map(\.name) }
    }
    let named = object.shape.compactMap { size -> String? in
      scales.byLength[size].flatMap { $0.count == 1 ? $0[0].name : nil }
    }
    return named.count == object.shape.count && Set(named).count == named.count ? named : nil
  }

  /// Whether a list runs along a dimension.
  private func runs(
    _ list: ObjectOutline, along dimension: String, _ scales: DimensionScales
  ) -> Bool? {
    guard list.shape.count == 1 else { return false }
    return list.path == "/\(dimension)"
      ? true : dimensions(of: list, scales).map { $0 == [dimension] }
  }

  /// Takes coordinates of other dimensions than samples out of the lists that may be sample ids.
  private mutating func separateCoordinates(
    _ coordinates: inout Coordinates, _ dims: Dims, _ names: [String], _ scales: DimensionScales
  ) {
    guard let samples = dims.sampleAxis else { return }
    if coordinates.additions != objects.additions {
      coordinates = Coordinates(
        datasets.filter { $0.shape.count == 1 && ($0.isText || $0.isWhole) },
        additions: objects.additions
      ) { dimensions(of: $0, scales) }
    }
    let others = names.indices.filter { $0 != samples }.map { names[$0] }
    for list in coordinates.lists(along: others) where object(list.path) != nil {
      guard list.name != "layer", list.name != "model" else { continue }
      leaveOut(list.path, "a coordinate of features or positions, not of samples")
    }
    // The dimension itself may carry the ids.
    if let scale = scales.byName[names[samples]], scale.isText,
      let ids = strings(scale.path)
    {
      absorb([scale.path])
      addIDs(ids)
    }
  }

  private mutating func splitByLayer(
    _ object: ObjectOutline, _ dims: Dims, _ names: [String], _ evidence: String,
    _ scales: DimensionScales
  ) {
    let features = dims.letters.indices.filter { $0 < 2 && Dims.isFeature(dims.letters[$0]) }
    guard features.count == 1, let axis = features.first,
      let list = objects.datasets(named: "layer").first(where: {
        $0.name == "layer" && $0.isText && runs($0, along: names[axis], scales) == true
      }), let layers = strings(list.path), layers.count == object.shape[axis]
    else { return }
    let models = objects.datasets(named: "model").first {
      $0.name == "model" && $0.isText && runs($0, along: names[axis], scales) == true
    }.flatMap { strings($0.path) }
    split(object, along: axis, by: layers, of: list, models: models, dims, evidence)
  }

  /// A matrix whose dimensions have no names, or none that can be told apart, beside a list `layer`.
  private mutating func restateUnnamed(_ object: ObjectOutline, _ scales: DimensionScales) {
    guard dimensions(of: object, scales) == nil,
      let list = objects.datasets(named: ["layer"], in: object.group).first(where: {
        $0.name == "layer" && $0.isText && $0.shape.count == 1
          && object.shape.contains($0.shape[0])
      }), let layers = strings(list.path)
    else { return }
    guard object.shape[0] != object.shape[1] else {
      leaveOut(
        object.path, "both axes have as many entries as \(list.path), which names the layers",
        isFault: true, help: "attach dimension scales, as xarray does")
      return
    }
    let axis = object.shape[0] == layers.count ? 0 : 1
    let model = objects.datasets(named: ["model"], in: object.group).first {
      $0.name == "model" && $0.isText && $0.shape == [layers.count]
    }
    split(
      object, along: axis, by: layers, of: list, models: model.flatMap { strings($0.path) },
      Dims(axis == 1 ? "n d" : "d n"), "\(list.path) names the layer of each entry of axis \(axis)")
  }

  /// Makes a dataset of the features of each layer.
  private mutating func split(
    _ object: ObjectOutline, along axis: Int, by layers: [String], of list: ObjectOutline,
    models: [String]?, _ dims: Dims, _ evidence: String
  ) {
    let severalModels = Set(models ?? []).count > 1
    if let name = models?.first, !severalModels, rootAttributes["model"] == nil {
      objects.updateFirst { $0.attributes["model"] = .string(name) }
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
      shape[axis] = columns[path]?.count ?? 0
      var attributes = object.attributes
      // The first appearance is the only order that the file keeps.
      attributes["order"] = .integer(place)
      let name = self.object(path) == nil ? path : path + " (layer)"
      add(
        name, shape: shape, type: object.dataset?.elementType ?? .float64,
        axis == 0 ? .rows(source, columns[path] ?? []) : .columns(source, columns[path] ?? []),
        attributes: attributes, like: object,
        axes: Axes(dims: dims, evidence: "\(evidence); columns of this layer by '\(list.name)'"))
    }
  }
}

/// The dimension scales of a file, by what variables call them.
private struct DimensionScales {
  let list: [ObjectOutline]
  let byNumber: [Int: ObjectOutline]
  let byLength: [Int: [ObjectOutline]]
  let byName: [String: ObjectOutline]

  init(_ list: [ObjectOutline]) {
    self.list = list
    byNumber = Dictionary(
      list.compactMap { scale in
        scale.attributes["_Netcdf4Dimid"]?.wholeNumber.map { ($0, scale) }
      }, uniquingKeysWith: { first, _ in first })
    byLength = Dictionary(grouping: list.filter { !$0.shape.isEmpty }, by: { $0.shape[0] })
    byName = Dictionary(list.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  }
}

/// The lists of a file that may be coordinates, by the dimension that they run along.
private struct Coordinates {
  /// The additions to the file that are known here.
  var additions = -1
  private var lists: [ObjectOutline] = []
  private var byDimension: [String: [Int]] = [:]

  init() {}

  init(
    _ lists: [ObjectOutline], additions: Int, dimensions: (ObjectOutline) -> [String]?
  ) {
    self.lists = lists
    self.additions = additions
    for (index, list) in lists.enumerated() {
      let own = dimensions(list)?.first
      if let own { byDimension[own, default: []].append(index) }
      // A list in the root is that of the dimension of its name, whatever its length.
      let name = String(list.path.dropFirst())
      if name != own { byDimension[name, default: []].append(index) }
    }
  }

  /// The lists along any of some dimensions, in the order of the file.
  func lists(along dimensions: [String]) -> [ObjectOutline] {
    Set(dimensions.flatMap { byDimension[$0] ?? [] }).sorted().map { lists[$0] }
  }
}
