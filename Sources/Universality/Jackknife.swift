import Activations
import LinearAlgebra
import Metrics
import Zoo

/// The uncertainty that comes from the choice of stimuli, by a delete-a-group jackknife.
///
/// The samples are split at random into groups; all numbers are computed again without each group in
/// turn. A bootstrap would draw samples more than once, and a pair of equal samples is at distance
/// zero in every representation: it raises similarities of independent data (debiased CKA from 0 to
/// 0.2 for 200 samples).
///
/// Source: delete-a-group jackknife, Kott (2001); with θ₍₋g₎ the value without group g of G,
/// se² = (G − 1)/G Σ_g (θ₍₋g₎ − mean)².
struct Jackknife: Sendable {
  /// One entry a group: the measurements without it.
  let replicates: [[Double]]

  /// - Parameter measure: Computes all numbers of interest from the samples that are kept.
  init(
    samples: Int, groups: Int, seed: UInt64, threads: Int, progress: ProgressReceiver?,
    measure: @Sendable (_ kept: [Int]) throws -> [Double]
  ) throws {
    let shuffled = Self.shuffled(samples, seed: seed)
    replicates = try Parallel.map(
      count: groups, threads: threads,
      finished: progressCounter(progress, stage: "leaving samples out", total: groups)
    ) { group in
      let kept = shuffled.indices.filter { $0 % groups != group }.map { shuffled[$0] }.sorted()
      return try measure(kept)
    }
  }

  /// From replicates that were measured elsewhere, with the groups of ``groups(samples:count:seed:)``.
  init(replicates: [[Double]]) { self.replicates = replicates }

  /// For each sample the group it belongs to.
  static func groups(samples: Int, count: Int, seed: UInt64) -> [Int] {
    var groups = [Int](repeating: 0, count: samples)
    for (place, sample) in shuffled(samples, seed: seed).enumerated() {
      groups[sample] = place % max(1, count)
    }
    return groups
  }

  private static func shuffled(_ samples: Int, seed: UInt64) -> [Int] {
    var generator = SeededGenerator(seed: seed, stream: RandomStream.jackknifeGroups)
    return generator.permutation(of: samples)
  }

  /// The number of groups for `samples` samples: as many as asked for, at most 50 (the advice for
  /// the scheme is 20 to 50), and at least 10 samples in each where that leaves 10 groups.
  static func groupCount(samples: Int, requested: Int) -> Int {
    guard requested >= 2, samples >= 8 else { return 0 }
    return min(requested, 50, max(10, samples / 10), samples / 2)
  }

  /// The deviations of the replicates of `transform(measurement)` from their mean, scaled so that the
  /// sum of their squares is the variance; `nil` when a replicate has no value.
  func deviations(at index: Int, _ transform: (Double) -> Double) -> [Double]? {
    scaledDeviations(replicates.map { transform($0[index]) })
  }

  /// The measurement with its 95 % interval: symmetric on Fisher's z scale, with G − 1 degrees of
  /// freedom, and inside `range`.
  ///
  /// There is no interval when a replicate has no value, or sits at the upper end of the range while
  /// the measurement does not: the metric is saturated, and its spread says nothing.
  func estimate(_ value: Double, at index: Int, range: ClosedRange<Double>) -> Estimate? {
    guard !value.isNaN else { return nil }
    let ceiling = range.upperBound - 1e-9
    let isSaturated = value < ceiling && replicates.contains { $0[index] >= ceiling }
    guard !isSaturated, let deviations = deviations(at: index, FisherZ.transformed) else {
      return Estimate(value: value)
    }
    let half =
      StudentT.quantile(0.975, degrees: deviations.count - 1)
      * deviations.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let z = FisherZ.transformed(value)
    return Estimate(
      value: value, low: min(value, max(range.lowerBound, FisherZ.score(z - half))),
      high: max(value, min(range.upperBound, FisherZ.score(z + half))))
  }

  /// The measurement with its 95 % interval on its own scale, for differences and quotients.
  func linearEstimate(_ value: Double, at index: Int) -> Estimate? {
    guard !value.isNaN else { return nil }
    guard let deviations = deviations(at: index, { $0 }) else { return Estimate(value: value) }
    let half =
      StudentT.quantile(0.975, degrees: deviations.count - 1)
      * deviations.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return Estimate(value: value, low: value - half, high: value + half)
  }
}

/// (θ₍₋g₎ − mean) √((G − 1)/G) for the G values of one delete-a-group jackknife: the sum of their
/// squares is its variance. `nil` when there are fewer than two or one is not finite.
func scaledDeviations(_ values: [Double]) -> [Double]? {
  guard values.count >= 2, values.allSatisfy(\.isFinite) else { return nil }
  let count = Double(values.count)
  let mean = values.reduce(0, +) / count
  return values.map { ($0 - mean) * ((count - 1) / count).squareRoot() }
}
