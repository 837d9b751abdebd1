import Activations
import LinearAlgebra
import Zoo

/// The models of one family, and for each of their layers which layer of another model is the most
/// similar: what ``LayerIdentification`` counts.
struct IdentificationGroup: Sendable {
  /// A layer of one model and what was found for it in another.
  struct Trial: Sendable {
    var model: Int
    var layer: Int
    var other: Int
    /// The most similar layers of the other model; more than one when they tie.
    var best: [Int]
    /// The layers to choose from.
    var candidates: Int
  }

  let family: String
  /// The hidden layers of each model, by name; models and layers count from 0 in the group.
  let names: [[String]]
  let trials: [Trial]

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
    var trials: [Trial] = []
    for model in layers.indices {
      for other in layers.indices where other != model {
        for layer in layers[model].indices {
          guard let counterpart = names[other].firstIndex(of: names[model][layer]) else { continue }
          let values = layers[other].map { matrix.closeness(layers[model][layer], $0) }
          let known = values.compactMap { $0 }
          guard values[counterpart] != nil, known.count >= 2, let most = known.max() else {
            continue
          }
          trials.append(
            Trial(
              model: model, layer: layer, other: other,
              best: values.indices.filter { values[$0] == most }, candidates: known.count))
        }
      }
    }
    self.trials = trials
  }

  /// The trials whose most similar layer has the same name.
  func hits(names: [[String]]) -> Double {
    trials.reduce(0) { sum, trial in
      let name = names[trial.model][trial.layer]
      let found = trial.best.count { names[trial.other][$0] == name }
      return sum + Double(found) / Double(trial.best.count)
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
