import Activations
import LinearAlgebra

/// The predictability of every unit of a zoo from each family (``FeaturePredictability``).
///
/// Each layer is decomposed once and predicts all units, panel by panel. For its null up to 1,000 units,
/// evenly spread, are predicted once more after their samples were reordered, each half by itself.
///
/// - Complexity: O(Σ_layers (n d min(n, d) + D n min(n, d))) for D units; besides the units, O(n²) on each
///   thread and (families) numbers a unit.
struct UnitPredictability: Sendable {
  /// Unit by unit; `nil` for units that do not vary or that no other family predicts.
  let values: [FeaturePredictability?]
  /// The 95 % point of R² when the samples of units are reordered.
  let chance: Double?

  private static let mostNullUnits = 1000

  /// - Throws: `DecompositionError`, `SpillError`.
  init(
    of zoo: UnitZoo, from sources: PredictionSources, in activations: ActivationSet,
    halves: SampleHalves, seed: UInt64, threads: Int, finished: (@Sendable (Int) -> Void)? = nil
  ) throws {
    let targets = try Targets(zoo, mostNullUnits: Self.mostNullUnits, seed: seed)
    let jobs = Self.jobs(sources)
    let found = try Parallel.map(count: jobs.count, threads: threads, finished: finished) { job in
      try jobs[job].r2(of: targets, in: activations, halves: halves)
    }
    let families = zoo.population.blocks.count
    func family(_ unit: Int) -> Int { zoo.population.members[targets.members[unit]].block }
    func others(_ unit: Int) -> [Int] { (0..<families).filter { $0 != family(unit) } }
    func known(_ value: Double) -> Double? { value.isNaN ? nil : value }
    let input = found.count > 2 * families ? found[2 * families] : nil
    let means = (0..<targets.count).map { unit -> Estimate? in
      guard targets.varies[unit] else { return nil }
      return .mean(over: others(unit).compactMap { known(found[$0][unit]) })
    }
    let null = means[zoo.unitCount...].compactMap { $0?.value }.sorted()
    let pValues = means[..<zoo.unitCount].map { mean in
      mean.map { PooledNull.pValue(of: $0.value, in: null) }
    }
    let qValues = falseDiscoveryRates(pValues)
    chance = null.isEmpty ? nil : null[min(null.count - 1, null.count * 95 / 100)]
    values = (0..<zoo.unitCount).map { unit in
      guard let r2 = means[unit], let p = pValues[unit], let q = qValues[unit] else { return nil }
      let gained = others(unit).compactMap { other -> Double? in
        guard let trained = known(found[other][unit]),
          let before = known(found[families + other][unit])
        else { return nil }
        return trained - before
      }
      let beyondInput = input.flatMap { known($0[unit]) }.map { input in
        Estimate(
          value: r2.value - input, low: r2.low.map { $0 - input }, high: r2.high.map { $0 - input })
      }
      return FeaturePredictability(
        r2: r2, pValue: p, qValue: q, excessOverInput: beyondInput,
        excessOverUntrained: .mean(over: gained), otherSeeds: known(found[family(unit)][unit]))
    }
  }

  /// The families, trained; the families, untrained; the input.
  private static func jobs(_ sources: PredictionSources) -> [PredictionJob] {
    sources.trained.map { PredictionJob(sources: $0, skipsOwnUnits: true) }
      + sources.untrained.map { PredictionJob(sources: $0, skipsOwnUnits: true) }
      + (sources.inputs.isEmpty
        ? []
        : [
          PredictionJob(sources: [.init(member: -1, layers: sources.inputs)], skipsOwnUnits: false)
        ])
  }

  static func jobCount(_ sources: PredictionSources) -> Int { jobs(sources).count }
}

/// Everything that is predicted: the units of a zoo, and behind them units whose samples are reordered.
private struct Targets: Sendable {
  /// For each target the model it is of.
  let members: [Int]
  let varies: [Bool]
  private let panels: [UnitPanel]
  private let reordered: SplitTargets

  var count: Int { members.count }

