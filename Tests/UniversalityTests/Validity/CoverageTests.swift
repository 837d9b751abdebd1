import Activations
import LinearAlgebra
import Metrics
import Testing
import Zoo

@testable import Universality

/// Intervals at 95 % hold the truth in 95 % of zoos, for families of unequal size.
@Suite struct CoverageTests {
  /// Counts of intervals that hold the truth, by what they are about.
  private struct Count: Sendable {
    var held: [String: Int] = [:]
    var all: [String: Int] = [:]

    mutating func add(_ name: String, _ estimate: Estimate?, _ truth: Double) {
      guard let low = estimate?.low, let high = estimate?.high else { return }
      all[name, default: 0] += 1
      if low <= truth, truth <= high { held[name, default: 0] += 1 }
    }

    static func sum(_ counts: [Count]) -> Count {
      counts.reduce(into: Count()) { sum, count in
        sum.held.merge(count.held, uniquingKeysWith: +)
        sum.all.merge(count.all, uniquingKeysWith: +)
      }
    }
  }

  /// Intervals of one zoo go up and down together: as many independent draws as there are zoos.
  private func check(_ counts: [Count], names: [String], _ title: String) {
    let sum = Count.sum(counts)
    for name in names {
      let rate = Double(sum.held[name] ?? 0) / Double(sum.all[name] ?? 0)
      ValidityScale.report("\(title), \(name): \(rate) of \(sum.all[name] ?? 0) intervals")
      let slack = ValidityScale.isFull ? 0.02 : ValidityScale.slack(0.95, counts.count)
      #expect(abs(rate - 0.95) <= slack, "\(title), \(name): \(rate)")
    }
  }

  private func options(_ seed: Int) -> AnalysisOptions {
    AnalysisOptions(permutations: 0, resamples: 50, seed: UInt64(seed), threads: 1)
  }

  /// The networks stay, the stimuli change.
  @Test(arguments: [[1, 2, 4], [2, 2, 2]])
  func scoresOfTheseNetworksAreCoveredOverStimuli(sizes: [Int]) throws {
    let zoo = CoverageZoo(sizes: sizes, layers: 2, spread: 0.4, families: 3, seed: 4)
    let counts = try Parallel.map(
      count: ValidityScale.draws(60, full: 1000), threads: 2
    ) { draw -> Count in
      let activations = zoo.activations(samples: 200, seed: UInt64(100 + draw))
      let truth = zoo.scores(of: Population(of: activations, role: .contestant))
      let metric = DebiasedCKA()
      let comparison = try ZooComparison(
        of: activations, metrics: [metric], withDiagnostics: false,
        resources: Resources(threads: 1))
      let ranking = try Findings(
        of: activations, comparison: comparison, rankedBy: metric, options: options(draw)
      ).ranking
      var count = Count()
      for item in ranking.layers { count.add("layers", item.score.raw, truth.layers[item.index]) }
      for item in ranking.models { count.add("models", item.score.raw, truth.models[item.index]) }
      for item in ranking.families {
        count.add("families", item.score.raw, truth.blocks[item.index])
      }
      return count
    }
    check(counts, names: ["layers", "models", "families"], "scores, families of \(sizes)")
  }

  /// With three networks a family and more, the intervals of families allow for other networks too.
  @Test func scoresOfFamiliesAreCoveredOverStimuliAndNetworks() throws {
    @Sendable func zoo(_ seed: Int) -> CoverageZoo {
      CoverageZoo(sizes: [3, 6, 4], layers: 1, spread: 0.4, families: 3, seed: UInt64(seed))
    }
    let population = Population(
      of: zoo(0).activations(samples: 8, seed: 0), role: .contestant)
    let draws = 2000
    var means = [Double](repeating: 0, count: 3)
    for draw in 0..<draws {
      for (family, value) in zoo(50_000 + draw).scores(of: population).blocks.enumerated() {
        means[family] += value / Double(draws)
      }
    }
    let expected = means
    let counts = try Parallel.map(
      count: ValidityScale.draws(60, full: 1000), threads: 2
    ) { draw -> Count in
      let activations = zoo(draw).activations(samples: 200, seed: UInt64(100 + draw))
      let metric = DebiasedCKA()
      let comparison = try ZooComparison(
        of: activations, metrics: [metric], withDiagnostics: false,
        resources: Resources(threads: 1))
      let ranking = try Findings(
        of: activations, comparison: comparison, rankedBy: metric, options: options(draw)
      ).ranking
      #expect(ranking.familyIntervalsCoverNetworks)
      var count = Count()
      for item in ranking.families { count.add("families", item.score.raw, expected[item.index]) }
      return count
    }
    check(counts, names: ["families"], "scores over stimuli and networks")
  }

