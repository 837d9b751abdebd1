import Activations
import LinearAlgebra

/// Puts the cards of some targets together.
struct CardMaker: Sendable {
  let activations: ActivationSet
  let halves: SampleHalves
  let zoo: UnitZoo
  let targets: CardTargets
  let directions: SharedDirections?
  let seed: UInt64

  private var population: Population { zoo.population }

  func cards(threads: Int) throws -> [FeatureCard] {
    let readings = try Parallel.map(count: population.members.count, threads: threads) {
      try self.readings(ofMember: $0)
    }
    let neighbours = try Parallel.map(count: population.members.count, threads: threads) {
      try self.neighbours(inMember: $0)
    }
    let input = try inputPredictability()
    return (0..<targets.count).map { target in
      let own = unit(target)?.member
      let members = population.members.indices.filter { $0 != own }
      let mine = members.flatMap { readings[$0] }
      let nearest = members.compactMap { neighbours[$0][target] }
      let values = scores(target)
      return FeatureCard(
        subject: subject(target), families: families(target, readings, neighbours),
        highest: extremes(values, highest: true), lowest: extremes(values, highest: false),
        classShare: classes.flatMap {
          SharedDirections.classShare(of: values, classes: $0)
        }, classMeans: classMeans(values), neighbours: nearest,
        layers: mine.map { .init(layer: $0.layer, r2: $0.predictions[target].r2) },
        inputPredictability: input?[target].r2,
        chance: Self.chance(mine.map { $0.predictions[targets.count + target].r2 }))
    }
  }

  private func unit(_ target: Int) -> CardTargets.Unit? {
    target < targets.directionCount ? nil : targets.units[target - targets.directionCount]
  }

  private func subject(_ target: Int) -> FeatureCard.Subject {
    unit(target).map { .unit(layer: $0.layer, feature: $0.feature) } ?? .direction(target)
  }

  // MARK: - Layers

  /// What one layer makes of all targets; behind them, of all targets with their samples reordered.
  private struct Reading: Sendable {
    var layer: Int
    var predictions: [LayerRidge.Prediction]
  }

  private func readings(ofMember member: Int) throws -> [Reading] {
    let columns = targets.columns(forFamily: population.members[member].block)
    let layers = UnitZoo.hiddenLayers(of: population.members[member], in: activations)
      .sorted { activations.representations[$0].order < activations.representations[$1].order }
    return try layers.compactMap { layer in
      guard let ridge = try LayerRidge(activations.representations[layer].values, halves: halves)
      else { return nil }
      let reordered = columns.reordered(
        seed: seed, stream: RandomStream.reorderedTargets + UInt64(layer))
      return Reading(
        layer: layer,
        predictions: ridge.predictions(of: columns) + ridge.predictions(of: reordered))
    }
  }

  private func inputPredictability() throws -> [LayerRidge.Prediction]? {
    let columns = targets.columns(forFamily: nil)
    var best: [LayerRidge.Prediction]?
    for layer in PredictionSources(population, of: activations).inputs {
      guard let ridge = try LayerRidge(activations.representations[layer].values, halves: halves)
      else { continue }
      let found = ridge.predictions(of: columns)
      best = best.map { zip($0, found).map { $0.error <= $1.error ? $0 : $1 } } ?? found
    }
    return best
  }

  private static func chance(_ values: [Double]) -> Double? {
    guard values.count >= 20 else { return nil }
    return values.sorted()[values.count * 95 / 100]
  }

  // MARK: - Units

  /// The nearest unit of a model to each target.
  private func neighbours(inMember member: Int) throws -> [FeatureCard.Neighbour?] {
    let columns = targets.columns(forFamily: nil)
    let fitted = columns.fitted.withUnitColumns()
    let heldOut = columns.heldOut.withUnitColumns()
    var best = [Double](repeating: 0, count: targets.count)
    var found = [FeatureCard.Neighbour?](repeating: nil, count: targets.count)
    for piece in zoo.pieces[member] {
      let near = try piece.block.fitted.matrix().transposeTimes(fitted)
      let scored = try piece.block.heldOut.matrix().transposeTimes(heldOut)
      for (unit, feature) in piece.block.features.enumerated() {
        for target in 0..<targets.count {
          let likeness =
            target < targets.directionCount ? abs(near[unit, target]) : near[unit, target]
          guard likeness > best[target] else { continue }
          best[target] = likeness
          found[target] = .init(
            model: population.members[member].model, layer: piece.block.layer, feature: feature,
            correlation: scored[unit, target])
        }
      }
    }
    return found
  }

