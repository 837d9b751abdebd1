import LinearAlgebra

/// The inner products of all layers of the waterfall, from all samples or some.
struct WaterfallProducts: Sendable {
  /// Of the U-centred Gram matrices.
  var whole: Matrix
  /// Of those centred within classes, where there are labels.
  var within: LeaveOutProducts.Products?
}

/// The numbers of all steps for all pairs of families.
struct WaterfallLadders: Sendable {
  let sites: WaterfallSites
  /// The relative size of rounding errors.
  let rounding: Double
  /// The standard deviation of a similarity under chance.
  let chance: Double

  /// The 95 % point of the normal distribution: agreement between seeds below that of chance is no
  /// ceiling.
  private static let normalQuantile = 1.6448536269514722

  /// What is known of one step; NaN where it is not.
  struct Numbers {
    var value = Double.nan
    var left = Double.nan
    var part = Double.nan
    var alone = Double.nan
    var exchanged = Double.nan
    var ceiling = Double.nan
    var ofCeiling = Double.nan

    var flattened: [Double] { [value, left, part, alone, exchanged, ceiling, ofCeiling] }
    static let count = 7

    /// The means of each number; NaN where one of them is.
    static func mean(_ all: [Numbers]) -> Numbers {
      func mean(_ path: KeyPath<Numbers, Double>) -> Double {
        all.isEmpty ? .nan : all.reduce(0) { $0 + $1[keyPath: path] } / Double(all.count)
      }
      return Numbers(
        value: mean(\.value), left: mean(\.left), part: mean(\.part), alone: mean(\.alone),
        exchanged: mean(\.exchanged), ceiling: mean(\.ceiling), ofCeiling: mean(\.ofCeiling))
    }
  }

  /// One ladder: a pair of families (or all pairs), trained or not.
  private struct Rung {
    var stage: Waterfall.Stage
    var blocks: (Int, Int)?
    var isTrained: Bool
    var pairs: Int
    /// In the order of ``Waterfall/Step``.
    var steps: [Numbers]
  }

  /// All numbers in a row, in the order of ``rows(_:_:_:)``.
  func measured(_ products: WaterfallProducts) -> [Double] {
    flattened(rungs(pairs(products), leavingOut: nil))
  }

  /// All numbers without each model of the population in turn.
  func measuredWithoutModels(_ products: WaterfallProducts) -> [[Double]] {
    let pairs = pairs(products)
    return sites.population.members.indices.map { flattened(rungs(pairs, leavingOut: $0)) }
  }

  private func flattened(_ rungs: [Rung]) -> [Double] {
    rungs.flatMap { $0.steps.flatMap(\.flattened) }
  }

  /// The rows that say something, with their intervals.
  func rows(
    _ values: [Double], _ jackknife: Jackknife, _ networks: NetworkJackknife
  ) -> [WaterfallRow] {
    let names = sites.population.blocks
    let steps = Waterfall.Step.allCases
    return outlines.enumerated().flatMap { place, rung in
      let source = networks.source(of: rung.blocks)
      return steps.enumerated().compactMap { index, step -> WaterfallRow? in
        let start = (place * steps.count + index) * Numbers.count
        func score(_ offset: Int) -> Estimate? {
          networks.estimate(
            values[start + offset], at: start + offset, jackknife, source, range: -1...1)
        }
        func number(_ offset: Int) -> Estimate? {
          networks.linearEstimate(values[start + offset], at: start + offset, jackknife, source)
        }
        guard !values[start].isNaN else { return nil }
        var row = WaterfallRow(
          stage: rung.stage, families: rung.blocks.map { (names[$0.0], names[$0.1]) },
          isTrained: rung.isTrained, step: step, pairs: rung.pairs)
        row.coversNetworks = source != nil
        row.value = score(0)
        row.left = score(1)
        row.part = number(2)
        row.alone = score(3)
        row.exchanged = score(4)
        row.ceiling = score(5)
        row.ofCeiling = number(6)
        return row
      }
    }
  }

  /// Which ladders there are: for each stage and training first all families, then each pair.
  private var outlines: [Rung] {
    sites.stages.flatMap { stage, sites in
      [true, false].flatMap { isTrained in
        let pairs = Self.blockPairs(self.sites.population.blocks.count).map { blocks in
          Rung(
            stage: stage, blocks: blocks, isTrained: isTrained,
            pairs: Self.sitePairs(sites, blocks).count, steps: [])
        }
        let between = pairs.filter { $0.blocks.map { $0.0 != $0.1 } ?? false && $0.pairs > 0 }
        let all = Rung(
          stage: stage, blocks: nil, isTrained: isTrained,
          pairs: between.reduce(0) { $0 + $1.pairs }, steps: [])
        return [all] + pairs
      }
    }
  }

  /// The steps of one pair of models, and who they are.
  private struct PairSteps {
    var members: (Int, Int)
    var steps: [Numbers]
  }

