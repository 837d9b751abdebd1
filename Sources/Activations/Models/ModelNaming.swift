import HDF5

/// Which model of a file a dataset belongs to, and what the layer is called.
struct ModelNaming: Sendable {
  /// A model as a file presents it.
  struct Model: Sendable, Equatable {
    /// The path of the group that holds it, `/` for the root.
    var group: String
    var name: String
    /// The attributes of the file, the groups on the way and the group itself, inner over outer.
    var attributes: Attributes
  }

  private(set) var models: [Model]
  /// For each candidate the index of its model and the name of its layer.
  private(set) var layers: [(model: Int, name: String)]

  /// Tells the models of a file apart.
  ///
  /// Sibling groups that hold datasets of the same name, or carry attributes such as `family`, are
  /// models, unless they are numbered like layers (`block1`, `block2`, `0`, `1`); the innermost such
  /// level counts. Otherwise the file is one model.
  init(_ contents: FileContents) {
    let tree = GroupNode(
      contents.candidates.enumerated().map { ($0.offset, $0.element.components) }, groups: [])
    let found = tree.models { path in contents.groups[path].map(ModelNaming.declaresModel) ?? false
    }
    let prefix = ModelNaming.commonPrefix(found.map(\.path))
    models = []
    layers = Array(repeating: (0, ""), count: contents.candidates.count)
    for (index, node) in found.enumerated() {
      var attributes = contents.rootAttributes
      if let extra = contents.groups["/metadata"] {
        attributes = attributes.overlaid(with: extra.values)
      }
      if found.count > 1 {
        for key in ModelNaming.nameKeys { attributes.values[key] = nil }
      }
      var path = ""
      for component in node.path {
        path += "/" + component
        attributes = attributes.overlaid(with: contents.groups[path]?.values ?? [:])
      }
      if found.count == 1, let around = contents.candidates.first?.surroundings,
        contents.candidates.allSatisfy({ $0.surroundings == around })
      {
        attributes = attributes.overlaid(with: around.values)
      }
      let declared = ModelNaming.nameKeys.lazy.compactMap { attributes[$0]?.text }.first
      let fallback =
        found.count == 1
        ? contents.file.stem
        : ModelNaming.name(of: node.path, prefix: prefix, stem: contents.file.stem)
      models.append(
        Model(
          group: "/" + node.path.joined(separator: "/"), name: declared ?? fallback,
          attributes: attributes))
      let members = node.members
      let names = ModelNaming.layerNames(
        members.map { Array(contents.candidates[$0].components.dropFirst(node.path.count)) })
      for (member, name) in zip(members, names) { layers[member] = (index, name) }
    }
  }

  static let nameKeys = ["model", "model_id", "model_name", "name"]

  private static func declaresModel(_ attributes: Attributes) -> Bool {
    ["model", "model_id", "model_name", "family", "architecture", "trained"].contains {
      attributes[$0] != nil
    }
  }

  /// The part of the path in which models differ; preceded by the group around it, or the name of
  /// the file, where it alone says little (`seed=0`).
  private static func name(of path: [String], prefix: Int, stem: String) -> String {
    let own = path.dropFirst(prefix).filter { !ContainerName.contains($0) }
    let name = own.joined(separator: "/")
    guard own.count <= 1, isRunNumber(name) else { return name }
    return "\(path.prefix(prefix).last ?? stem)/\(name)"
  }

  /// Whether a name only numbers runs: `seed=0`, `run_3`, `fold2`.
  private static func isRunNumber(_ name: String) -> Bool {
    let word = name.lowercased().prefix { $0.isLetter }
    let rest = name.dropFirst(word.count)
    let known = [
      "", "s", "seed", "run", "trial", "rep", "replicate", "fold", "step", "epoch", "checkpoint",
      "ckpt", "iter", "version", "v",
    ]
    return known.contains(String(word))
      && rest.allSatisfy { $0.isNumber || "=_- ".contains($0) }
  }

  static func commonPrefix(_ paths: [[String]]) -> Int {
    guard var prefix = paths.first else { return 0 }
    for path in paths.dropFirst() {
      prefix = Array(zip(prefix, path).prefix { $0 == $1 }.map(\.0))
    }
    return prefix.count
  }