  init(_ zoo: UnitZoo, mostNullUnits: Int, seed: UInt64) throws {
    panels = zoo.pieces.indices.flatMap {
      UnitPanel.panels(of: zoo.pieces[$0], startingAt: zoo.starts[$0])
    }
    let units = zoo.units
    let varying = units.indices.filter { units[$0].varies }
    let step = max(1, (varying.count + mostNullUnits - 1) / mostNullUnits)
    let chosen = stride(from: 0, to: varying.count, by: step).map { varying[$0] }
    reordered = try Self.reordered(chosen, panels, seed: seed)
    members = units.map(\.member) + chosen.map { units[$0].member }
    varies = units.map(\.varies) + chosen.map { _ in true }
  }

  private static func reordered(
    _ chosen: [Int], _ panels: [UnitPanel], seed: UInt64
  ) throws -> SplitTargets {
    var (fitted, heldOut) = ([Matrix](), [Matrix]())
    for panel in panels {
      let mine = chosen.filter { $0 >= panel.start && $0 < panel.start + panel.width }
      guard !mine.isEmpty else { continue }
      let targets = try SplitTargets(panel.blocks)
      func shuffled(_ values: Matrix, stream: UInt64) -> Matrix {
        let orders = mine.map { unit in
          var generator = SeededGenerator(seed: seed, stream: stream + UInt64(unit))
          return generator.permutation(of: values.rows)
        }
        return Matrix(rows: values.rows, columns: mine.count) {
          values[orders[$1][$0], mine[$1] - panel.start]
        }
      }
      fitted.append(shuffled(targets.fitted, stream: RandomStream.reorderedUnits))
      heldOut.append(shuffled(targets.heldOut, stream: RandomStream.reorderedHeldOut))
    }
    return SplitTargets(fitted: .sideBySide(fitted), heldOut: .sideBySide(heldOut))
  }

  /// Calls `body` with some targets and the number of the first, until all were there.
  func forEach(_ body: (Int, SplitTargets) throws -> Void) throws {
    for panel in panels { try body(panel.start, try SplitTargets(panel.blocks)) }
    if reordered.count > 0 { try body(count - reordered.count, reordered) }
  }
}

/// Predictions from the models of one family.
private struct PredictionJob: Sendable {
  let sources: [PredictionSources.Source]
  /// Whether a model says nothing of its own units.
  let skipsOwnUnits: Bool

  /// Target by target the mean over the models; NaN where there is none.
  func r2(
    of targets: Targets, in activations: ActivationSet, halves: SampleHalves
  ) throws -> [Double] {
    var sums = [Double](repeating: 0, count: targets.count)
    var counts = sums
    for source in sources {
      var errors = [Double](repeating: .infinity, count: targets.count)
      var best = [Double](repeating: .nan, count: targets.count)
      for layer in source.layers {
        guard let ridge = try LayerRidge(activations.representations[layer].values, halves: halves)
        else { continue }
        try targets.forEach { start, block in
          for (place, prediction) in ridge.predictions(of: block).enumerated()
          where prediction.error < errors[start + place] {
            errors[start + place] = prediction.error
            best[start + place] = prediction.r2
          }
        }
      }
      for target in best.indices
      where !best[target].isNaN && !(skipsOwnUnits && targets.members[target] == source.member) {
        sums[target] += best[target]
        counts[target] += 1
      }
    }
    return zip(sums, counts).map { $1 > 0 ? $0 / $1 : .nan }
  }
}

/// A distribution by chance from many draws.
enum PooledNull {
  /// (1 + draws at least as large) / (1 + draws).
  ///
  /// - Parameter sorted: The draws in ascending order.
  static func pValue(of value: Double, in sorted: [Double]) -> Double {
    var (low, high) = (0, sorted.count)
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle] < value { low = middle + 1 } else { high = middle }
    }
    return Double(1 + sorted.count - low) / Double(1 + sorted.count)
  }
}

extension RandomStream {
  static let reorderedUnits: UInt64 = 10 << 32
  static let reorderedHeldOut: UInt64 = 11 << 32
}
