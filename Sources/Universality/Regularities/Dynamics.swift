public import Activations
public import Zoo

/// How networks come to what they are: over the checkpoints of a training, the similarity of each
/// layer to its final state and to the other families.
///
/// The values are those of the similarity matrix, without intervals. The layers of the other
/// families are those of their final states throughout.
public struct Dynamics: Sendable, Codable, Equatable {
  /// The metric of all values.
  public var metric: String
  /// Whether agreement is sought in other families; else in other models.
  public var reference: Reference
  /// One a layer, model by model in the order of the layers.
  public var curves: [TrainingCurve]

  /// Follows the checkpoints of a zoo; `matrix` is a similarity of all its representations.
  ///
  /// - Returns: `nil` when no trained model has a checkpoint with a layer of the same name, or the
  ///   matrix holds distances.
  /// - Complexity: O(C P) for C layers of checkpoints and P layers of trained models.
  public init?(of activations: ActivationSet, _ matrix: SimilarityMatrix) {
    guard !matrix.isDistance else { return nil }
    let population = Population(of: activations, role: .contestant)
    let layers = Dictionary(grouping: activations.representations.indices) {
      activations.representations[$0].model
    }
    metric = matrix.metric
    reference = population.reference
    curves = []
    for member in population.members {
      let states = Self.states(of: member.model, in: activations)
      guard states.count >= 2 else { continue }
      for final in member.layers {
        let layer = activations.representations[final]
        let points = states.compactMap { model -> TrainingCurve.Point? in
          guard
            let place = layers[model]?.first(where: {
              activations.representations[$0].layer == layer.layer
            }), let toFinal = matrix[place, final].value
          else { return nil }
          let others = population.agreement(of: place, outside: member.block, matrix)
          return TrainingCurve.Point(
            model: model, step: activations.models[model].step, toFinal: toFinal,
            toOthers: others.isNaN ? nil : others)
        }
        guard points.count >= 2 else { continue }
        curves.append(
          TrainingCurve(
            model: member.model, layer: layer.layer, depth: layer.depth, isOutput: layer.isOutput,
            points: points))
      }
    }
    if curves.isEmpty { return nil }
  }

  /// The states of a model from initialisation to the end; at least two only when it has
  /// checkpoints.
  private static func states(of model: Int, in activations: ActivationSet) -> [Int] {
    let final = activations.models[model]
    let checkpoints = activations.models.indices.filter {
      activations.models[$0].role == .checkpoint
        && activations.models[$0].checkpointOf == final.name
        && activations.models[$0].step != nil
    }.sorted { (activations.models[$0].step ?? 0) < (activations.models[$1].step ?? 0) }
    guard !checkpoints.isEmpty else { return [] }
    let twin = activations.models.indices.first {
      activations.models[$0].role == .untrained && activations.models[$0].isUntrainedTwin(of: final)
    }
    return (twin.map { [$0] } ?? []) + checkpoints + [model]
  }
}

/// One layer over a training.
public struct TrainingCurve: Sendable, Codable, Equatable {
  /// The trained model, as an index in the activation set.
  public var model: Int
  public var layer: String
  /// The relative depth.
  public var depth: Double
  public var isOutput: Bool
  /// From initialisation (or the first checkpoint) to the final state.
  public var points: [Point]

  /// The layer in one state of its training.
  public struct Point: Sendable, Codable, Equatable {
    /// The state, as an index in the models of the activation set.
    public var model: Int
    /// The training step; `nil` where the dump does not tell.
    public var step: Int?
    /// The similarity to the same layer at the end: 1 there.
    public var toFinal: Double
    /// The best match in each model of another family, averaged within families and then over them,
    /// as in the ranking; `nil` where there is none.
    public var toOthers: Double?
  }
}

extension Population {
  /// The mean best match of a layer in the other blocks; NaN where there is none.
  fileprivate func agreement(
    of layer: Int, outside block: Int, _ matrix: SimilarityMatrix
  ) -> Double {
    meanOverKnown(
      blocks.indices.filter { $0 != block }.map { other in
        meanOverKnown(
          members.filter { $0.block == other }.map { member in
            member.layers.compactMap { matrix[layer, $0].value }.max() ?? .nan
          })
      })
  }
}
