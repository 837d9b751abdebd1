/// Turns observed scores, chance and jackknife into the ranked rows of one population.
struct Ranker {
  let population: Population
  /// `nil` where the scores are not compared with chance.
  let null: PermutationNull?
  let jackknife: Jackknife
  /// Where the scores of this population begin in the jackknife's measurements.
  let offset: Int
  let seeds: SeedJackknife
  let otherScores: [(metric: String, scores: Scores)]
  /// The values that the metric can take.
  let range: ClosedRange<Double>
  /// The seed of the simulation behind the rank intervals.
  let seed: UInt64

  /// Beyond this many items the simulation of rank intervals costs more than the rest of the run.
  private static let rankIntervalLimit = 1500

  func ranking(_ scores: Scores) -> Ranking {
    let isAcross = population.reference == .otherFamilies
    return Ranking(
      reference: population.reference,
      layers: rows(scores.layers, start: 0, names: population.layers) { $0.layers },
      models: rows(
        scores.models, start: scores.layers.count, names: population.members.map(\.model)
      ) { $0.models },
      families: isAcross
        ? rows(
          scores.blocks, start: scores.layers.count + scores.models.count,
          names: Array(population.blocks.indices), seeds: seeds
        ) { $0.blocks } : [],
      familyNames: isAcross ? population.blocks : [])
  }

  /// One item with what its rank interval needs.
  private struct Row {
    var item: RankedItem
    /// Scaled deviations of the universality: from stimuli, seeds and permutations, in this order.
    var deviations: [Double]?
    var variances: (stimuli: Double, seeds: Double)
  }

  /// - Parameters:
  ///   - start: Where these scores begin in ``Scores/flattened``.
  ///   - names: What the items are called outside (``RankedItem/index``).
  ///   - seeds: The uncertainty from the choice of models, where the items are families.
  private func rows(
    _ values: [Double], start: Int, names: [Int], seeds: SeedJackknife? = nil,
    others: (Scores) -> [Double]
  ) -> [RankedItem] {
    let scored = values.indices.filter { !values[$0].isNaN }
    let calibrations = scored.map { null?.calibration(of: values[$0], at: start + $0) }
    let rates = falseDiscoveryRates(calibrations.map { $0?.pValue })
    var rows = scored.enumerated().map { position, index in
      row(
        values[index], at: start + index, name: names[index],
        calibration: calibrations[position], falseDiscoveryRate: rates[position],
        seedDeviations: seeds?.deviations[index] ?? [],
        others: otherScores.map { ($0.metric, others($0.scores)[index]) })
    }
    // Equal scores keep the order of the zoo.
    let order = rows.indices.sorted {
      let (x, y) = (
        rows[$0].item.score.universality.value, rows[$1].item.score.universality.value
      )
      return x == y ? $0 < $1 : x > y
    }
    rows = order.map { rows[$0] }
    for (position, range) in rankRanges(rows, seeds: seeds).enumerated() {
      rows[position].item.rank = position + 1
      rows[position].item.rankRange = range
    }
    return rows.map(\.item)
  }

  private func row(
    _ value: Double, at index: Int, name: Int, calibration: PermutationNull.Calibration?,
    falseDiscoveryRate: Double?, seedDeviations: [Double], others: [(String, Double)]
  ) -> Row {
    let raw =
      jackknife.replicates.isEmpty
      ? Estimate(value: value)
      : jackknife.estimate(value, at: offset + index, range: range) ?? Estimate(value: value)
    let usable = (null?.draws.count ?? 0) >= PermutationNull.fewest ? calibration : nil
    func calibrated(_ score: Double) -> Double { usable?.calibrated(score) ?? score }
    let score = Score(
      raw: raw,
      calibrated: usable.map { calibration in
        Estimate(
          value: max(0, calibrated(value)),
          low: calibration.isSaturated ? nil : raw.low.map { max(0, calibrated($0)) },
          high: calibration.isSaturated ? nil : raw.high.map { max(0, calibrated($0)) })
      },
      nullMean: calibration?.mean, nullThreshold: usable?.threshold,
      pValue: calibration?.pValue, qValue: falseDiscoveryRate)
    let stretch = usable.map { $0.isSaturated ? .infinity : 1 - $0.threshold } ?? 1
    // Without an interval there is no rank range either.
    let stimuli =
      raw.low == nil ? nil : jackknife.deviations(at: offset + index) { $0 / stretch }
    let fromSeeds = seedDeviations.map { $0 / stretch }
    let fromPermutations =
      usable == nil ? [] : null?.calibrationDeviations(of: value, at: index) ?? []
    return Row(
      item: RankedItem(
        index: name, rank: 0, score: score,
        otherScores: Dictionary(
          uniqueKeysWithValues: others.filter { !$0.1.isNaN }.map { ($0.0, $0.1) })),
      deviations: stimuli.map { $0 + fromSeeds + fromPermutations },
      variances: (
        stimuli: stimuli?.reduce(0) { $0 + $1 * $1 } ?? 0,
        seeds: fromSeeds.reduce(0) { $0 + $1 * $1 }
      ))
  }

  /// The ranges of ranks, for rows in the order of their scores. Rows without deviations could stand
  /// anywhere as far as the others know. Where no row has any, nothing is known but that equal scores
  /// could change places.
  private func rankRanges(_ rows: [Row], seeds: SeedJackknife?) -> [ClosedRange<Int>?] {
    let known = rows.indices.filter { rows[$0].deviations != nil }
    guard known.count >= 2, known.count <= Self.rankIntervalLimit,
      let intervals = RankIntervals(
        scores: known.map { rows[$0].item.score.universality.value },
        deviations: known.compactMap { rows[$0].deviations },
        degrees: degrees(known.map { rows[$0] }, seeds: seeds), seed: seed,
        equal: { i, j in
          abs(rows[known[i]].item.score.raw.value - rows[known[j]].item.score.raw.value)
            <= PermutationNull.tolerance
        })
    else { return tieRanges(rows) }
    var ranges = [ClosedRange<Int>?](repeating: 1...rows.count, count: rows.count)
    let unknown = rows.count - known.count
    for (position, row) in known.enumerated() {
      let range = intervals.ranges[position]
      ranges[row] = range.lowerBound...range.upperBound + unknown
    }
    return ranges
  }

  /// All ranks where all scores are equal, as where nothing is above chance; else nothing.
  private func tieRanges(_ rows: [Row]) -> [ClosedRange<Int>?] {
    let scores = Set(rows.map(\.item.score.universality.value))
    return Array(repeating: scores.count == 1 ? 1...rows.count : nil, count: rows.count)
  }

  /// The degrees of freedom of the sum of the variances from stimuli (G − 1) and from seeds
  /// (Σ (m − 1)), after Welch (1947) and Satterthwaite (1946), from the variances averaged over the
  /// items.
  private func degrees(_ rows: [Row], seeds: SeedJackknife?) -> Int {
    let fromStimuli = Double(jackknife.replicates.count - 1)
    guard let seedDegrees = seeds?.degrees else { return Int(fromStimuli) }
    let stimuli = rows.reduce(0) { $0 + $1.variances.stimuli }
    let choice = rows.reduce(0) { $0 + $1.variances.seeds }
    guard choice > 0, stimuli + choice > 0 else { return Int(fromStimuli) }
    let effective =
      (stimuli + choice) * (stimuli + choice)
      / (stimuli * stimuli / fromStimuli + choice * choice / Double(seedDegrees))
    return max(1, Int(effective.rounded(.down)))
  }
}
