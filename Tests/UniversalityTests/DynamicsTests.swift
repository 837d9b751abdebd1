import Activations
import LinearAlgebra
import Testing
import Zoo

@testable import Universality

@Suite struct DynamicsTests {
  /// Model `cnn` with an untrained twin, two checkpoints (later one first) and three layers; models
  /// of two other families.
  private static let names = [
    "cnn", "cnn-untrained", "cnn-step100", "cnn-step10", "mlp-0", "mlp-1", "vit",
  ]

  private func activations() -> ActivationSet {
    let roles: [ModelRecord.Role] = [
      .contestant, .untrained, .checkpoint, .checkpoint, .contestant, .contestant, .contestant,
    ]
    let steps: [Int?] = [nil, 0, 100, 10, nil, nil, nil]
    let models = Self.names.indices.map { index in
      ModelRecord(
        name: Self.names[index], family: String(Self.names[index].prefix(3)),
        isTrained: roles[index] != .untrained, step: steps[index], role: roles[index],
        checkpointOf: roles[index] == .checkpoint ? "cnn" : nil)
    }
    let representations = models.indices.flatMap { model in
      (0..<3).map { order in
        Representation(
          matrix: Matrix(rows: 0, columns: 0), model: model, layer: "h\(order)", order: order,
          depth: Double(order) / 2,
          source: .init(
            file: "a.h5", dataset: "/h", shape: [20, 4], dims: "n d", evidence: "planted",
            pooling: "none", elementType: "float64"))
      }
    }
    return ActivationSet(
      models: models, representations: representations, alignment: .positional(samples: 20))
  }

  /// The progress of a state: untrained 0, step 10 0.3, step 100 0.6, final 1. Similarity to the
  /// final layer falls with depth before the end; that to others is progress times ½ (mlp, second
  /// layer) or ¼ (vit).
  private func matrix(_ zoo: ActivationSet) -> SimilarityMatrix {
    let progress: [Double] = [1, 0, 0.6, 0.3]
    var matrix = SimilarityMatrix(
      metric: "cka-debiased", conventions: "", count: zoo.representations.count)
    for (a, x) in zoo.representations.enumerated() where x.model < 4 {
      let state = progress[x.model]
      matrix[a, x.order] = .value(state == 1 ? 1 : state - 0.1 * Double(x.order))
      for (b, y) in zoo.representations.enumerated() where y.model >= 4 {
        let best = y.model == 6 ? 0.25 : y.model == 5 ? 0.4 : 0.6
        matrix[a, b] = .value(state * (y.order == 1 ? best : 0.1))
      }
    }
    return matrix
  }

  @Test func statesComeInTheOrderOfTheSteps() throws {
    let zoo = activations()
    let dynamics = try #require(Dynamics(of: zoo, matrix(zoo)))
    #expect(dynamics.curves.map(\.layer) == ["h0", "h1", "h2"])
    for curve in dynamics.curves {
      #expect(curve.model == 0)
      #expect(curve.points.map(\.model) == [1, 3, 2, 0])
      #expect(curve.points.map(\.step) == [0, 10, 100, nil])
    }
    let to = dynamics.curves[2].points.map(\.toFinal)
    for (value, expected) in zip(to, [-0.2, 0.1, 0.4, 1]) {
      #expect(abs(value - expected) <= 1e-12)
    }
  }

  /// mlp: (0.6 + 0.4)/2, vit: 0.25; each family has one vote.
  @Test func agreementWithOthersIsThatOfTheRanking() throws {
    let zoo = activations()
    let dynamics = try #require(Dynamics(of: zoo, matrix(zoo)))
    for (point, state) in zip(dynamics.curves[0].points, [0, 0.3, 0.6, 1]) {
      #expect(abs((point.toOthers ?? .nan) - state * 0.375) <= 1e-12)
    }
    let summary = try #require(dynamics.summaries.first)
    #expect(abs(summary.first) <= 1e-12 && abs(summary.last - 0.375) <= 1e-12)
    #expect(summary.rising == 3 && summary.layers == 3)
    #expect(summary.depthOrder == -1)
  }

  @Test func withoutCheckpointsThereIsNone() throws {
    var zoo = activations()
    let matrix = matrix(zoo)
    for model in 2...3 { zoo.models[model].role = .control }
    #expect(Dynamics(of: zoo, matrix) == nil)
  }

  /// scipy.stats.kendalltau([1, 2, 2, 4, 5], [3, 1, 4, 4, 5]).
  @Test func kendallTauAllowsForTies() {
    #expect(
      abs((kendallTau([1, 2, 2, 4, 5], [3, 1, 4, 4, 5]) ?? .nan) - 0.6666666666666666) <= 1e-12)
    #expect(kendallTau([1, 1], [1, 2]) == nil)
  }
}
