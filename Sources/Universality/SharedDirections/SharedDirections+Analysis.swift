public import Activations
import LinearAlgebra
import Metrics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension SharedDirections {
  /// The most principal directions of a layer. The analytic edge grows with their number.
  static let rankLimit = 20
  /// The most directions that are looked at one by one.
  static let directionLimit = 20
  /// The eigenvalues of the spectrum that are kept.
  static let spectrumLimit = 60
  /// Draws within classes: only their mean is used.
  static let withinClassDraws = 19
  /// Below this each half has too few samples for ten a principal direction.
  static let fewestSamples = 40

  /// Seeks the directions that the trained models of a zoo share across families.
  ///
  /// Layers keep the directions that reach 99 % of their variance, at most 20 and at most one for ten
  /// samples fitted: with more of them chance finds shared directions too. At most 2,000 samples are
  /// drawn for each half.
  ///
  /// `permutations` are the draws behind the null; 0 for none.
  ///
  /// - Throws: ``SharedDirectionsImpossible`` with fewer than two families, fewer than 40 samples, or
  ///   samples that are positions of stimuli and not independent; `SpillError`, `DecompositionError`
  ///   and `MetricError` where values cannot be read or decomposed.
  /// - Complexity: with n samples fitted and R directions of all layers, O(permutations · m³ + n R m),
  ///   m = min(n, R), and a cross-validated ridge for every layer.
  public init(
    of activations: ActivationSet, permutations: Int, seed: UInt64, threads: Int
  ) throws {
    try Self.check(activations)
    let halves = SampleHalves(samples: activations.sampleCount, seed: seed)
    let limit = Self.rankLimit(fittedSamples: halves.fitted.count)
    let zoo = try DirectionZoo(
      Population(of: activations, role: .contestant), of: activations, halves: halves,
      limit: limit, threads: threads)
    guard zoo.blocks.count >= 2 else {
      throw SharedDirectionsImpossible(
        description: "shared directions need trained models of at least two families whose last "
          + "hidden layer varies; there are \(zoo.blocks.count)")
    }
    let fit = try zoo.fit(limit: Self.directionLimit)
    let stacks = zoo.stacks
    let null =
      permutations > 0
      ? try DirectionNull(
        stacks: stacks, classes: nil, draws: permutations, keeping: 1, seed: seed,
        threads: threads) : nil
    layers = zoo.members.map(\.layer)
    families = zoo.blocks
    ranks = zoo.members.map(\.truncated.rank)
    fittedSamples = halves.fitted.count
    heldOutSamples = halves.heldOut.count
    fittedIndices = halves.fitted
    heldOutIndices = halves.heldOut
    spectrum = Array(fit.eigenvalues.prefix(Self.spectrumLimit))
    nullEdge = NullEdge.edge(
      ofSumOf: try stacks.map { stack in
        try GeneralizedCCA.spectrum(ofStack: stack).filter { $0 > 1e-12 }
      }, dimension: halves.fitted.count - 1)
    nullThreshold = null?.threshold
    self.permutations = permutations
    withinClassSpectrum = try activations.labels.map { labels in
      try DirectionNull(
        stacks: stacks, classes: halves.fitted.map { labels[$0] }, draws: Self.withinClassDraws,
        keeping: Self.spectrumLimit, seed: seed, threads: threads
      ).mean
    }
    untrainedSpectrum = try Self.untrainedSpectrum(
      activations, halves: halves, limit: limit, threads: threads)
    directions = try Self.directions(
      zoo, fit, activations, halves: halves, null: null, threads: threads)
    self.seed = seed
  }

  /// The most principal directions of a layer: one for ten samples fitted, at most ``rankLimit``.
  static func rankLimit(fittedSamples: Int) -> Int {
    max(1, min(rankLimit, (fittedSamples - 1) / 10))
  }

  private static func check(_ activations: ActivationSet) throws {
    guard !activations.samplesArePositions else {
      throw SharedDirectionsImpossible(
        description: "samples are positions of stimuli: halves of them are not independent, and "
          + "shared directions cannot be held against chance")
    }
    guard activations.sampleCount >= fewestSamples else {
      throw SharedDirectionsImpossible(
        description: "shared directions need at least \(fewestSamples) samples; there are "
          + "\(activations.sampleCount)")
    }
  }

  private static func untrainedSpectrum(
    _ activations: ActivationSet, halves: SampleHalves, limit: Int, threads: Int
  ) throws -> [Double]? {
    let zoo = try DirectionZoo(
      Population(of: activations, role: .untrained), of: activations, halves: halves,
      limit: limit, threads: threads)
    guard zoo.blocks.count >= 2 else { return nil }
    return Array(try zoo.fit(limit: 0).eigenvalues.prefix(spectrumLimit))
  }

  private static func directions(
    _ zoo: DirectionZoo, _ fit: GeneralizedCCA, _ activations: ActivationSet,
    halves: SampleHalves, null: DirectionNull?, threads: Int
  ) throws -> [SharedDirection] {
    let readouts = zoo.readouts(of: fit)
    let consensus = zoo.consensus(of: readouts)
    let shares = zoo.members.map { fit.shares(of: $0.truncated.basis) }
    let leftOut =
      zoo.blocks.count >= 3
      ? try LeaveOneFamilyOut(
        zoo, of: activations, halves: halves, directions: fit.directions.rows, threads: threads)
      : nil
    let labels = activations.labels.map { labels in halves.heldOut.map { labels[$0] } }
    return (0..<fit.directions.rows).map { direction in
      SharedDirection(
        eigenvalue: fit.eigenvalues[direction],
        pValue: null?.pValue(of: fit.eigenvalues[direction]),
        heldOutAgreement: agreement(of: readouts, blocks: zoo.members.map(\.block), direction),
        shares: shares.map { $0[direction] },
        classShare: labels.flatMap { classShare(of: consensus, direction, classes: $0) },
        predictability: leftOut?.predictability(of: direction) ?? [],
        excessOverInput: leftOut?.excess(of: direction) { $0.input },
        excessOverUntrained: leftOut?.excess(of: direction) { $0.untrained },
        // Σ wⱼ UⱼUⱼᵀ g = λ g.
        fittedScores: fit.directions.row(direction).map { $0 * fit.eigenvalues[direction] },
        heldOutScores: consensus.selectingColumns([direction]).elements)
    }
  }

  /// The mean correlation between read-outs of different families, each pair of families once. A
  /// read-out that does not vary correlates with nothing.
  static func agreement(of readouts: [Matrix], blocks: [Int], _ direction: Int) -> Double {
    let columns = Matrix.sideBySide(readouts.map { $0.selectingColumns([direction]) }).centered()
    let products = columns.featureGram()
    var sums: [[Int]: (sum: Double, pairs: Double)] = [:]
    for a in blocks.indices {
      for b in blocks.indices where blocks[a] < blocks[b] {
        let scale = (products[a, a] * products[b, b]).squareRoot()
        let known = sums[[blocks[a], blocks[b]]] ?? (0, 0)
        sums[[blocks[a], blocks[b]]] = (
          known.sum + (scale > 0 ? products[a, b] / scale : 0), known.pairs + 1
        )
      }
    }
    // In a fixed order: rounding must not depend on that of a dictionary.
    let means = sums.sorted { $0.key.lexicographicallyPrecedes($1.key) }
      .map { $0.value.sum / $0.value.pairs }
    return means.isEmpty ? 0 : means.reduce(0, +) / Double(means.count)
  }

  /// η²: the share of the variance that lies between classes; `nil` where nothing varies.
  static func classShare(of consensus: Matrix, _ direction: Int, classes: [Int]) -> Double? {
    classShare(of: consensus.selectingColumns([direction]).elements, classes: classes)
  }

  /// η² of some values, one a sample.
  static func classShare(of values: [Double], classes: [Int]) -> Double? {
    let values = values.centered()
    let total = dot(values, values)
    guard total > 0 else { return nil }
    let members = Dictionary(grouping: values.indices) { classes[$0] }
    let between = members.keys.sorted().reduce(0.0) { sum, label in
      let mine = members[label] ?? []
      let subtotal = mine.reduce(0) { $0 + values[$1] }
      return sum + subtotal * subtotal / Double(mine.count)
    }
    return between / total
  }
}
