import Activations
import LinearAlgebra
import Metrics
import Zoo

/// One run of ``RankingAudit``.
struct RankingAuditAnalysis: Sendable {
  let activations: ActivationSet
  let findings: Findings
  let options: AnalysisOptions
  private let population: Population

  init(activations: ActivationSet, findings: Findings, options: AnalysisOptions) {
    self.activations = activations
    self.findings = findings
    self.options = options
    population = Population(of: activations, role: .contestant)
  }

  func audit(
    _ metric: some FactorMetric, progress: ProgressReceiver?
  ) throws -> RankingAudit {
    let tasks = RankingAudit.Perturbation.allCases.flatMap { perturbation in
      (0..<perturbation.draws).map { PerturbedInput(perturbation, draw: $0, seed: options.seed) }
    }
    let scores = try Parallel.map(
      count: tasks.count, threads: options.threads,
      finished: progressCounter(progress, stage: "auditing the ranking", total: tasks.count)
    ) { Scores(of: population, try table(tasks[$0], metric)) }
    let draws = Dictionary(grouping: tasks.indices) { tasks[$0].perturbation }
    var audit = RankingAudit(
      metric: findings.metric, ranks: [], agreements: [], seed: options.seed)
    for level in RankingAgreement.Level.allCases {
      let items = items(level)
      let before = items.map { standing($0, $0.score.raw.value) }
      var ranks = items.map {
        AuditedRank(level: level, index: $0.index, rank: $0.rank, outcomes: [])
      }
      for perturbation in RankingAudit.Perturbation.allCases {
        let after = (draws[perturbation] ?? []).map { draw in
          let values = values(level, scores[draw])
          return items.map { standing($0, values[$0.index] ?? .nan) }
        }
        for place in items.indices {
          if let outcome = Self.outcome(perturbation, place, before, after) {
            ranks[place].outcomes.append(outcome)
          }
        }
        let taus = after.compactMap { Self.tau(before, $0) }
        if let least = taus.min() {
          audit.agreements.append(
            .init(
              level: level, perturbation: perturbation,
              tau: taus.reduce(0, +) / Double(taus.count), least: least))
        }
      }
      audit.ranks += ranks
    }
    return audit
  }

  /// The similarities of the ranked layers of different blocks.
  private func table(
    _ input: PerturbedInput, _ metric: some FactorMetric
  ) throws -> SimilarityTable {
    var factors: [Int: Result<StoredFactor, MetricError>] = [:]
    for layer in population.layers {
      let representation = activations.representations[layer]
      factors[layer] = try metricResult {
        try StoredFactor(
          metric.prepare(
            input.matrix(of: representation.values, layer: layer, model: representation.model)),
          precision: options.precision)
      }
    }
    let stacks = population.layersByBlock.map {
      LayerStack.stacks(of: $0, factors, precision: options.precision)
    }
    var table = SimilarityTable(layers: population.layers)
    for a in stacks.indices {
      for b in stacks.indices where a < b {
        for x in stacks[a] {
          for y in stacks[b] { try table.fill(x, y, metric: metric, mirrored: true) }
        }
      }
    }
    return table
  }

  private func items(_ level: RankingAgreement.Level) -> [RankedItem] {
    switch level {
    case .families: findings.ranking.families
    case .models: findings.ranking.models
    case .layers: findings.ranking.layers
    }
  }

  /// The scores of a level by the index of their items.
  private func values(_ level: RankingAgreement.Level, _ scores: Scores) -> [Int: Double] {
    let (indices, values) =
      switch level {
      case .families: (Array(population.blocks.indices), scores.blocks)
      case .models: (population.members.map(\.model), scores.models)
      case .layers: (population.layers, scores.layers)
      }
    return Dictionary(uniqueKeysWithValues: zip(indices, values))
  }

  /// A score against the chance of the ranking, not cut at 0.
  private func standing(_ item: RankedItem, _ raw: Double) -> Double {
    guard item.score.calibrated != nil, let threshold = item.score.nullThreshold else { return raw }
    guard threshold < 1 - PermutationNull.tolerance else { return 0 }
    return (raw - threshold) / (1 - threshold)
  }

