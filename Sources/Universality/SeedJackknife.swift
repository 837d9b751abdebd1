/// The uncertainty of family scores that comes from the choice of models (seeds) in each family.
///
/// A jackknife stratified by family: each model is left out in turn, and with m models in a family
/// the variance is Σ_families (m − 1)/m Σ (θ₍₋i₎ − mean)². Leaving out a model changes the score of its
/// own family and, as a partner, those of all others. Families of one model contribute nothing: their
/// variability is unknown, not zero, and the findings say so.
struct SeedJackknife: Sendable {
  /// For each block the scaled deviations: for each family of several models, in the same order for all
  /// blocks, one a model left out.
  let deviations: [[[Double]]]
  /// Whether every family has enough models for an interval that allows for others
  /// (``NetworkJackknife/fewestModels``).
  let coversNetworks: Bool

  init(of population: Population, _ table: SimilarityTable) {
    var deviations = [[[Double]]](repeating: [], count: population.blocks.count)
    for block in population.blocks.indices {
      let members = population.members.indices.filter { population.members[$0].block == block }
      guard members.count >= 2 else { continue }
      let replicates = members.map { Scores(of: population.without(member: $0), table).blocks }
      for other in population.blocks.indices {
        let scaled = scaledDeviations(replicates.map { $0[other] })
        deviations[other].append(scaled ?? Array(repeating: 0, count: members.count))
      }
    }
    self.deviations = deviations
    coversNetworks = population.blocks.indices.allSatisfy { block in
      population.members.count { $0.block == block } >= NetworkJackknife.fewestModels
    }
  }
}
