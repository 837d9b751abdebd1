import Activations
import LinearAlgebra

@testable import Universality

/// Families of linear networks whose similarities in the population of stimuli are known: each layer is
/// c · signal · M + s · noise, with six signals that all networks see.
///
/// With Σ_xy = c_x c_y M_xᵀM_y and Σ_xx = c_x² M_xᵀM_x + s_x² I, the population's debiased CKA is
/// ‖Σ_xy‖²_F/(‖Σ_xx‖_F ‖Σ_yy‖_F). The input holds the first three signals.
struct CoverageZoo {
  struct Layer {
    var mixing: Matrix
    /// The share of the variance that comes from the signals.
    var share: Double
  }

  struct Network {
    var family: Int
    var layers: [Layer]
  }

  static let signals = 6
  static let inputs = 3
  var networks: [Network]

  /// - Parameters:
  ///   - sizes: The number of networks of each family.
  ///   - spread: How far the mixing of a network is from that of its family; the families come from
  ///     `families`, the networks from `seed`.
  init(sizes: [Int], layers: Int, spread: Double, families: UInt64, seed: UInt64) {
    var own = SeededGenerator(seed: seed, stream: 1)
    networks = sizes.enumerated().flatMap { family, size -> [Network] in
      var common = SeededGenerator(seed: families, stream: UInt64(family))
      let bases = (0..<layers).map { order in
        Layer(
          mixing: common.gaussianMatrix(rows: Self.signals, columns: 8 + 3 * order),
          share: 0.35 + 0.5 * common.uniform())
      }
      return (0..<size).map { _ in
        Network(
          family: family,
          layers: bases.map { base in
            let change = own.gaussianMatrix(rows: base.mixing.rows, columns: base.mixing.columns)
            return Layer(
              mixing: Matrix(rows: base.mixing.rows, columns: base.mixing.columns) {
                base.mixing[$0, $1] + spread * change[$0, $1]
              }, share: base.share)
          })
      }
    }
  }

  /// Another choice of stimuli.
  func activations(samples: Int, withInput: Bool = false, seed: UInt64) -> ActivationSet {
    var generator = SeededGenerator(seed: seed, stream: 2)
    let signal = generator.gaussianMatrix(rows: samples, columns: Self.signals)
    var models: [ModelRecord] = []
    var representations: [Representation] = []
    func add(_ model: ModelRecord, _ matrices: [Matrix]) {
      for (order, matrix) in matrices.enumerated() {
        representations.append(
          Representation(
            matrix: matrix, model: models.count, layer: "l\(order)", order: order,
            depth: matrices.count == 1 ? 1 : Double(order) / Double(matrices.count - 1),
            source: .init(
              file: "\(model.name).h5", dataset: "/l\(order)", shape: [samples, matrix.columns],
              dims: "n d", evidence: "planted", pooling: "none", elementType: "float64")))
      }
      models.append(model)
    }
    for (index, network) in networks.enumerated() {
      let matrices = network.layers.map { layer -> Matrix in
        let mixed = signal.times(layer.mixing)
        let (gain, noise) = Self.weights(layer)
        let own = generator.gaussianMatrix(rows: samples, columns: layer.mixing.columns)
        return Matrix(rows: samples, columns: layer.mixing.columns) {
          gain * mixed[$0, $1] + noise * own[$0, $1]
        }
      }
      add(
        ModelRecord(
          name: "f\(network.family)-\(index)", family: "f\(network.family)", isTrained: true),
        matrices)
    }
    if withInput {
      add(
        ModelRecord(name: "pixels", role: .input),
        [signal.selectingColumns(Array(0..<Self.inputs))])
    }
    return ActivationSet(
      models: models, representations: representations, alignment: .positional(samples: samples))
  }

  /// c and s: the mixing has about six times the variance of a signal.
  private static func weights(_ layer: Layer) -> (gain: Double, noise: Double) {
    ((layer.share / Double(signals)).squareRoot(), (1 - layer.share).squareRoot())
  }

  /// ‖Σ_xy‖²_F in the population.
  func product(_ x: Layer, _ y: Layer, isSame: Bool) -> Double {
    let (a, b) = (Self.weights(x), Self.weights(y))
    var covariance = x.mixing.transposeTimes(y.mixing).scaled(by: a.gain * b.gain)
    if isSame {
      for unit in 0..<covariance.rows { covariance[unit, unit] += a.noise * a.noise }
    }
    return covariance.squaredFrobeniusNorm()
  }

  /// ‖Σ‖²_F of a layer with the input.
  func productWithInput(_ x: Layer) -> Double {
    let gain = Self.weights(x).gain
    return x.mixing.selectingRows(0..<Self.inputs).squaredFrobeniusNorm() * gain * gain
  }

  /// The debiased CKA in the population.
  func similarity(_ x: Layer, _ y: Layer) -> Double {
    product(x, y, isSame: false)
      / (product(x, x, isSame: true) * product(y, y, isSame: true)).squareRoot()
  }

  /// The scores in the population of stimuli.
  func scores(of population: Population) -> Scores {
    let layers = networks.flatMap(\.layers)
    var table = SimilarityTable(layers: Array(layers.indices))
    for a in layers.indices {
      for b in layers.indices where a != b { table[a, b] = similarity(layers[a], layers[b]) }
    }
    return Scores(of: population, table)
  }

  /// The debiased CKA of two layers beyond the input.
  func beyondInput(_ x: Layer, _ y: Layer) -> Double {
    let (xz, yz) = (productWithInput(x), productWithInput(y))
    let zz = Double(Self.inputs)
    let xx = product(x, x, isSame: true) - xz * xz / zz
    let yy = product(y, y, isSame: true) - yz * yz / zz
    return (product(x, y, isSame: false) - xz * yz / zz) / (xx * yy).squareRoot()
  }
}