  /// The names of the layers of one model: paths without containers and without the groups that all
  /// have in common, or with as much of these as keeps the names apart.
  private static func layerNames(_ paths: [[String]]) -> [String] {
    let shared = min(
      commonPrefix(paths.map { Array($0.dropLast()) }), (paths.map(\.count).min() ?? 1) - 1)
    let names = paths.map { path -> String in
      let own = path.dropFirst(shared).filter { !ContainerName.contains($0) }
      if own.isEmpty { return path.last ?? "" }
      return own.joined(separator: "/")
    }
    return Set(names).count == names.count ? names : paths.map { $0.joined(separator: "/") }
  }
}

/// A group of a file with the candidate datasets below it.
struct GroupNode {
  var path: [String]
  /// The candidates directly in it: index and name.
  private var own: [(Int, String)] = []
  private var children: [GroupNode] = []

  /// The tree over datasets given by their index and the names on the way to them.
  init(_ datasets: [(Int, [String])], groups path: [String]) {
    self.path = path
    var order: [String] = []
    var below: [String: [(Int, [String])]] = [:]
    for (index, names) in datasets {
      if names.count == 1 {
        own.append((index, names[0]))
      } else if let first = names.first {
        if below[first] == nil { order.append(first) }
        below[first, default: []].append((index, Array(names.dropFirst())))
      }
    }
    children = order.map { GroupNode(below[$0] ?? [], groups: path + [$0]) }
  }

  /// The indices of all candidates below, in the order of the file.
  var members: [Int] { (own.map(\.0) + children.flatMap(\.members)).sorted() }

  /// The paths of all datasets below, from here.
  private var relativePaths: Set<String> {
    var paths = Set(own.map(\.1))
    for child in children {
      let name = child.path.last ?? ""
      for path in child.relativePaths { paths.insert("\(name)/\(path)") }
    }
    return paths
  }

  /// The groups that are models, this one if none below it is.
  func models(declares: (String) -> Bool) -> [GroupNode] {
    let deeper = children.map { $0.models(declares: declares) }
    let splitsDeeper = deeper.contains { $0.count > 1 }
    guard own.isEmpty, !children.isEmpty else { return [self] }
    if children.count == 1 { return deeper[0] }
    let declared = children.filter { declares("/" + $0.path.joined(separator: "/")) }
    if declared.count > 1 { return deeper.flatMap { $0 } }
    if splitsDeeper && !declares("/" + path.joined(separator: "/")) { return deeper.flatMap { $0 } }
    let paths = children.map(\.relativePaths)
    let holders = paths.joined().reduce(into: [:]) { $0[$1, default: 0] += 1 }
    let sharing = children.indices.filter { paths[$0].contains { holders[$0] ?? 0 > 1 } }
    let isNumberedLikeLayers = sharing.allSatisfy {
      GroupNode.isLayerName(children[$0].path.last ?? "")
    }
    return sharing.isEmpty || isNumberedLikeLayers ? [self] : deeper.flatMap { $0 }
  }

  /// Whether a group is called like a layer or block of a network, not like a model.
  static func isLayerName(_ name: String) -> Bool {
    if name.allSatisfy(\.isNumber) { return true }
    let kinds: Set<String> = [
      "layer", "layers", "block", "blocks", "stage", "stages", "module", "cell", "conv", "fc",
      "dense", "linear", "h", "encoder", "decoder", "resblock", "transformer", "bottleneck", "stem",
      "head", "backbone", "attn", "mlp", "classifier", "features", "embed", "embedding",
      "embeddings",
    ]
    // `layer_3_residual` → layer, 3, residual; `block12` → block, 12.
    var words: [String] = []
    for character in name.lowercased() {
      if !character.isLetter && !character.isNumber {
        words.append("")
      } else if let last = words.last?.last, last.isLetter == character.isLetter {
        words[words.count - 1].append(character)
      } else if words.last == "" {
        words[words.count - 1].append(character)
      } else {
        words.append(String(character))
      }
    }
    words.removeAll { $0.isEmpty }
    if words.count == 1 { return kinds.contains(words[0]) }
    return zip(words, words.dropFirst()).contains {
      kinds.contains($0) && $1.first?.isNumber == true
    }
      && words[0] != "mlp"
  }
}
