/// Intervals that allow for another choice of stimuli **and** of networks.
///
/// Each model is left out in turn, with all pairs it is part of. Stratified by family, the variance is
/// Σ_families (m − 1)/m Σ (θ₍₋i₎ − mean)² for m models in a family, and is added to that from the stimuli. What
/// stimuli and networks do together is counted twice, so that intervals are rather wide. The stimuli, with
/// G − 1 degrees of freedom, and each family, with m − 1, are the parts of a ``VarianceSum``.
struct NetworkJackknife: Sendable {
  /// Members of the population, family by family.
  private let families: [[Int]]
  /// One entry a member: the numbers without it.
  private let replicates: [[Double]]

  /// Two models say nothing about each other when one of them is left out.
  static let fewestModels = 3

  init(population: Population, replicates: [[Double]]) {
    families = population.blocks.indices.map { block in
      population.members.indices.filter { population.members[$0].block == block }
    }
    self.replicates = replicates
  }

  /// The families whose networks are varied.
  struct Source: Sendable {
    fileprivate var families: [[Int]]
  }

  /// The networks behind a number about two families, or about all; `nil` where one of them has too few.
  func source(of blocks: (Int, Int)?) -> Source? {
    let involved = blocks.map { Set([$0.0, $0.1]).sorted() } ?? Array(families.indices)
    guard involved.allSatisfy({ families[$0].count >= Self.fewestModels }) else { return nil }
    return Source(families: involved.map { families[$0] })
  }

  /// As ``Jackknife/estimate(_:at:range:)``, for networks too where there is a source; without bounds when
  /// the number cannot be had without one of the networks.
  func estimate(
    _ value: Double, at index: Int, _ stimuli: Jackknife, _ source: Source?,
    range: ClosedRange<Double>
  ) -> Estimate? {
    let alone = stimuli.estimate(value, at: index, range: range)
    guard let source, alone?.low != nil else { return alone }
    guard let half = half(at: index, stimuli, source, FisherZ.transformed) else {
      return Estimate(value: value)
    }
    let z = FisherZ.transformed(value)
    return Estimate(
      value: value, low: min(value, max(range.lowerBound, FisherZ.score(z - half))),
      high: max(value, min(range.upperBound, FisherZ.score(z + half))))
  }

  /// As ``Jackknife/linearEstimate(_:at:)``, for networks too where there is a source; without bounds when
  /// the number cannot be had without one of the networks.
  func linearEstimate(
    _ value: Double, at index: Int, _ stimuli: Jackknife, _ source: Source?
  ) -> Estimate? {
    let alone = stimuli.linearEstimate(value, at: index)
    guard let source, alone?.low != nil else { return alone }
    guard let half = half(at: index, stimuli, source, { $0 }) else { return Estimate(value: value) }
    return Estimate(value: value, low: value - half, high: value + half)
  }

  private func half(
    at index: Int, _ stimuli: Jackknife, _ source: Source, _ transform: (Double) -> Double
  ) -> Double? {
    guard let fromStimuli = stimuli.deviations(at: index, transform) else { return nil }
    var parts = [fromStimuli]
    for family in source.families {
      guard let deviations = scaledDeviations(family.map { transform(replicates[$0][index]) })
      else { return nil }
      parts.append(deviations)
    }
    return VarianceSum(parts: parts).half
  }
}
