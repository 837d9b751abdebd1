import HDF5

/// The outline of a file as the rest of the reader sees it, after layouts that keep samples, layers
/// or numbers in other ways have been restated as datasets of samples × features.
///
/// Each layout is an extension in a file of its own: it looks for what its writer leaves in a file,
/// takes the datasets it understands out of the outline and puts views (``DatasetView``) in. A
/// layout that does not recognise its writer changes nothing.
struct RestatedFile {
  /// What a layout says about the axes of a dataset.
  struct Axes: Sendable, Equatable {
    var dims: Dims
    var evidence: String
  }

  /// Axes that the layout leaves open, with the readings to choose from.
  struct OpenAxes: Sendable, Equatable {
    var reason: String
    var choices: [Dims]
  }

  var file: FoundFile
  let reader: any FileReading
  let pooling: Pooling
  /// What the user says about axes, the strongest first.
  let dimsRules: [DimsRule]
  var objects: ObjectTable
  var outlineNotes: [String]
  var views: [String: DatasetView] = [:]
  var axes: [String: Axes] = [:]
  var open: [String: OpenAxes] = [:]
  /// For datasets with sample ids of their own the path of that list.
  var ownIDs: [String: String] = [:]
  /// The numbers by which the file calls the entries of a layer axis.
  var sliceNumbers: [String: [Int]] = [:]
  var skipped: [SkippedInput] = []
  var notes = NoteBook()
  /// The axes of `--dims` that were applied here and that no dataset of that many axes shows.
  var usedRules: [[Character]] = []
  /// The files that the content comes from, where several make one.
  var members: [FoundFile] = []
  /// Whether the file as a whole is something else than activations.
  var isRefused = false

  init(
    _ outline: FileOutline, file: FoundFile, reader: any FileReading, options: ReadingOptions
  ) {
    self.file = file
    self.reader = reader
    pooling = options.pooling
    dimsRules = options.dims.reversed()
    objects = ObjectTable(outline.objects)
    outlineNotes = outline.notes
    skipped = outline.faults.map { SkippedInput($0, file: file.path, object: $0.object) }
  }

  /// Applies all layouts, those that say more about a file first.
  mutating func restate() {
    refuseOtherKinds()
    guard !isRefused else { return }
    restateSmallFloats()
    restateDNNBrain()
    restateHickle()
    restateMATLAB()
    restateNWB()
    restateQuantised()
    restatePandas()
    restateNetCDF()
    restateRSAToolbox()
    restateAnnData()
    restateValidRows()
    restatePieces()
    restateRegions()
    restateSparseSamples()
    restateSampleGroups()
    restateSampleDatasets()
    restateOffsets()
    restateMasks()
    restateVariableLength()
    restateStacks()
    restateSidecars()
  }

  /// The reader that also knows the views of this file.
  var viewReader: ViewReader { ViewReader(base: reader, views: [file.path: views]) }
  var outline: FileOutline {
    FileOutline(file: file.path, objects: Array(objects), notes: outlineNotes)
  }

  // MARK: - What there is

  var rootAttributes: Attributes { Attributes(values: objects.first?.attributes ?? [:]) }
  var datasets: [ObjectOutline] { objects.filter { $0.dataset != nil } }
  var groups: [ObjectOutline] { objects.filter { $0.dataset == nil } }
  func object(_ path: String) -> ObjectOutline? { objects[path] }

  /// The datasets directly in a group.
  func datasets(in group: String) -> [ObjectOutline] { objects.datasets(in: group) }

  /// The attributes of a dataset over those of the groups around it.
  func surroundings(of path: String) -> Attributes {
    var result = rootAttributes
    var place = ""
    for component in path.split(separator: "/") {
      place += "/" + component
      if let object = object(place) { result = result.overlaid(with: object.attributes) }
    }
    return result
  }

  /// A dataset as a source of views.
  func source(_ object: ObjectOutline) -> DatasetView.Source {
    DatasetView.Source(
      file: file.path, dataset: object.path, shape: object.dataset?.shape ?? [],
      isStored: views[object.path] == nil)
  }

  /// The whole numbers of a dataset, or `nil` if it holds anything else or cannot be read.
  func wholeNumbers(_ path: String) -> [Int]? {
    try? SampleIDs.wholeNumbers(in: path, of: file.path, reader: viewReader)
  }

  func numbers(_ path: String) -> [Double]? {
    try? viewReader.numbers(in: path, of: file.path, rows: nil)
  }

  func strings(_ path: String) -> [String]? {
    try? viewReader.strings(in: path, of: file.path)
  }

