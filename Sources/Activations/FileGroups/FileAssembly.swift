import Foundation
import HDF5

/// Files that belong together: shards of the rows of one model, one file a layer, one file a sample.
///
/// Each kind looks for its own evidence. What it finds becomes one file whose datasets are views over
/// those of its members; everything else stays as it is.
enum FileAssembly {
  /// A file name with the number at its end taken out.
  struct NumberedName: Hashable {
    var folder: String
    var prefix: String
    var suffix: String
  }

  static func assembled(_ files: [RestatedFile], reader: any FileReading) -> [RestatedFile] {
    var result = files
    for assemble in [namedByFolders, shards, layerFiles, slides, filesOfOneSample] {
      let groups = assemble(result, reader)
      let first = Dictionary(
        groups.map { ($0.places.min() ?? 0, $0.file) }, uniquingKeysWith: { a, _ in a })
      let gone = Set(groups.flatMap(\.places))
      result = result.indices.compactMap { index in
        first[index] ?? (gone.contains(index) ? nil : result[index])
      }
    }
    return result
  }

  /// Files that became one, by their places in the list.
  struct Group {
    var places: [Int]
    var file: RestatedFile
  }

  // MARK: - Parts that all kinds share

  static func folder(of path: String) -> String { (path as NSString).deletingLastPathComponent }
  static func lastName(_ path: String) -> String { (path as NSString).lastPathComponent }

  /// A file without datasets that stands for others.
  static func union(
    _ members: [RestatedFile], path: String, stem: String
  ) -> RestatedFile {
    let files = members.flatMap { $0.members.isEmpty ? [$0.file] : $0.members }
    let found = FoundFile(
      path: path, bytes: files.reduce(0) { $0 + $1.bytes }, commonStem: stem)
    let root = ObjectOutline(
      path: "/", attributes: members[0].rootAttributes.values, dataset: nil)
    var result = RestatedFile(
      FileOutline(file: path, objects: [root], notes: members.flatMap(\.outlineNotes)), file: found,
      reader: members[0].reader, options: ReadingOptions(pooling: members[0].pooling))
    result.members = files
    for member in members {
      result.skipped += member.skipped
      result.notes.add(member.notes)
    }
    return result
  }

  /// A dataset of a member as a source; also of a member that is a view.
  static func source(_ object: ObjectOutline, of file: RestatedFile) -> DatasetView.Source {
    DatasetView.Source(
      file: file.file.path, dataset: object.path, shape: object.shape,
      isStored: file.views[object.path] == nil)
  }

  /// The datasets that may be layers.
  static func matrices(of file: RestatedFile) -> [ObjectOutline] {
    file.datasets.filter {
      ($0.isFloat || $0.isWhole) && $0.shape.count >= 2 && !$0.shape.contains(0)
        && !SampleListName.isNoLayer($0.name)
    }
  }

  /// Whether the samples of a dataset lie on axis 0 as far as is known.
  static func hasSamplesFirst(_ object: ObjectOutline, in file: RestatedFile) -> Bool {
    file.axes[object.path].map { $0.dims.sampleAxis == 0 } ?? true
  }
}

// MARK: - Folders that name models and layers

extension FileAssembly {
  /// thingsvision: `<model>/<module>/features.hdf5`, each with one dataset `/features`.
  static func namedByFolders(_ files: [RestatedFile], _ reader: any FileReading) -> [Group] {
    let places = files.indices.filter { index in
      let name = lastName(files[index].file.path)
      return name.hasPrefix("features.") && files[index].object("/features")?.shape.isEmpty == false
        && matrices(of: files[index]).count == 1 && !folder(of: files[index].file.path).isEmpty
        && files[index].rootAttributes.values.isEmpty
    }
    var models: [String: [Int]] = [:]
    for place in places {
      models[folder(of: folder(of: files[place].file.path)), default: []].append(place)
    }
    var groups: [Group] = []
    for (parent, members) in models.sorted(by: { $0.key < $1.key }) {
      let modules = members.map { lastName(folder(of: files[$0].file.path)) }
      let areModules = modules.allSatisfy(isModule) && !parent.isEmpty
      if areModules {
        groups.append(
          Group(
            places: members,
            file: layers(
              members.map { files[$0] }, names: modules, path: "\(parent)/*/features",
              stem: lastName(parent))))
      } else {
        // Each folder is a model of its own, with one layer.
        for (member, name) in zip(members, modules) {
          var file = files[member]
          file.file.commonStem = name
          groups.append(Group(places: [member], file: file))
        }
      }
    }
    return groups
  }

  /// Whether a folder is called like a module of a network.
  private static func isModule(_ name: String) -> Bool {
    if GroupNode.isLayerName(name) { return true }
    let word = name.lowercased().prefix { $0.isLetter }
    let known: Set<String> = [
      "avgpool", "maxpool", "pool", "relu", "fc", "conv", "logits", "norm", "ln", "visual",
      "flatten",
      "penultimate", "feat", "mixed", "inception", "attnpool", "proj", "it", "mlp", "bn", "layer",
    ]
    return known.contains(String(word)) && (word.count == name.count || !name.contains("net"))
  }

  /// One file a layer becomes one model. Every layer keeps the sample ids of its file.
  static func layers(
    _ members: [RestatedFile], names: [String], path: String, stem: String
  ) -> RestatedFile {
    var result = union(members, path: path, stem: stem)
    for (member, name) in zip(members, names) {
      guard let object = matrices(of: member).first else { continue }
      let target = "/\(name)"
      var shape = object.shape
      var axes = member.axes[object.path]
      // A layer axis of one entry is left from a stack that was written layer by layer.
      if let dims = axes?.dims, let layer = dims.layerAxis, layer > 0, shape[layer] == 1 {
        shape.remove(at: layer)
        axes?.dims.letters.remove(at: layer)
      }
      result.add(
        target, shape: shape, type: object.dataset?.elementType ?? .float64,
        .same(source(object, of: member)), attributes: object.attributes, like: object, axes: axes)
      if let open = member.open[object.path] { result.open[target] = open }
      let lists = member.datasets.filter { $0.shape.count == 1 && ($0.isText || $0.isWhole) }
      for list in lists {
        let own = "/\(list.name) of \(name)"
        guard let type = list.dataset?.elementType else { continue }
        let isIDs = SampleListName.rank(list.name, isText: list.isText) != nil
        if isIDs && result.ownIDs[target] == nil {
          result.add(own, shape: list.shape, type: type, .same(source(list, of: member)))
          result.ownIDs[target] = own
        } else if SampleListName.isLabels(list.name), result.object("/labels") == nil {
          result.add("/labels", shape: list.shape, type: type, .same(source(list, of: member)))
        }
      }
    }
    return result
  }
}
