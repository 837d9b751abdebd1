import Activations
import Testing

@testable import Universality

@Suite struct ScoreTests {
  /// Two families of unequal size: a and b are cnn (2 layers each), c is vit, d and e are mlp.
  private var zoo: ActivationSet {
    PlantedZoo.activations(
      [
        .init(family: "cnn", sharedVariance: [0.5, 0.5]),
        .init(family: "cnn", sharedVariance: [0.5, 0.5]),
        .init(family: "vit", sharedVariance: [0.5]),
        .init(family: "mlp", sharedVariance: [0.5]),
        .init(family: "mlp", sharedVariance: [0.5]),
      ], seed: 1)
  }

  private func table(_ population: Population, _ value: (Int, Int) -> Double) -> SimilarityTable {
    var table = SimilarityTable(layers: population.layers)
    for a in population.layers { for b in population.layers { table[a, b] = value(a, b) } }
    return table
  }

  /// Layers 0, 1 | 2, 3 are cnn, 4 is vit, 5 and 6 are mlp.
  @Test func scoresFollowTheirDefinition() {
    let population = Population(of: zoo, role: .contestant)
    #expect(population.blocks == ["cnn", "mlp", "vit"])
    let scores = Scores(of: population, table(population) { Double(10 * $0 + $1) / 100 })
    // Layer 4 (vit): cnn: mean of max(40, 41) and max(42, 43); mlp: mean of 45 and 46.
    #expect(abs(scores.layers[4] - ((0.41 + 0.43) / 2 + (0.45 + 0.46) / 2) / 2) < 1e-12)
    // Layer 0 (cnn): vit 4; mlp: mean of 5 and 6.
    #expect(abs(scores.layers[0] - (0.04 + 0.055) / 2) < 1e-12)
    #expect(abs(scores.models[0] - (scores.layers[0] + scores.layers[1]) / 2) < 1e-12)
    #expect(abs(scores.blocks[0] - (scores.models[0] + scores.models[1]) / 2) < 1e-12)
  }

  @Test func theOwnFamilyNeverCounts() {
    let population = Population(of: zoo, role: .contestant)
    let one = Scores(of: population, table(population) { _, _ in 0.3 })
    let other = Scores(
      of: population, table(population) { ($0 < 4) == ($1 < 4) && $0 < 4 ? 1 : 0.3 })
    #expect(one == other)
  }

  @Test func manyModelsOfOneFamilyDoNotOutvoteAnother() {
    let many = PlantedZoo.activations(
      [.init(family: "vit", sharedVariance: [0.5]), .init(family: "mlp", sharedVariance: [0.5])]
        + (0..<10).map { _ in .init(family: "cnn", sharedVariance: [0.5]) }, seed: 2)
    let population = Population(of: many, role: .contestant)
    // The mlp agrees with the vit (1.0) but with no cnn (0.0): one vote each.
    let scores = Scores(
      of: population, table(population) { min($0, $1) == 0 && max($0, $1) == 1 ? 1 : 0 })
    #expect(scores.layers[1] == 0.5)
  }

  @Test func missingSimilaritiesAreLeftOutAndNeverCountAsZero() {
    let population = Population(of: zoo, role: .contestant)
    let scores = Scores(
      of: population, table(population) { $0 == 4 || $1 == 4 ? .nan : 0.6 })
    #expect(scores.layers[4].isNaN)
    #expect(abs(scores.layers[0] - 0.6) < 1e-12)
  }

  @Test func withoutFamiliesEveryModelIsItsOwnBlock() {
    let unknown = PlantedZoo.activations(
      [.init(sharedVariance: [0.5]), .init(sharedVariance: [0.5]), .init(sharedVariance: [0.5])],
      seed: 3)
    let population = Population(of: unknown, role: .contestant)
    #expect(population.reference == .otherModels)
    #expect(population.blocks.count == 3)
  }
}
