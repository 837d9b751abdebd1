import Activations
import LinearAlgebra
import Testing

@testable import Universality

/// What cards say of planted directions and units.
@Suite struct FeatureCardTests {
  /// Two layers a model: noise, then five signals that all models have. The signals are also the input.
  private func zoo() -> ActivationSet {
    var models = [("a", "a-s0"), ("a", "a-s1"), ("b", "b-s0"), ("c", "c-s0")].map {
      PlantedZoo.Model(family: $0.0, sharedVariance: [0, 0.95], name: $0.1)
    }
    models.append(.init(family: nil, sharedVariance: [1], role: .input, name: "input"))
    var zoo = PlantedZoo.activations(models, samples: 400, seed: 3)
    zoo.labels = (0..<400).map { $0 % 3 }
    return zoo
  }

  @Test func cardsOfDirectionsShowWhereTheyAre() throws {
    let zoo = zoo()
    let directions = try SharedDirections(of: zoo, permutations: 99, seed: 1, threads: 2)
    let found = try FeatureCards(of: zoo, directions: directions, features: nil, threads: 2)
    #expect(found.cards.count == 5 && found.heldOutSamples == 200 && found.thumbnails == nil)
    for (place, card) in found.cards.enumerated() {
      let direction = directions.directions[place]
      #expect(card.subject == .direction(place))
      #expect(card.families.map(\.name) == ["a", "b", "c"])
      let agreements = card.families.compactMap(\.agreement)
      // The mean over pairs of families is that over families of means over the others.
      #expect(
        abs(agreements.reduce(0, +) / 3 - direction.heldOutAgreement) <= 1e-9)
      #expect(card.families.map(\.predictability) == direction.predictability)
      #expect(abs((card.classShare ?? .nan) - (direction.classShare ?? .nan)) <= 1e-12)
      // The extremes are those of the scores that the direction keeps.
      let order = directions.heldOutIndices.indices.sorted {
        direction.heldOutScores[$0] > direction.heldOutScores[$1]
      }.map { directions.heldOutIndices[$0] }
      #expect(card.highest.map(\.index) == Array(order.prefix(6)))
      #expect(card.lowest.map(\.index) == Array(order.suffix(6).reversed()))
      #expect(card.highest[0].value > card.highest[5].value && card.lowest[0].value < -1)
      #expect(card.classMeans.count == 3)
      // The first layers are noise, the second ones hold the signals, and so does the input.
      #expect(card.layers.count == 8 && card.neighbours.count == 4)
      for readout in card.layers {
        let isDeep = zoo.representations[readout.layer].order == 1
        #expect(isDeep ? readout.r2 > 0.6 : readout.r2 < 0.2)
      }
      #expect((card.inputPredictability ?? .nan) > 0.7)
      for neighbour in card.neighbours {
        #expect(zoo.representations[neighbour.layer].order == 1)
        #expect(abs(neighbour.correlation) > 0.2)
      }
    }
  }

  @Test func theScoresOfDirectionsAreReadOnBothHalves() throws {
    let zoo = zoo()
    let found = try SharedDirections(of: zoo, permutations: 0, seed: 1, threads: 2)
    #expect(Set(found.fittedIndices + found.heldOutIndices) == Set(0..<400))
    for direction in found.directions {
      #expect(direction.fittedScores.count == 200 && direction.heldOutScores.count == 200)
      // ‖λ g‖² = λ², and held-out scores are of the same scale.
      let fitted = dot(direction.fittedScores, direction.fittedScores)
      #expect(abs(fitted - direction.eigenvalue * direction.eigenvalue) <= 1e-9)
    }
    let held = found.directions[0].heldOutScores
    let ratio = dot(held, held) / (found.directions[0].eigenvalue * found.directions[0].eigenvalue)
    #expect(ratio > 0.5 && ratio < 2)
  }

  @Test func cardsOfUnitsNameTheirCounterparts() throws {
    let planted = try PlantedUnits(seed: 5).zoo()
    let features = try FeatureUniversality(of: planted.activations, seed: 3, threads: 2)
    let found = try FeatureCards(
      of: planted.activations, directions: nil, features: features, threads: 2)
    #expect(found.cards.count == 6)
    var signals: Set<Int> = []
    for card in found.cards {
      guard case .unit(let layer, let feature) = card.subject else {
        Issue.record("no unit: \(card.subject)")
        continue
      }
      let signal = try #require(planted.places[layer].firstIndex(of: feature))
      // Copies of one signal in other models have no card of their own.
      #expect(signals.insert(signal).inserted)
      #expect(card.neighbours.count == 3)
      for neighbour in card.neighbours {
        #expect(neighbour.layer != layer && neighbour.correlation > 0.9)
        #expect(planted.places[neighbour.layer][signal] == neighbour.feature)
      }
      let score = try #require(
        features.scores.first { $0.layer == layer && $0.feature == feature })
      let family = planted.activations.models[planted.activations.representations[layer].model]
        .family
      let others = card.families.filter { $0.name != family }.compactMap(\.predictability)
      let mean = others.reduce(0, +) / Double(others.count)
      #expect(abs(mean - (score.predictability?.r2.value ?? .nan)) <= 1e-9)
      #expect(card.classShare == nil && card.classMeans.isEmpty)
    }
  }

  @Test func aFeatureEmergesAtHalfItsHeight() {
    func card(_ chance: Double?) -> FeatureCard {
      FeatureCard(
        subject: .direction(0), families: [], highest: [], lowest: [], classMeans: [],
        neighbours: [], layers: [], chance: chance)
    }
    let curve = [0.1, 0.38, 0.4, 0.8, 0.7].enumerated().map {
      FeatureCard.LayerReadout(layer: $0, r2: $1)
    }
    #expect(card(nil).emergence(among: curve)?.layer == 2)
    #expect(card(0.9).emergence(among: curve) == nil)
    #expect(card(nil).emergence(among: [.init(layer: 0, r2: -0.5)]) == nil)
    #expect(card(nil).emergence(among: []) == nil)
  }

  @Test func withoutAnythingFoundThereAreNoCards() throws {
    let found = try FeatureCards(of: zoo(), directions: nil, features: nil, threads: 1)
    #expect(found.cards.isEmpty && found.thumbnails == nil)
  }
}