  private func families(
    _ target: Int, _ readings: [[Reading]], _ neighbours: [[FeatureCard.Neighbour?]]
  ) -> [FeatureCard.Family] {
    let unit = unit(target)
    return population.blocks.indices.compactMap { family in
      let members = population.members.indices.filter {
        population.members[$0].block == family && $0 != unit?.member
      }
      guard !members.isEmpty else { return nil }
      let models = members.map { population.members[$0].model }
      guard unit != nil else {
        let place = directions?.families.firstIndex(of: population.blocks[family])
        let predicted = place.flatMap { place in
          directions.flatMap { found -> Double? in
            let known = found.directions[target].predictability
            return known.indices.contains(place) ? known[place] : nil
          }
        }
        return .init(
          name: population.blocks[family], models: models,
          agreement: targets.directions?.agreements[target][family], predictability: predicted)
      }
      return .init(
        name: population.blocks[family], models: models,
        agreement: Self.mean(members.compactMap { neighbours[$0][target]?.correlation }),
        predictability: Self.mean(
          members.compactMap { member in
            readings[member].map { $0.predictions[target] }.min { $0.error < $1.error }?.r2
          }))
    }
  }

  private static func mean(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }

  // MARK: - Samples

  private var classes: [Int]? {
    activations.labels.map { labels in halves.heldOut.map { labels[$0] } }
  }

  /// On the held-out samples, about their mean and in their standard deviation.
  private func scores(_ target: Int) -> [Double] {
    let values = targets.columns(forFamily: nil).heldOut.selectingColumns([target]).elements
      .centered()
    let deviation = (dot(values, values) / Double(max(1, values.count - 1))).squareRoot()
    return deviation > 0 ? values.map { $0 / deviation } : values
  }

  private func extremes(_ values: [Double], highest: Bool) -> [FeatureCard.Sample] {
    values.indices.sorted { a, b in
      (highest ? -values[a] : values[a], a) < (highest ? -values[b] : values[b], b)
    }.prefix(min(FeatureCards.samplesShown, values.count / 2)).map {
      .init(index: halves.heldOut[$0], value: values[$0])
    }
  }

  private func classMeans(_ values: [Double]) -> [FeatureCard.ClassMean] {
    guard let classes else { return [] }
    let members = Dictionary(grouping: values.indices) { classes[$0] }
    return members.keys.sorted().map { label in
      let mine = members[label] ?? []
      return .init(label: label, mean: mine.reduce(0) { $0 + values[$1] } / Double(mine.count))
    }.sorted { ($1.mean, $0.label) < ($0.mean, $1.label) }
  }
}

extension SplitTargets {
  /// The samples of each half in a random order, the same for all columns.
  fileprivate func reordered(seed: UInt64, stream: UInt64) -> SplitTargets {
    var generator = SeededGenerator(seed: seed, stream: stream)
    let (first, second) = (
      generator.permutation(of: fitted.rows), generator.permutation(of: heldOut.rows)
    )
    return SplitTargets(
      fitted: fitted.selectingRows(first), heldOut: heldOut.selectingRows(second))
  }
}

extension Matrix {
  /// Centred columns of unit norm; those that do not vary become zero.
  fileprivate func withUnitColumns() -> Matrix {
    let centered = centered()
    let norms = (0..<columns).map { column in
      (0..<rows).reduce(0) { $0 + centered[$1, column] * centered[$1, column] }.squareRoot()
    }
    return centered.scalingColumns(by: norms.map { $0 > 0 ? 1 / $0 : 0 })
  }
}

extension RandomStream {
  static let reorderedTargets: UInt64 = 12 << 32
}
