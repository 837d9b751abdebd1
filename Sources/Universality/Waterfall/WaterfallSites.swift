import Activations

/// Which layers stand for the models in the waterfall, with their untrained twins and the input.
struct WaterfallSites: Sendable {
  /// A layer of a trained model, by places in ``layers``.
  struct Site: Sendable {
    /// The place of the model in the population.
    var member: Int
    var block: Int
    var layer: Int
    var twin: Int?
  }

  /// The representations in use, as indices in the activation set.
  private(set) var layers: [Int] = []
  private(set) var stages: [(stage: Waterfall.Stage, sites: [Site])] = []
  /// Places in ``layers``.
  private(set) var inputs: [Int] = []
  let population: Population
  /// Models without an untrained twin with the same layers.
  private(set) var withoutTwin: [String] = []

  init(of activations: ActivationSet) {
    population = Population(of: activations, role: .contestant)
    let untrained = Population(of: activations, role: .untrained).members
    func place(_ layer: Int) -> Int {
      if let known = layers.firstIndex(of: layer) { return known }
      layers.append(layer)
      return layers.count - 1
    }
    let hidden = population.members.map { member in
      member.layers.filter { !activations.representations[$0].isOutput }.sorted {
        activations.representations[$0].order < activations.representations[$1].order
      }
    }
    let depth = hidden.map(\.count).filter { $0 > 0 }.min() ?? 0
    for stage in Waterfall.Stage.allCases where stage == .last || depth >= stage.fewestLayers {
      var sites: [Site] = []
      for (index, layers) in hidden.enumerated() where !layers.isEmpty {
        let member = population.members[index]
        let layer = layers[stage.place(among: layers.count)]
        let twin = untrained.first {
          activations.models[$0.model].isUntrainedTwin(of: activations.models[member.model])
        }?.layers.first {
          activations.representations[$0].layer == activations.representations[layer].layer
        }
        if twin == nil {
          let name = activations.models[member.model].name
          if !withoutTwin.contains(name) { withoutTwin.append(name) }
        }
        sites.append(
          Site(member: index, block: member.block, layer: place(layer), twin: twin.map(place)))
      }
      stages.append((stage, sites))
    }
    inputs = activations.representations.indices.filter {
      activations.models[activations.representations[$0].model].role == .input
    }.map(place)
  }
}

extension Waterfall.Stage {
  /// The hidden layers that every model must have so that the stage says something of its own.
  fileprivate var fewestLayers: Int {
    switch self {
    case .last: 1
    case .first: 2
    case .middle: 3
    }
  }

  fileprivate func place(among count: Int) -> Int {
    switch self {
    case .first: 0
    case .middle: (count - 1) / 2
    case .last: count - 1
    }
  }
}
