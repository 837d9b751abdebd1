import Activations
import LinearAlgebra
import Metrics

/// How well the directions that all other families share are predicted from a family that had no part
/// in them, from the input, and from its untrained twins.
///
/// For each family in turn the directions are fitted again on the others. Their consensus on the
/// held-out samples is what is predicted there, by ridge regression with five folds and λ chosen by GCV
/// from 10⁻⁸ … 10 times s₁² (`RidgePredictivity`).
struct LeaveOneFamilyOut: Sendable {
  /// The R² of one direction for one family left out; `nil` where there is none.
  struct Prediction: Sendable {
    var trained: Double?
    var untrained: Double?
    var input: Double?
  }

  /// Family by family the predictions of each direction.
  let predictions: [[Prediction]]

  init(
    _ zoo: DirectionZoo, of activations: ActivationSet, halves: SampleHalves, directions: Int,
    threads: Int
  ) throws {
    let ridge = RidgePredictivity()
    let controls = Controls(layersOf: activations)
    let twins = zoo.members.map { controls.twin(of: activations.models[$0.model]) }
    let layers = Array(
      Set(zoo.members.map(\.layer) + twins.compactMap { $0 } + controls.inputs)
    ).sorted()
    let made = try Parallel.map(count: layers.count, threads: threads) { index in
      try Self.design(
        activations.representations[layers[index]].matrix().selectingRows(halves.heldOut), ridge)
    }
    let designs = Dictionary(uniqueKeysWithValues: zip(layers, made))
    predictions = try Parallel.map(count: zoo.blocks.count, threads: threads) { block in
      let others = zoo.without(block: block)
      let target = others.consensus(of: others.readouts(of: try others.fit(limit: directions)))
      let mine = zoo.members.indices.filter { zoo.members[$0].block == block }
      return try (0..<target.columns).map { direction in
        guard let target = try Self.design(target.selectingColumns([direction]), ridge) else {
          return Prediction()
        }
        func predicted(from layers: [Int]) throws -> [Double] {
          try layers.compactMap { designs[$0] ?? nil }.map { try ridge.compare($0, target) }
        }
        return Prediction(
          trained: try predicted(from: mine.map { zoo.members[$0].layer }).mean,
          untrained: try predicted(from: mine.compactMap { twins[$0] }).mean,
          input: try predicted(from: controls.inputs).max())
      }
    }
  }

  /// `nil` for a representation that does not vary.
  private static func design(
    _ matrix: Matrix, _ ridge: RidgePredictivity
  ) throws -> CrossValidatedDesign? {
    do {
      return try ridge.prepare(matrix)
    } catch MetricError.constant {
      return nil
    }
  }

  /// For each family the R² of a direction.
  func predictability(of direction: Int) -> [Double?] {
    predictions.map { $0.indices.contains(direction) ? $0[direction].trained : nil }
  }

  /// The mean over families of what the trained models have beyond a control, with a 95 % t interval
  /// over families where there are three.
  func excess(of direction: Int, over control: (Prediction) -> Double?) -> Estimate? {
    let differences = predictions.compactMap { family -> Double? in
      guard family.indices.contains(direction), let trained = family[direction].trained,
        let other = control(family[direction])
      else { return nil }
      return trained - other
    }
    return .mean(over: differences)
  }

  /// The layers that predictions are compared with.
  private struct Controls {
    let inputs: [Int]
    private let untrained: [(model: ModelRecord, layer: Int)]

    init(layersOf activations: ActivationSet) {
      inputs = activations.representations.indices.filter {
        activations.models[activations.representations[$0].model].role == .input
      }
      untrained = Population(of: activations, role: .untrained).members.compactMap { member in
        DirectionZoo.lastHidden(of: member.layers, in: activations).map {
          (activations.models[member.model], $0)
        }
      }
    }

    func twin(of model: ModelRecord) -> Int? {
      untrained.first { $0.model.isUntrainedTwin(of: model) }?.layer
    }
  }
}

extension [Double] {
  fileprivate var mean: Double? { isEmpty ? nil : reduce(0, +) / Double(count) }
}
