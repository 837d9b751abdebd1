import Activations
import LinearAlgebra
import Metrics
import Zoo

/// One run of ``Influence``: the scores without each sample and each first component, from the best
/// matches of all samples.
struct InfluenceAnalysis: Sendable {
  let activations: ActivationSet
  let matrix: SimilarityMatrix
  let findings: Findings
  let threads: Int
  private let population: Population

  init(activations: ActivationSet, matrix: SimilarityMatrix, findings: Findings, threads: Int) {
    self.activations = activations
    self.matrix = matrix
    self.findings = findings
    self.threads = threads
    population = Population(of: activations, role: .contestant)
  }

  /// A score from all samples, without each of them, and without components.
  private struct Profile: Sendable {
    var withoutSamples: [Double]
    var withoutComponent: Double

    /// The mean of those that are known. A mean over other terms than the score itself would say nothing:
    /// where one has no value, the mean has none.
    static func mean(_ profiles: [Profile]) -> Profile? {
      guard let first = profiles.first else { return nil }
      let count = Double(profiles.count)
      var sums = first.withoutSamples
      for profile in profiles.dropFirst() {
        for sample in sums.indices { sums[sample] += profile.withoutSamples[sample] }
      }
      return Profile(
        withoutSamples: sums.map { $0 / count },
        withoutComponent: profiles.reduce(0) { $0 + $1.withoutComponent } / count)
    }
  }

  /// What is known of one model: its own profile, those of its layers and pairs that stand out.
  private struct ModelProfile: Sendable {
    var model: Profile?
    var layers: [ScoreInfluence]
    var pairs: [PairInfluence]
  }

  func influence(
    _ metric: some CenteredProductMetric, progress: ProgressReceiver?
  ) throws -> Influence {
    let layers = population.layers
    let prepared = try Parallel.map(count: layers.count, threads: threads) { place in
      try metricResult {
        try LeftOutProducts(
          metric.prepare(activations.representations[layers[place]].matrix()).matrix)
      }
    }
    let products = Dictionary(uniqueKeysWithValues: zip(layers, prepared.map { try? $0.get() }))
    let members = population.members
    let profiles = try Parallel.map(
      count: members.count, threads: threads,
      finished: progressCounter(
        progress, stage: "leaving single samples out", total: members.count)
    ) { profile(of: members[$0], products, metric) }
    let byModel = Dictionary(uniqueKeysWithValues: zip(members.map(\.model), profiles))
    let byLayer = Dictionary(
      uniqueKeysWithValues: profiles.flatMap(\.layers).map { ($0.index, $0) })
    let families = findings.ranking.families.compactMap { item in
      summary(
        .mean(
          members.filter { population.blocks[$0.block] == findings.families[item.index] }
            .compactMap { byModel[$0.model]?.model }), .families, item)
    }
    let models = findings.ranking.models.compactMap { item in
      summary(byModel[item.index]?.model, .models, item)
    }
    return Influence(
      metric: matrix.metric,
      scores: families + models + findings.ranking.layers.compactMap { byLayer[$0.index] },
      pairs: profiles.flatMap(\.pairs).sorted {
        (-abs($0.share), $0.layer, $0.match) < (-abs($1.share), $1.layer, $1.match)
      })
  }

  private func profile(
    of member: Population.Member, _ products: [Int: LeftOutProducts?],
    _ metric: some CenteredProductMetric
  ) -> ModelProfile {
    var result = ModelProfile(model: nil, layers: [], pairs: [])
    let items = Dictionary(
      uniqueKeysWithValues: findings.ranking.layers.map { ($0.index, $0) })
    let profiles = member.layers.compactMap { layer -> Profile? in
      guard let item = items[layer], let mine = products[layer] ?? nil else { return nil }
      let blocks = population.blocks.indices.filter { $0 != member.block }.compactMap { block in
        Profile.mean(
          population.members.filter { $0.block == block }.compactMap { other -> Profile? in
            guard let match = bestMatch(of: layer, among: other.layers),
              let partner = products[match.layer] ?? nil
            else { return nil }
            let profile = Profile(
              withoutSamples: mine.similaritiesWithoutSamples(with: partner, metric),
              withoutComponent: mine.similarityWithoutComponent(with: partner, metric))
            result.pairs += pair(layer, match, profile, item).map { [$0] } ?? []
            return profile
          })
      }
      let profile = Profile.mean(blocks)
      result.layers += summary(profile, .layers, item).map { [$0] } ?? []
      return profile
    }
    result.model = Profile.mean(profiles)
    return result
  }

  private func bestMatch(
    of layer: Int, among candidates: [Int]
  ) -> (layer: Int, similarity: Double)? {
    candidates.compactMap { candidate in
      matrix[layer, candidate].value.map { (candidate, $0) }
    }.max { $0.1 < $1.1 }
  }

  private func pair(
    _ layer: Int, _ match: (layer: Int, similarity: Double), _ profile: Profile, _ item: RankedItem
  ) -> PairInfluence? {
    guard match.similarity > max(0, item.score.nullThreshold ?? 0),
      let sample = Self.mostInfluential(profile.withoutSamples, on: match.similarity)
    else { return nil }
    let pair = PairInfluence(
      layer: layer, match: match.layer, similarity: match.similarity, sample: sample,
      withoutSample: profile.withoutSamples[sample])
    return abs(pair.share) > Influence.level ? pair : nil
  }

  private func summary(
    _ profile: Profile?, _ level: RankingAgreement.Level, _ item: RankedItem
  ) -> ScoreInfluence? {
    guard let profile else { return nil }
    let score = item.score.raw.value
    let sample = Self.mostInfluential(profile.withoutSamples, on: score)
    return ScoreInfluence(
      level: level, index: item.index, score: score, threshold: item.score.nullThreshold ?? 0,
      sample: sample, withoutSample: sample.map { profile.withoutSamples[$0] },
      withoutDirection: profile.withoutComponent.isNaN ? nil : profile.withoutComponent)
  }

  /// The sample whose absence changes a score most; the first of several.
  private static func mostInfluential(_ without: [Double], on score: Double) -> Int? {
    without.indices.filter { without[$0].isFinite }
      .max { abs(score - without[$0]) < abs(score - without[$1]) }
  }
}
