import Activations
import LinearAlgebra

/// A synthetic zoo whose truth is known: layers mix signals that all families share with noise of
/// their own.
struct PlantedZoo {
  /// A model to be drawn: its family and, layer by layer, the share of the variance that is common
  /// to the whole zoo.
  struct Model {
    var family: String?
    var sharedVariance: [Double]
    var role: ModelRecord.Role = .contestant
    var name: String?
  }

  static func activations(_ models: [Model], samples: Int = 200, seed: UInt64) -> ActivationSet {
    var generator = SeededGenerator(seed: seed)
    let signal = generator.gaussianMatrix(rows: samples, columns: 5)
    var records: [ModelRecord] = []
    var representations: [Representation] = []
    for (index, model) in models.enumerated() {
      let name = model.name ?? "\(model.family ?? "model")-\(index)"
      records.append(
        ModelRecord(
          name: name, family: model.family, isTrained: model.role == .contestant,
          role: model.role))
      for (order, share) in model.sharedVariance.enumerated() {
        let width = 6 + 2 * order
        let mixing = generator.gaussianMatrix(rows: 5, columns: width).scaled(
          by: 1 / 5.0.squareRoot())
        let noise = generator.gaussianMatrix(rows: samples, columns: width)
        let mixed = signal.times(mixing)
        representations.append(
          Representation(
            matrix: Matrix(rows: samples, columns: width) {
              share.squareRoot() * mixed[$0, $1] + (1 - share).squareRoot() * noise[$0, $1]
            },
            model: index, layer: "layer\(order)", order: order,
            depth: model.sharedVariance.count == 1
              ? 1 : Double(order) / Double(model.sharedVariance.count - 1),
            source: .init(
              file: "\(name).h5", dataset: "/layers/layer\(order)", shape: [samples, width],
              dims: "n d", evidence: "planted", pooling: "none", elementType: "float64")))
      }
    }
    return ActivationSet(
      models: records, representations: representations, alignment: .positional(samples: samples))
  }
}
