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
      familyNames: isAcross ? population.blocks : [],
      familyIntervalsCoverNetworks: isAcross && seeds.coversNetworks)
  }

  /// One item with what its rank interval needs.
  private struct Row {
    var item: RankedItem
    /// Scaled deviations of the universality: first from stimuli and permutations, then from the seeds
    /// of each family.
    var deviations: [[Double]]?
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
    for (position, range) in rankRanges(rows).enumerated() {
      rows[position].item.rank = position + 1
      rows[position].item.rankRange = range
    }
    return rows.map(\.item)
  }

  private func row(
    _ value: Double, at index: Int, name: Int, calibration: PermutationNull.Calibration?,
    falseDiscoveryRate: Double?, seedDeviations: [[Double]], others: [(String, Double)]
  ) -> Row {
    let raw = rawEstimate(value, at: offset + index, seedDeviations)
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
    let fromSeeds = seedDeviations.map { family in family.map { $0 / stretch } }
    let fromPermutations =
      usable == nil ? [] : null?.calibrationDeviations(of: value, at: index) ?? []
    return Row(
      item: RankedItem(
        index: name, rank: 0, score: score,
        otherScores: Dictionary(
          uniqueKeysWithValues: others.filter { !$0.1.isNaN }.map { ($0.0, $0.1) })),
      deviations: stimuli.map { [$0 + fromPermutations] + fromSeeds })
  }

  /// The raw score with its interval: for other stimuli, and for a family also for other networks where
  /// every family has enough of them.
  private func rawEstimate(
    _ value: Double, at index: Int, _ seedDeviations: [[Double]]
  ) -> Estimate {
    guard !jackknife.replicates.isEmpty,
      let stimuli = jackknife.estimate(value, at: index, range: range)
    else { return Estimate(value: value) }
    guard seeds.coversNetworks, !seedDeviations.isEmpty, stimuli.low != nil, abs(value) < 1,
      let deviations = jackknife.deviations(at: index, FisherZ.transformed)
    else { return stimuli }
    // On Fisher's z scale, where the slope is 1/(1 − r²).
    let slope = 1 / (1 - value * value)
    let half = VarianceSum(
      parts: [deviations] + seedDeviations.map { family in family.map { slope * $0 } }
    ).half
    let z = FisherZ.transformed(value)
    return Estimate(
      value: value, low: max(range.lowerBound, FisherZ.score(z - half)),
      high: min(range.upperBound, FisherZ.score(z + half)))
  }

  /// The ranges of ranks, for rows in the order of their scores. Rows without deviations could stand
  /// anywhere as far as the others know. Where no row has any, nothing is known but that equal scores
  /// could change places.
  private func rankRanges(_ rows: [Row]) -> [ClosedRange<Int>?] {
    let known = rows.indices.filter { rows[$0].deviations != nil }
    guard known.count >= 2, known.count <= Self.rankIntervalLimit,
      let intervals = RankIntervals(
        scores: known.map { rows[$0].item.score.universality.value },
        deviations: known.compactMap { rows[$0].deviations },
        degrees: degrees(rows[known[0]].deviations), seed: seed,
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

  /// The degrees of freedom of each part: G − 1 for the stimuli, m − 1 for the seeds of a family. The
  /// calibration's share of the first is small.
  private func degrees(_ deviations: [[Double]]?) -> [Int] {
    [jackknife.replicates.count - 1] + (deviations ?? []).dropFirst().map { $0.count - 1 }
  }
}
