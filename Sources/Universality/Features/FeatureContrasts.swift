import Activations
import LinearAlgebra
import Zoo

/// The units of a zoo in all comparisons: trained and untrained, with other families and with other
/// seeds.
struct FeatureContrasts: Sendable {
  let trained: UnitContrasts
  let comparisons: [FeatureComparison]
  private let seeds: UnitContrasts?
  private let untrained: UnitContrasts?
  /// By layer and feature of a trained model the number of the same unit in the untrained twin.
  private let twins: [[Int]: Int]

  /// - Throws: `DecompositionError`, `SpillError`.
  init(
    _ zoo: UnitZoo, of activations: ActivationSet, halves: SampleHalves, rotations: Int,
    seed: UInt64, threads: Int, progress: ProgressReceiver?
  ) throws {
    let before = try UnitZoo(
      Population(of: activations, role: .untrained), of: activations, halves: halves,
      threads: threads, firstNumber: zoo.pieces.reduce(0) { $0 + $1.count })
    var comparisons: [FeatureComparison] = []
    func contrasts(
      _ zoo: UnitZoo, _ partners: UnitContrasts.Partners, _ kind: FeatureComparison.Kind,
      stage: String
    ) throws -> UnitContrasts? {
      let jobs = UnitContrasts.jobCount(zoo, partners)
      guard jobs > 0 else { return nil }
      let contrasts = try UnitContrasts(
        zoo, with: partners, rotations: rotations, seed: seed, threads: threads,
        finished: progressCounter(progress, stage: stage, total: jobs))
      if let summary = contrasts.comparison(kind, zoo) { comparisons.append(summary) }
      return contrasts
    }
    trained = try UnitContrasts(
      zoo, with: .otherFamilies, rotations: rotations, seed: seed, threads: threads,
      finished: progressCounter(
        progress, stage: "matching features",
        total: UnitContrasts.jobCount(zoo, .otherFamilies)))
    if let summary = trained.comparison(.trained, zoo) { comparisons.append(summary) }
    // Where families are not known, "other families" are other models, and no seeds are told apart.
    let hasFamilies = zoo.population.reference == .otherFamilies
    let isAlike = before.population.reference == zoo.population.reference
    untrained =
      isAlike
      ? try contrasts(before, .otherFamilies, .untrained, stage: "matching untrained features")
      : nil
    seeds =
      hasFamilies
      ? try contrasts(zoo, .otherSeeds, .trainedSeeds, stage: "matching features of seeds") : nil
    if hasFamilies, isAlike {
      _ = try contrasts(
        before, .otherSeeds, .untrainedSeeds, stage: "matching untrained features of seeds")
    }
    self.comparisons = comparisons
    twins = Self.twins(zoo, before, activations)
  }

  func betweenSeeds(_ unit: Int) -> FeatureControl? {
    seeds.flatMap { $0.control(unit) }
  }

  func untrainedTwin(layer: Int, feature: Int) -> FeatureControl? {
    guard let untrained, let unit = twins[[layer, feature]] else { return nil }
    return untrained.control(unit)
  }

  private static func twins(
    _ zoo: UnitZoo, _ before: UnitZoo, _ activations: ActivationSet
  ) -> [[Int]: Int] {
    // The layer of the twin for each layer of a trained model.
    var trainedLayer: [Int: Int] = [:]
    for member in zoo.population.members {
      guard
        let twin = before.population.members.first(where: {
          activations.models[$0.model].isUntrainedTwin(of: activations.models[member.model])
        })
      else { continue }
      for layer in member.layers {
        let name = activations.representations[layer].layer
        if let same = twin.layers.first(where: { activations.representations[$0].layer == name }) {
          trainedLayer[same] = layer
        }
      }
    }
    var twins: [[Int]: Int] = [:]
    for (number, unit) in before.units.enumerated() {
      if let layer = trainedLayer[unit.layer] { twins[[layer, unit.feature]] = number }
    }
    return twins
  }
}

extension UnitContrasts {
  fileprivate func control(_ unit: Int) -> FeatureControl? {
    values[unit].map { FeatureControl(universality: $0.universality, pValue: pValues[unit]) }
  }

  /// All units together; `nil` where none has a score. Seeds of one family are not independent of each
  /// other, so that the interval is that over families.
  fileprivate func comparison(
    _ kind: FeatureComparison.Kind, _ zoo: UnitZoo
  ) -> FeatureComparison? {
    let ends = zoo.starts.dropFirst() + [zoo.unitCount]
    var models: [Int: [Double]] = [:]
    for (member, (start, end)) in zip(zoo.population.members, zip(zoo.starts, ends)) {
      let known = values[start..<end].compactMap { $0?.universality }
      guard !known.isEmpty else { continue }
      models[member.block, default: []].append(known.reduce(0, +) / Double(known.count))
    }
    let families = models.keys.sorted().compactMap { models[$0] }
      .map { $0.reduce(0, +) / Double($0.count) }
    guard let mean = Estimate.mean(over: families) else { return nil }
    let found = values.indices.count { unit in
      (values[unit]?.universality ?? 0) > 0
        && (qValues[unit] ?? 1) <= FeatureUniversality.level
    }
    return FeatureComparison(
      kind: kind, units: values.count { $0 != nil }, found: found, mean: mean)
  }
}
