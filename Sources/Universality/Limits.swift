import Activations
import LinearAlgebra
import Zoo

/// What a zoo does not allow to say, each a sentence that stands beside the answer.
struct Limits {
  let activations: ActivationSet
  let population: Population
  let controls: Controls
  let options: AnalysisOptions

  func sentences(_ observed: Measurements, groups: Int, saturated: Int) -> [String] {
    (families + pooling + stimuli + comparisons(observed) + statistics(observed, groups: groups)
      + saturation(saturated))
  }

  private var models: [ModelRecord] { population.members.map { activations.models[$0.model] } }

  private var families: [String] {
    if population.reference == .otherModels {
      let families = Set(models.compactMap(\.family))
      return [
        families.isEmpty
          ? "No architecture families are known: agreement is measured against all other models, "
            + "which may be seeds of one architecture. It says nothing about universality across "
            + "architectures."
          : "All trained models belong to one family (\(families.sorted().joined())): agreement is "
            + "measured against the other models of that family. It says nothing about "
            + "universality across architectures."
      ]
    }
    var limits: [String] = []
    let unknown = models.filter { $0.family == nil }.map(\.name)
    if !unknown.isEmpty {
      limits.append(
        "No family is known for \(listed(unknown)): each is treated as a family of its own.")
    }
    let single = population.blocks.indices.filter { block in
      population.members.count { $0.block == block } == 1
    }.map { population.blocks[$0] }
    if !single.isEmpty {
      limits.append(
        "Only one trained model each of \(listed(single)): how much another seed would change is "
          + "unknown there, and neither intervals nor ranks allow for it.")
    }
    if population.blocks.count == 2 {
      limits.append(
        "With two families each is measured against the other alone: their scores differ only by "
          + "the direction of the best match.")
    }
    return limits
  }

  /// Pooling throws positions away, in some families more than in others.
  private var pooling: [String] {
    let pooled = Set(
      activations.representations.filter {
        !$0.isOutput && activations.models[$0.model].role == .contestant
          && !["none", "flatten"].contains($0.source.pooling)
      }.map { activations.models[$0.model].familyOrOwnName })
    guard !pooled.isEmpty else { return [] }
    return [
      "Activations with positions (\(listed(pooled.sorted()))) were pooled to one value a channel: "
        + "what such a layer encodes by position – the early layers of convolutional networks above "
        + "all – is not compared, and lowers its score. With --pool flatten positions are compared "
        + "too."
    ]
  }

  private var stimuli: [String] {
    var limits: [String] = []
    if activations.sampleCount < 100 {
      limits.append(
        "\(activations.sampleCount) samples are few: intervals are wide, and the best of several "
          + "layers is biased upwards.")
    }
    let duplicates = activations.duplicatedSamples
    if duplicates > 0 {
      limits.append(
        "\(duplicates) of \(activations.sampleCount) samples have the same activations as another "
          + "one in every layer. Repeated stimuli raise every similarity, and p-values and intervals "
          + "take them for independent: leave them out.")
    }
    return limits
  }

  private func comparisons(_ observed: Measurements) -> [String] {
    var limits: [String] = []
    if controls.untrained.members.isEmpty {
      limits.append(
        "The zoo has no untrained twins: what training adds cannot be told from what architecture "
          + "and data give.")
    }
    if !activations.models.contains(where: { $0.role == .input }) {
      limits.append(
        "The input itself is not in the zoo: similarity that is inherited from it is not shown.")
    }
    let counts = controls.familiesWith(observed.controls)
    let partial = counts.filter { $0.count > 0 && $0.count < population.blocks.count }
    if !partial.isEmpty {
      limits.append(
        "Not all families have every control: over all families "
          + partial.map { "\($0.name) is the mean of \($0.count)" }.joined(separator: ", ")
          + " of \(population.blocks.count). Compare within families.")
    }
    return limits
  }

  private func statistics(_ observed: Measurements, groups: Int) -> [String] {
    var limits: [String] = []
    if activations.samplesArePositions {
      return [
        "The samples are positions of stimuli. Positions of one stimulus are not independent, so "
          + "that neither p-values nor intervals are given."
      ]
    }
    if groups == 0 {
      limits.append(
        options.resamples < 2
          ? "Intervals were switched off."
          : "\(activations.sampleCount) samples are too few for intervals (8 are needed).")
    }
    switch options.permutations {
    case 0: limits.append("Calibration against chance was switched off.")
    case ..<PermutationNull.fewest:
      limits.append(
        "\(options.permutations) permutations cannot show p ≤ 0.05: nothing is calibrated, and the "
          + "ranking is by raw scores. \(PermutationNull.fewest) are the fewest that can.")
    default: break
    }
    let unscored = observed.trained.layers.count { $0.isNaN }
    if unscored > 0 {
      limits.append(
        "\(unscored) of \(observed.trained.layers.count) layers have no score: see the reasons in "
          + "pairs.csv.")
    }
    return limits
  }

  private func saturation(_ count: Int) -> [String] {
    guard count > 0 else { return [] }
    return [
      "For \(count) layers chance already reaches the largest possible score: with as many features "
        + "as samples the metric is saturated. They count as 0; use debiased CKA, more stimuli or "
        + "fewer components."
    ]
  }

  private func listed(_ names: [String]) -> String {
    names.count <= 8
      ? names.joined(separator: ", ")
      : names.prefix(6).joined(separator: ", ") + " and \(names.count - 6) more"
  }
}

extension ActivationSet {
  /// The number of samples whose activations equal those of an earlier sample in every layer; 0 where
  /// values cannot be read any more.
  var duplicatedSamples: Int {
    var digests = RowDigests(rows: sampleCount)
    for representation in representations where representation.values.rows == sampleCount {
      guard (try? digests.combine(representation.values)) != nil else { return 0 }
    }
    return sampleCount - Set(digests.values).count
  }
}