  // MARK: - What changes

  /// Takes objects out that became parts of a view.
  mutating func absorb(_ paths: some Sequence<String>) {
    for path in paths { objects.remove(path) }
  }

  /// Takes an object out, and says why.
  mutating func leaveOut(
    _ path: String, _ reason: String, isFault: Bool = false, help: String? = nil
  ) {
    skipped.append(
      SkippedInput(file: file.path, object: path, reason: reason, isFault: isFault, help: help))
    objects.remove(path)
    objects.removeAll(below: path)
  }

  /// Refuses the file as a whole.
  mutating func refuse(_ reason: String, help: String) {
    skipped.append(SkippedInput(file: file.path, reason: reason, help: help))
    objects = ObjectTable(objects.filter { $0.path == "/" })
    isRefused = true
  }

  /// Puts a view in the place of a dataset, which it reads.
  mutating func replace(
    _ object: ObjectOutline, shape: [Int]? = nil, type: ElementType,
    _ recipe: (DatasetView.Source) -> DatasetView.Recipe
  ) {
    guard let dataset = object.dataset, let old = dataset.shape else { return }
    var source = source(object)
    if let view = views[object.path] {
      // The view that was there keeps living under a name that no file can hold.
      var hidden = object.path
      repeat { hidden += "/\u{0}" } while views[hidden] != nil
      views[hidden] = view
      source.dataset = hidden
    }
    views[object.path] = DatasetView(recipe: recipe(source), shape: shape ?? old)
    objects.update(object.path) {
      $0.dataset = DatasetOutline(
        shape: shape ?? old, elementType: type,
        storage: shape == nil || shape == old ? dataset.storage : .contiguous,
        filters: dataset.filters, storedBytes: dataset.storedBytes)
    }
  }

  /// Adds a view under a path of its own, in the place of an object or at the end.
  mutating func add(
    _ path: String, shape: [Int], type: ElementType, _ recipe: DatasetView.Recipe,
    attributes: [String: AttributeValue] = [:], like model: ObjectOutline? = nil,
    axes: Axes? = nil
  ) {
    views[path] = DatasetView(recipe: recipe, shape: shape)
    var outline = DatasetOutline(shape: shape, elementType: type)
    if let dataset = model?.dataset {
      outline.filters = dataset.filters
      outline.storedBytes = dataset.storedBytes
    }
    let added = ObjectOutline(
      path: path, attributes: attributes, dataset: outline,
      inCreationOrder: model?.inCreationOrder ?? false)
    objects.insert(added, before: model?.path ?? path)
    objects.remove(path) { $0.dataset != outline }
    if let axes { self.axes[path] = axes }
  }

  /// Adds the ids of samples that a layout knows, unless the group has a list of that name.
  mutating func addIDs(_ ids: [String], in group: String = "/") {
    let prefix = group == "/" ? "" : group
    let path = object(prefix + "/ids") == nil ? prefix + "/ids" : prefix + "/sample_ids"
    guard object(path) == nil else { return }
    add(path, shape: [ids.count], type: .string, .words(ids))
  }

  /// Adds the labels of samples that a layout knows, unless the group has labels.
  mutating func addLabels(_ labels: [Int], in group: String = "/") {
    let path = (group == "/" ? "" : group) + "/labels"
    guard object(path) == nil else { return }
    add(
      path, shape: [labels.count], type: .integer(bits: 64, signed: true),
      .numbers(labels.map(Double.init)))
  }
}

extension ObjectOutline {
  /// The last name of the path.
  var name: String {
    if let slash = path.lastIndex(of: "/"), path.index(after: slash) != path.endIndex {
      return String(path[path.index(after: slash)...])
    }
    return path.split(separator: "/").last.map(String.init) ?? ""
  }
  /// The path of the group around the object.
  var group: String { path.group }
  var shape: [Int] { dataset?.shape ?? [] }
  var isFloat: Bool { dataset?.elementType.isFloatingPoint == true }
  var isWhole: Bool { dataset?.elementType.isWhole == true }
  var isText: Bool { dataset?.elementType == .string }
}

extension RestatedFile {
  /// Gives a dataset another path.
  mutating func rename(_ object: ObjectOutline, to path: String) {
    objects.update(object.path) { $0.path = path }
  }

  /// Whether a dataset may be a layer by type and shape.
  func isFloatMatrix(_ object: ObjectOutline) -> Bool {
    object.isFloat && object.shape.count >= 2 && !object.shape.contains(0)
  }
}
