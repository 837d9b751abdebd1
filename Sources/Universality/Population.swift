import Activations

/// The models that are measured together, and who votes on whom.
///
/// Models come with their layers, and belong to **blocks**: the architecture families, or each model
/// by itself where families cannot be used. Agreement is only ever sought in other blocks, and every
/// block has one vote, however many models it has.
struct Population: Sendable {
  struct Member: Sendable {
    /// The index of the model in the activation set.
    var model: Int
    /// The indices of its layers in the activation set.
    var layers: [Int]
    /// The block it belongs to.
    var block: Int
  }

  var members: [Member]
  /// The names of the blocks.
  var blocks: [String]
  var reference: Reference

  /// The layers of each block.
  var layersByBlock: [[Int]] {
    blocks.indices.map { block in members.filter { $0.block == block }.flatMap(\.layers) }
  }

  /// The layers of all members, member by member.
  var layers: [Int] { members.flatMap(\.layers) }

  init(members: [Member], blocks: [String], reference: Reference) {
    self.members = members
    self.blocks = blocks
    self.reference = reference
  }

  /// The members of `activations` with the given role, in blocks.
  ///
  /// Families are used when there are at least two of them among these models. A model without a
  /// family then is a block of its own.
  init(of activations: ActivationSet, role: ModelRecord.Role) {
    let byModel = Dictionary(grouping: activations.representations.indices) {
      activations.representations[$0].model
    }
    let models = activations.models.indices.filter {
      activations.models[$0].role == role && byModel[$0] != nil
    }
    let families = Set(models.compactMap { activations.models[$0].family })
    let reference: Reference = families.count >= 2 ? .otherFamilies : .otherModels
    func blockName(_ model: Int) -> String {
      reference == .otherFamilies
        ? activations.models[model].familyOrOwnName
        : activations.models[model].name
    }
    let blocks = Set(models.map(blockName)).sorted()
    let blockIndex = Dictionary(uniqueKeysWithValues: blocks.enumerated().map { ($1, $0) })
    self.reference = reference
    self.blocks = blocks
    members = models.map {
      Member(model: $0, layers: byModel[$0] ?? [], block: blockIndex[blockName($0)] ?? 0)
    }
  }
}

/// The similarities of a set of layers, for fast look-up: NaN where there is none.
struct SimilarityTable: Sendable {
  /// For each index in the activation set the place in this table, or -1.
  private let places: [Int]
  private let count: Int
  private var values: [Double]

  /// - Parameter layers: Indices in the activation set.
  init(layers: [Int]) {
    var places = [Int](repeating: -1, count: (layers.max() ?? -1) + 1)
    for (place, layer) in layers.enumerated() { places[layer] = place }
    self.places = places
    count = layers.count
    values = Array(repeating: .nan, count: count * count)
  }

  /// The similarity between two layers given by their indices in the activation set.
  subscript(a: Int, b: Int) -> Double {
    get {
      guard let index = index(a, b) else { return .nan }
      return values[index]
    }
    set {
      if let index = index(a, b) { values[index] = newValue }
    }
  }

  private func index(_ a: Int, _ b: Int) -> Int? {
    guard a < places.count, b < places.count, places[a] >= 0, places[b] >= 0 else { return nil }
    return places[a] * count + places[b]
  }
}

extension Population {
  /// The population without one of its members; the blocks stay.
  func without(member: Int) -> Population {
    var rest = self
    rest.members.remove(at: member)
    return rest
  }
}