  private static func outcome(
    _ perturbation: RankingAudit.Perturbation, _ place: Int, _ before: [Double],
    _ after: [[Double]]
  ) -> AuditedRank.Outcome? {
    let drawn = after.compactMap { scores -> (turned: Double, rank: Int)? in
      let others = before.indices.filter {
        $0 != place && !before[$0].isNaN && !scores[$0].isNaN
      }
      guard !scores[place].isNaN, !others.isEmpty else { return nil }
      let turned = others.reduce(0.0) { sum, other in
        let was = order(before[place], before[other])
        let now = order(scores[place], scores[other])
        return sum + (was == 0 || was == now ? 0 : now == 0 ? 0.5 : 1)
      }
      return (
        turned / Double(others.count), 1 + others.count { scores[$0] > scores[place] }
      )
    }
    guard let first = drawn.map(\.rank).min(), let last = drawn.map(\.rank).max() else {
      return nil
    }
    return AuditedRank.Outcome(
      perturbation: perturbation,
      turned: drawn.reduce(0) { $0 + $1.turned } / Double(drawn.count), ranks: first...last)
  }

  private static func order(_ x: Double, _ y: Double) -> Int {
    abs(x - y) <= PermutationNull.tolerance ? 0 : x < y ? -1 : 1
  }

  private static func tau(_ before: [Double], _ after: [Double]) -> Double? {
    let known = before.indices.filter { !before[$0].isNaN && !after[$0].isNaN }
    guard known.count >= 2 else { return nil }
    return kendallTau(known.map { before[$0] }, known.map { after[$0] })
  }
}

/// The input of one draw of one perturbation.
struct PerturbedInput: Sendable {
  let perturbation: RankingAudit.Perturbation
  private let draw: Int
  private let seed: UInt64

  init(_ perturbation: RankingAudit.Perturbation, draw: Int, seed: UInt64) {
    self.perturbation = perturbation
    self.draw = draw
    self.seed = seed
  }

  /// The changed matrix of a layer. What concerns samples is the same for all layers of a model.
  ///
  /// - Throws: `MetricError` where nothing is left; `SpillError`.
  func matrix(of values: StoredMatrix, layer: Int, model: Int) throws -> Matrix {
    switch perturbation {
    case .halfOfSamples:
      return try values.selectingRows(half(of: values.rows)).matrix()
    case .halfOfUnits:
      var generator = generator(RandomStream.auditUnits, layer)
      let kept = generator.permutation(of: values.columns).prefix((values.columns + 1) / 2)
      return try values.selectingColumns(kept.sorted()).matrix()
    case .withoutFirstComponent:
      return try withoutFirstComponent(StandardizedMatrix(checking: values).matrix())
    case .outlier:
      return withOutlier(
        try StandardizedMatrix(checking: values).matrix(), layer: layer, model: model)
    }
  }

  /// Draws 2k and 2k + 1 are the halves of one split.
  private func half(of samples: Int) -> [Int] {
    var generator = SeededGenerator(
      seed: seed, stream: RandomStream.auditSamples + UInt64(draw / 2))
    let order = generator.permutation(of: samples)
    return (draw % 2 == 0 ? order.prefix(samples / 2) : order.suffix(samples / 2)).sorted()
  }

  private func withoutFirstComponent(_ matrix: Matrix) throws -> Matrix {
    let isTall = matrix.columns <= matrix.rows
    let leading = try SymmetricEigen(
      leadingOf: isTall ? matrix.featureGram() : matrix.sampleGram()
    ) { _ in 1 }
    let vector = leading.vectors
    // Samples × 1 and 1 × features, whose product is the first component.
    let scores = isTall ? matrix.times(vector.transposed()) : vector.transposed()
    let loadings = isTall ? vector : vector.times(matrix)
    guard 1 - leading.values[0] > Double(matrix.rows) * Double.ulpOfOne else {
      throw MetricError.constant
    }
    return Matrix(rows: matrix.rows, columns: matrix.columns) {
      matrix[$0, $1] - scores[$0, 0] * loadings[0, $1]
    }
  }

  /// - Parameter matrix: Of unit norm, so that the root mean square distance is 1/√n.
  private func withOutlier(_ matrix: Matrix, layer: Int, model: Int) -> Matrix {
    var choice = generator(RandomStream.auditOutliers, model)
    let sample = choice.uniform(below: matrix.rows)
    var generator = generator(RandomStream.auditDirections, layer)
    let direction = (0..<matrix.columns).map { _ in generator.gaussian() }
    let length = dot(direction, direction).squareRoot()
    let distance = RankingAudit.outlierDistance / Double(matrix.rows).squareRoot()
    var moved = matrix
    for column in 0..<matrix.columns {
      moved[sample, column] += distance * direction[column] / length
    }
    return moved
  }

  private func generator(_ stream: UInt64, _ index: Int) -> SeededGenerator {
    SeededGenerator(seed: seed, stream: stream + UInt64(draw) << 24 + UInt64(index))
  }
}

extension RandomStream {
  static let auditSamples: UInt64 = 20 << 32
  static let auditUnits: UInt64 = 21 << 32
  static let auditOutliers: UInt64 = 22 << 32
  static let auditDirections: UInt64 = 23 << 32
}
