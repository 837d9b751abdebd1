import Activations
import LinearAlgebra
import Testing
import Zoo

@testable import Universality

@Suite struct LayerIdentificationTests {
  /// `seeds` models of each family with the layers a, b, … and an output.
  private func zoo(
    families: [String] = ["cnn"], seeds: Int = 2, layers: Int = 4,
    role: ModelRecord.Role = .contestant
  ) -> ActivationSet {
    let names = families.flatMap { family in (0..<seeds).map { (family, "\(family)-\($0)") } }
    let models = names.map { ModelRecord(name: $0.1, family: $0.0, role: role) }
    let layerNames = Array("abcdefgh".prefix(layers)).map(String.init) + ["logits"]
    let representations = models.indices.flatMap { model in
      layerNames.indices.map { order -> Representation in
        Representation(
          matrix: Matrix(rows: 0, columns: 0), model: model,
          layer: layerNames[order],
          order: order, depth: Double(order) / Double(layers), isOutput: order == layers,
          source: .init(
            file: "a.h5", dataset: "/h", shape: [20, 4], dims: "n d", evidence: "planted",
            pooling: "none", elementType: "float64"))
      }
    }
    return ActivationSet(
      models: models, representations: representations, alignment: .positional(samples: 20))
  }

  private func matrix(
    _ zoo: ActivationSet, isSymmetric: Bool = true, isDistance: Bool = false,
    _ value: (Representation, Representation) -> Double?
  ) -> SimilarityMatrix {
    var matrix = SimilarityMatrix(
      metric: "m", conventions: "", count: zoo.representations.count, isSymmetric: isSymmetric,
      isDistance: isDistance)
    for (a, x) in zoo.representations.enumerated() {
      for (b, y) in zoo.representations.enumerated() where !isSymmetric || b >= a {
        if let value = value(x, y) { matrix[a, b] = .value(value) }
      }
    }
    return matrix
  }

