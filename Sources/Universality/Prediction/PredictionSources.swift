import Activations

/// The layers that units and directions are predicted from: for each family its trained models and their
/// untrained twins, and the input.
struct PredictionSources: Sendable {
  /// The hidden layers of one model.
  struct Source: Sendable {
    /// The trained model, as a place in the population. For a twin that of which it is one.
    var member: Int
    var layers: [Int]
  }

  /// Family by family.
  let trained: [[Source]]
  let untrained: [[Source]]
  /// The layers of the inputs.
  let inputs: [Int]

  init(_ population: Population, of activations: ActivationSet) {
    let twins = Population(of: activations, role: .untrained).members
    func sources(_ layers: (Population.Member) -> [Int]) -> [[Source]] {
      population.blocks.indices.map { block in
        population.members.indices.filter { population.members[$0].block == block }
          .map { Source(member: $0, layers: layers(population.members[$0])) }
          .filter { !$0.layers.isEmpty }
      }
    }
    trained = sources { UnitZoo.hiddenLayers(of: $0, in: activations) }
    untrained = sources { member in
      twins.first {
        activations.models[$0.model].isUntrainedTwin(of: activations.models[member.model])
      }.map { UnitZoo.hiddenLayers(of: $0, in: activations) } ?? []
    }
    inputs = activations.representations.indices.filter {
      activations.models[activations.representations[$0].model].role == .input
    }
  }
}
