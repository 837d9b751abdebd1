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

  /// The layers of all members, member by member.
  var layers: [Int] { members.flatMap(\.layers) }

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
        ? activations.models[model].family ?? activations.models[model].name
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
  /// The layers, as indices in the activation set, with their places in this table.
  let places: [Int: Int]
  private(set) var values: [Double]

  init(layers: [Int]) {
    places = Dictionary(uniqueKeysWithValues: layers.enumerated().map { ($1, $0) })
    values = Array(repeating: .nan, count: layers.count * layers.count)
  }

  /// The similarity between two layers given by their indices in the activation set.
  subscript(a: Int, b: Int) -> Double {
    get {
      guard let x = places[a], let y = places[b] else { return .nan }
      return values[x * places.count + y]
    }
    set {
      guard let x = places[a], let y = places[b] else { return }
      values[x * places.count + y] = newValue
    }
  }
}