  /// The pairs of models of each of the ``outlines``; none for those over all pairs of families.
  private func pairs(_ products: WaterfallProducts) -> [[PairSteps]] {
    let bySite = Dictionary(uniqueKeysWithValues: sites.stages.map { ($0.stage, $0.sites) })
    return outlines.map { rung in
      guard let blocks = rung.blocks, let sites = bySite[rung.stage] else { return [] }
      return Self.sitePairs(sites, blocks).map { a, b in
        PairSteps(
          members: (sites[a].member, sites[b].member),
          steps: numbers(sites[a], sites[b], isTrained: rung.isTrained, products))
      }
    }
  }

  private func rungs(_ pairs: [[PairSteps]], leavingOut member: Int?) -> [Rung] {
    var rungs = outlines
    var start = 0
    while start < rungs.count {
      let end = rungs[(start + 1)...].firstIndex { $0.blocks == nil } ?? rungs.count
      for index in start + 1..<end {
        let kept = pairs[index].filter { $0.members.0 != member && $0.members.1 != member }
        rungs[index].steps = Waterfall.Step.allCases.indices.map { step in
          Numbers.mean(kept.map { $0.steps[step] })
        }
      }
      addCeilings(&rungs, start + 1..<end)
      let between = rungs[start + 1..<end].filter {
        $0.pairs > 0 && ($0.blocks.map { $0.0 != $0.1 } ?? false)
      }
      rungs[start].steps = Waterfall.Step.allCases.indices.map { step in
        Numbers.mean(between.map { $0.steps[step] })
      }
      start = end
    }
    return rungs
  }

  /// What the seeds of both families reach among themselves.
  private func addCeilings(_ rungs: inout [Rung], _ range: Range<Int>) {
    var own: [Int: [Numbers]] = [:]
    for index in range {
      if let blocks = rungs[index].blocks, blocks.0 == blocks.1 {
        own[blocks.0] = rungs[index].steps
      }
    }
    for index in range {
      guard let blocks = rungs[index].blocks, blocks.0 != blocks.1 else { continue }
      for step in rungs[index].steps.indices {
        guard let a = own[blocks.0]?[step].value, let b = own[blocks.1]?[step].value,
          min(a, b) > Self.normalQuantile * chance
        else { continue }
        let ceiling = (a * b).squareRoot()
        rungs[index].steps[step].ceiling = ceiling
        rungs[index].steps[step].ofCeiling = rungs[index].steps[step].value / ceiling
      }
    }
  }

  /// The pairs of families, each family with itself included.
  private static func blockPairs(_ count: Int) -> [(Int, Int)] {
    (0..<count).flatMap { a in (a..<count).map { (a, $0) } }
  }

  /// The pairs of models of two families, by places in `sites`; within a family every pair once.
  private static func sitePairs(
    _ sites: [WaterfallSites.Site], _ blocks: (Int, Int)
  ) -> [(Int, Int)] {
    sites.indices.flatMap { a in
      sites.indices.compactMap { b in
        guard sites[a].block == blocks.0, sites[b].block == blocks.1,
          blocks.0 != blocks.1 || a < b
        else { return nil }
        return (a, b)
      }
    }
  }

  /// The steps of one pair of models.
  private func numbers(
    _ a: WaterfallSites.Site, _ b: WaterfallSites.Site, isTrained: Bool,
    _ products: WaterfallProducts
  ) -> [Numbers] {
    let pair = (isTrained ? a.layer : a.twin, isTrained ? b.layer : b.twin)
    guard let x = pair.0, let y = pair.1 else {
      return Waterfall.Step.allCases.map { _ in Numbers() }
    }
    let twins = isTrained ? a.twin.flatMap { first in b.twin.map { [first, $0] } } : nil
    let whole = (x: products.whole[x, x], y: products.whole[y, y])
    let norm = (whole.x * whole.y).squareRoot()
    var covariates: [Int] = []
    var last = Double.nan
    func rest(_ table: Matrix, _ covariates: [Int]) -> ResidualProducts {
      ResidualProducts(table, x: x, y: y, beyond: covariates, rounding: rounding)
    }
    /// The next step: `after` is what is left of the pair, `alone` after this step only.
    func step(_ after: ResidualProducts, alone: ResidualProducts) -> Numbers {
      let left = after.xy / norm
      defer { last = left }
      return Numbers(
        value: after.cosine(ofWhole: whole, rounding: rounding), left: left, part: last - left,
        alone: alone.cosine(ofWhole: whole, rounding: rounding))
    }
    return Waterfall.Step.allCases.map { name in
      switch name {
      case .raw, .chance:
        let whole = rest(products.whole, [])
        return step(whole, alone: whole)
      case .input:
        guard !sites.inputs.isEmpty else { return Numbers() }
        covariates += sites.inputs
        return step(rest(products.whole, covariates), alone: rest(products.whole, sites.inputs))
      case .twins:
        guard let twins else { return Numbers() }
        covariates += twins
        return step(rest(products.whole, covariates), alone: rest(products.whole, twins))
      case .labels:
        guard let within = products.within else { return Numbers() }
        var numbers = step(rest(within.centered, covariates), alone: rest(within.centered, []))
        numbers.exchanged = within.exchanged[x, y] / norm
        return numbers
      }
    }
  }
}
