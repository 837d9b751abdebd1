import Activations
import LinearAlgebra
import Zoo

/// The models of one family, and for each of their layers which layer of another model is the most
/// similar: what ``LayerIdentification`` counts.
struct IdentificationGroup: Sendable {
  /// A layer of one model and what was found for it in another: a trial when the other has a layer of the
  /// same name.
  struct Trial: Sendable {
    var model: Int
    var layer: Int
    var other: Int
    /// The most similar layers of the other model; more than one when they tie.
    var best: [Int]
    /// The layers of the other model to choose from.
    var known: [Int]

    var candidates: Int { known.count }
  }

  let family: String
  /// The hidden layers of each model, by name; models and layers count from 0 in the group.
  let names: [[String]]
  let trials: [Trial]
  /// What was found for every layer in every other model, whatever its name.
  private let searches: [Trial]

  /// The trials of m/2 of the m (m − 1) ordered pairs.
  var independentTrials: Double {
    Double(trials.count) / Double(2 * (names.count - 1))
  }

  /// The families with at least two models of a role, in alphabetical order; those without a trial are
  /// left out.
  static func all(
    of activations: ActivationSet, role: ModelRecord.Role, _ matrix: SimilarityMatrix
  ) -> [IdentificationGroup] {
    let layers = Dictionary(grouping: activations.representations.indices) {
      activations.representations[$0].model
    }
    let models = activations.models.indices.filter {
      activations.models[$0].role == role && activations.models[$0].family != nil
    }
    let families = Dictionary(grouping: models) { activations.models[$0].family ?? "" }
    return families.keys.sorted().compactMap { family in
      let hidden = (families[family] ?? []).map { model in
        (layers[model] ?? []).filter { !activations.representations[$0].isOutput }
      }
      guard hidden.count >= 2 else { return nil }
      let names = hidden.map { $0.map { activations.representations[$0].layer } }
      let group = IdentificationGroup(family: family, names: names, layers: hidden, matrix)
      return group.trials.isEmpty ? nil : group
    }
  }

  private init(
    family: String, names: [[String]], layers: [[Int]], _ matrix: SimilarityMatrix
  ) {
    self.family = family
    self.names = names
    var searches: [Trial] = []
    for model in layers.indices {
      for other in layers.indices where other != model {
        for layer in layers[model].indices {
          let values = layers[other].map { matrix.closeness(layers[model][layer], $0) }
          let known = values.indices.filter { values[$0] != nil }
          guard known.count >= 2, let most = values.compactMap({ $0 }).max() else { continue }
          searches.append(
            Trial(
              model: model, layer: layer, other: other,
              best: values.indices.filter { values[$0] == most }, known: known))
        }
      }
    }
    self.searches = searches
    trials = searches.filter { search in
      names[search.other].firstIndex(of: names[search.model][search.layer])
        .map(search.known.contains) ?? false
    }
  }

  /// The trials whose most similar layer has the same name, were these the names.
  ///
  /// Which layers are on trial follows from the names: with others, other ones. So names that only some
  /// of the models have do not make hits by chance rarer than they are.
  func hits(names: [[String]]) -> Double {
    searches.reduce(0) { sum, search in
      let name = names[search.model][search.layer]
      let found = search.best.count { names[search.other][$0] == name }
      return sum + Double(found) / Double(search.best.count)
    }
  }

  /// The names of the layers of each model in a random order.
  func shuffledNames(using generator: inout SeededGenerator) -> [[String]] {
    names.map { names in
      generator.permutation(of: names.count).map { names[$0] }
    }
  }
}

extension SimilarityMatrix {
  /// Larger is more similar, and the order of the two does not matter; `nil` where there is no value.
  fileprivate func closeness(_ a: Int, _ b: Int) -> Double? {
    guard let there = self[a, b].value, let back = self[b, a].value else { return nil }
    return (isDistance ? -1 : 1) * (there + back) / 2
  }
}