  private func identification(
    _ zoo: ActivationSet, _ matrix: SimilarityMatrix, permutations: Int = 199
  ) throws -> LayerIdentification {
    try #require(
      LayerIdentification(of: zoo, matrix, permutations: permutations, seed: 1))
  }

  @Test func layersAtTheSamePlaceAreFound() throws {
    let zoo = zoo(families: ["cnn", "mlp"], seeds: 3)
    let found = try identification(zoo, matrix(zoo) { 1 / (1 + abs($0.depth - $1.depth)) })
    #expect(found.rows.map(\.family) == [nil, "cnn", "mlp"])
    let all = found.rows[0]
    // Two families, six ordered pairs, four layers; the output is no layer to find.
    #expect(all.trials == 48 && all.hits == 48 && all.models == 6)
    #expect(all.accuracy.value == 1 && all.accuracy.high == 1)
    #expect((0.6...0.95).contains(all.accuracy.low ?? .nan))
    #expect(abs(all.chance - 0.25) <= 1e-12)
    #expect(all.pValue == 1.0 / 200)
    #expect((0.25...0.6).contains(all.nullThreshold ?? .nan))
    #expect((found.rows[1].accuracy.low ?? .nan) < (all.accuracy.low ?? .nan))
  }

  @Test func inADistanceTheSmallestValueIsTheBest() throws {
    let zoo = zoo()
    let found = try identification(
      zoo, matrix(zoo, isDistance: true) { abs($0.depth - $1.depth) })
    #expect(found.rows[0].hits == 8)
  }

  /// Every layer resembles the last one most.
  @Test func oneLayerThatAttractsAllIsFoundOnce() throws {
    let zoo = zoo()
    let found = try identification(zoo, matrix(zoo) { $0.depth + $1.depth })
    #expect(found.rows[0].trials == 8 && found.rows[0].hits == 2)
    #expect((found.rows[0].pValue ?? .nan) > 0.3)
  }

  @Test func layersThatTieShareTheHit() throws {
    let zoo = zoo()
    let found = try identification(zoo, matrix(zoo) { _, _ in 0.5 })
    #expect(abs(found.rows[0].accuracy.value - 0.25) <= 1e-12)
    #expect(found.rows[0].pValue == 1)
  }

  /// One order finds every layer and the other none; their mean finds all.
  @Test func bothOrdersOfAnAsymmetricMetricCount() throws {
    let zoo = zoo()
    let found = try identification(
      zoo,
      matrix(zoo, isSymmetric: false) { x, y in
        x.model < y.model ? -4 * abs(x.depth - y.depth) : y.depth
      })
    #expect(found.rows[0].hits == 8)
  }

  @Test func layersWithoutAValueAreNoTrials() throws {
    let zoo = zoo()
    let found = try identification(
      zoo,
      matrix(zoo) { x, y in
        x.layer == "b" || y.layer == "b" ? nil : 1 - abs(x.depth - y.depth)
      })
    #expect(found.rows[0].trials == 6 && found.rows[0].hits == 6)
    #expect(abs(found.rows[0].chance - 1.0 / 3) <= 1e-12)
  }

  @Test func untrainedNetworksAreAskedForThemselves() throws {
    var zoo = zoo(seeds: 4)
    for model in 2..<4 { zoo.models[model].role = .untrained }
    let found = try identification(
      zoo, matrix(zoo) { $0.model < 2 ? 1 - abs($0.depth - $1.depth) : $0.depth + $1.depth })
    #expect(found.rows.map(\.isTrained) == [true, true, false, false])
    #expect(found.rows.map(\.hits) == [8, 8, 2, 2])
  }

  @Test func aFamilyOfOneModelHasNoTrials() {
    let zoo = zoo(families: ["cnn", "mlp"], seeds: 1)
    #expect(
      LayerIdentification(of: zoo, matrix(zoo) { _, _ in 1 }, permutations: 19, seed: 0) == nil)
  }

  /// Similarities without any relation: p is uniform, and 95 of 100 cases stay below the threshold.
  @Test func chanceIsNotExceededMoreOftenThanItShould() throws {
    var (significant, above, hits, trials) = (0, 0, 0.0, 0)
    let zoo = zoo(seeds: 3)
    for seed in 0..<400 {
      var generator = SeededGenerator(seed: UInt64(seed))
      let found = try #require(
        LayerIdentification(
          of: zoo, matrix(zoo) { _, _ in generator.uniform() }, permutations: 99,
          seed: UInt64(seed)))
      if (found.rows[0].pValue ?? .nan) <= 0.05 { significant += 1 }
      if found.rows[0].accuracy.value > (found.rows[0].nullThreshold ?? .nan) { above += 1 }
      hits += found.rows[0].hits
      trials += found.rows[0].trials
    }
    // Accuracy takes few values, so that fewer than 5 % can be at or under 0.05.
    #expect(significant <= 32 && above <= significant)
    #expect(abs(hits / Double(trials) - 0.25) <= 0.02)
  }

  /// Each network has three layers that the others lack. The mean hits of random orders of names are those
  /// of guessing among all layers.
  @Test func namesThatOnlySomeModelsHaveDoNotLowerChance() throws {
    var zoo = zoo(seeds: 3, layers: 6)
    for index in zoo.representations.indices
    where (3..<6).contains(zoo.representations[index].order) {
      zoo.representations[index].layer += "-of-\(zoo.representations[index].model)"
    }
    let group = try #require(
      IdentificationGroup.all(
        of: zoo, role: .contestant, matrix(zoo) { 1 - abs($0.depth - $1.depth) }
      ).first)
    #expect(group.trials.count == 18 && group.hits(names: group.names) == 18)
    var generator = SeededGenerator(seed: 4)
    let draws = (0..<2000).map { _ in group.hits(names: group.shuffledNames(using: &generator)) }
    // 18/6 hits; their standard deviation is below 4, so that of the mean below 0.09.
    let mean = draws.reduce(0, +) / 2000
    #expect(abs(mean - 3) <= 0.3, "\(mean)")
  }

  /// Layers lie on a line; each network places them with an error of its own, so that its pairs go
  /// together. The interval covers the accuracy of all networks of this kind.
  @Test func theIntervalCoversOtherNetworks() throws {
    let zoo = zoo(seeds: 3, layers: 5)
    func draw(_ seed: Int) throws -> LayerIdentification.Row {
      var generator = SeededGenerator(seed: UInt64(seed), stream: 77)
      let places = zoo.representations.map { Double($0.order) + 0.5 * generator.gaussian() }
      let indices = Dictionary(
        uniqueKeysWithValues: zoo.representations.indices.map {
          ([zoo.representations[$0].model, zoo.representations[$0].order], $0)
        })
      let values = matrix(zoo, isDistance: true) { x, y in
        guard let a = indices[[x.model, x.order]], let b = indices[[y.model, y.order]] else {
          return nil
        }
        return abs(places[a] - places[b])
      }
      return try identification(zoo, values, permutations: 0).rows[0]
    }
    let rows = try (0..<400).map(draw)
    let truth = rows.reduce(0) { $0 + $1.accuracy.value } / Double(rows.count)
    #expect((0.4...0.8).contains(truth))
    let covered = rows.count {
      ($0.accuracy.low ?? .nan) <= truth && truth <= ($0.accuracy.high ?? .nan)
    }
    #expect(covered >= 372, "\(covered) of 400, accuracy \(truth)")
  }
}
