import Activations
import LinearAlgebra

@testable import Universality

/// A zoo whose units are known: families of unequal size, layers of unequal width, units in random order.
/// The first units of each model, before they are reordered, are rectified signals that all models have,
/// with a tenth of noise; the others are rectified noise of their own.
struct PlantedUnits {
  var families = [("a", 1), ("b", 2), ("c", 1)]
  var widths = [30, 44, 24, 37]
  var planted = 10
  var samples = 300
  var seed: UInt64 = 1
  /// Whether the units of all layers are rotated, so that none is special.
  var isRotated = false
  /// Adds an untrained twin of every model, of noise alone, and an input that holds the first signals.
  var signalsInInput: Int?

  struct Zoo {
    var activations: ActivationSet
    /// Layer by layer the places of the planted units, in the order of the signals.
    var places: [[Int]]
  }

  func zoo() throws -> Zoo {
    var generator = SeededGenerator(seed: seed, stream: 77)
    let signals = generator.gaussianMatrix(rows: samples, columns: planted)
    var models: [PlantedZoo.Model] = []
    for (family, count) in families {
      for index in 0..<count {
        models.append(.init(family: family, sharedVariance: [0], name: "\(family)-s\(index)"))
      }
    }
    let trained = models.count
    if signalsInInput != nil {
      for model in models {
        models.append(
          .init(
            family: model.family, sharedVariance: [0], role: .untrained,
            name: "\(model.name ?? "")-untrained"))
      }
      models.append(.init(family: nil, sharedVariance: [0], role: .input, name: "input"))
    }
    var zoo = PlantedZoo.activations(models, samples: samples, seed: seed)
    var places: [[Int]] = []
    for index in zoo.representations.indices {
      let isInput = index == 2 * trained
      let width = isInput ? signalsInInput ?? 0 : widths[index % trained]
      let noise = generator.gaussianMatrix(rows: samples, columns: width)
      let order = generator.permutation(of: width)
      let mine = index < trained ? planted : isInput ? width : 0
      let units = Matrix(rows: samples, columns: width) { row, column in
        let unit = order[column]
        return unit < mine
          ? max(0, signals[row, unit]) + 0.1 * noise[row, column] : max(0, noise[row, column])
      }
      zoo.representations[index].numbers =
        isRotated
        ? units.times(
          try generator.gaussianMatrix(rows: width, columns: width).orthonormalized()) : units
      places.append((0..<mine).compactMap { order.firstIndex(of: $0) })
    }
    return Zoo(activations: zoo, places: places)
  }
}