  /// The mean over all pairs of models of two families, in the population of stimuli.
  private func ladder(
    _ zoo: CoverageZoo, _ a: Int, _ b: Int,
    _ value: (CoverageZoo.Layer, CoverageZoo.Layer) -> Double
  ) -> Double {
    let first = zoo.networks.filter { $0.family == a }.map { $0.layers[0] }
    let second = zoo.networks.filter { $0.family == b }.map { $0.layers[0] }
    let values = first.flatMap { x in second.map { value(x, $0) } }
    return values.reduce(0, +) / Double(values.count)
  }

  /// By step and pair of families.
  private typealias Truths = [Waterfall.Step: [[Int]: Double]]

  private func truths(_ zoo: CoverageZoo, families: Int) -> Truths {
    var truths: Truths = [.raw: [:], .input: [:]]
    for a in 0..<families {
      for b in 0..<a {
        truths[.raw]?[[b, a]] = ladder(zoo, b, a, zoo.similarity)
        truths[.input]?[[b, a]] = ladder(zoo, b, a, zoo.beyondInput)
      }
    }
    return truths
  }

  private func count(
    _ activations: ActivationSet, _ truths: Truths, draw: Int,
    coversNetworks: Bool
  ) throws -> Count {
    let waterfall = try #require(try Waterfall(of: activations, options: options(draw)))
    var count = Count()
    for (step, pairs) in truths {
      for (pair, truth) in pairs {
        let row = waterfall.ladder(.last, families: ("f\(pair[0])", "f\(pair[1])"))
          .first { $0.step == step }
        #expect(row?.coversNetworks == coversNetworks)
        count.add("pairs, \(step.rawValue)", row?.value, truth)
      }
      let all = waterfall.ladder(.last).first { $0.step == step }
      count.add(
        "all families, \(step.rawValue)", all?.value,
        pairs.values.reduce(0, +) / Double(pairs.count))
    }
    return count
  }

  private static let steps = [Waterfall.Step.raw, .input].flatMap {
    ["pairs, \($0.rawValue)", "all families, \($0.rawValue)"]
  }

  @Test func theWaterfallOfTwoNetworksAFamilyIsCoveredOverStimuli() throws {
    let zoo = CoverageZoo(sizes: [2, 1, 2], layers: 1, spread: 0.4, families: 3, seed: 4)
    let known = truths(zoo, families: 3)
    let counts = try Parallel.map(
      count: ValidityScale.draws(60, full: 1000), threads: 2
    ) { draw in
      try count(
        zoo.activations(samples: 200, withInput: true, seed: UInt64(100 + draw)), known,
        draw: draw, coversNetworks: false)
    }
    check(counts, names: Self.steps, "waterfall over stimuli")
  }

  /// With three networks a family and more, other networks are allowed for: here both change.
  @Test func theWaterfallOfMoreNetworksIsCoveredOverStimuliAndNetworks() throws {
    let sizes = [3, 6, 4]
    @Sendable func zoo(_ seed: Int) -> CoverageZoo {
      CoverageZoo(sizes: sizes, layers: 1, spread: 0.4, families: 3, seed: UInt64(seed))
    }
    // The mean over networks, from networks of their own.
    let draws = 2000
    var means: Truths = [:]
    for draw in 0..<draws {
      for (step, pairs) in truths(zoo(50_000 + draw), families: 3) {
        for (pair, value) in pairs {
          means[step, default: [:]][pair, default: 0] += value / Double(draws)
        }
      }
    }
    let expected = means
    let counts = try Parallel.map(
      count: ValidityScale.draws(60, full: 1000), threads: 2
    ) { draw in
      try count(
        zoo(draw).activations(samples: 200, withInput: true, seed: UInt64(100 + draw)), expected,
        draw: draw, coversNetworks: true)
    }
    check(counts, names: Self.steps, "waterfall over stimuli and networks")
  }
}
