import LinearAlgebra
public import Metrics

/// A promise of a metric that was found broken.
public struct LawViolation: Sendable, Equatable, CustomStringConvertible {
  public let metric: String
  /// What was promised.
  public let law: String
  /// What happened instead, with the numbers and the seed that reproduce it.
  public let observation: String

  public var description: String { "\(metric): \(law): \(observation)" }
}

/// Checks every promise that a metric makes: the laws of ``SimilarityMetric``.
///
/// - symmetry, or its absence, as declared
/// - the value of a representation with itself, where it is promised
/// - values lie in the range
/// - reordering the samples of both sides alike changes nothing, unless the order is declared to
///   matter, and then it does
/// - each declared invariance holds, and **each undeclared one fails** for some input; of an asymmetric
///   metric on both sides, or on one
/// - constant, non-finite, empty and too short input ends in a ``MetricError``, never in a number
///
/// - Parameters:
///   - metric: The metric under test, one of the catalogue or your own.
///   - seeds: Random representations are drawn once per seed.
///   - tolerance: The largest rounding difference between values that ought to be equal.
/// - Returns: The broken promises; empty when all hold.
public func lawViolations(
  of metric: some SimilarityMetric, seeds: Range<UInt64> = 0..<8, tolerance: Double = 1e-9
) -> [LawViolation] {
  var checker = LawChecker(metric: metric, tolerance: tolerance)
  for seed in seeds { checker.checkValues(seed: seed) }
  checker.checkAsymmetry(seeds: seeds)
  for invariance in Invariance.allCases { checker.check(invariance, seeds: seeds) }
  checker.checkDegenerateInput()
  return checker.violations
}

private struct LawChecker<Metric: SimilarityMetric> {
  let metric: Metric
  let tolerance: Double
  var violations: [LawViolation] = []

  init(metric: Metric, tolerance: Double) {
    self.metric = metric
    self.tolerance = tolerance
  }

  private mutating func report(_ law: String, _ observation: String) {
    violations.append(LawViolation(metric: metric.name, law: law, observation: observation))
  }

  /// Two related representations: 60 samples, 7 and 11 features with a falling spectrum.
  private func pair(seed: UInt64) -> (Matrix, Matrix) {
    var generator = SeededGenerator(seed: seed)
    let shared = generator.gaussianMatrix(rows: 60, columns: 4)
    func related(_ columns: Int) -> Matrix {
      let mixing = generator.gaussianMatrix(rows: 4, columns: columns)
      let noise = generator.gaussianMatrix(rows: 60, columns: columns)
      let signal = shared.times(mixing)
      return Matrix(rows: 60, columns: columns) {
        (signal[$0, $1] + noise[$0, $1]) / (1 + 0.3 * Double($1)) + 0.5 * Double($1)
      }
    }
    return (related(7), related(11))
  }

  mutating func checkValues(seed: UInt64) {
    let (x, y) = pair(seed: seed)
    do {
      let value = try metric.similarity(x, y)
      let reversed = try metric.similarity(y, x)
      if metric.isSymmetric, !(abs(value - reversed) <= tolerance) {
        report("is symmetric", "\(value) against \(reversed), seed \(seed)")
      }
      if !metric.range.contains(value) {
        report("stays in \(metric.range)", "\(value), seed \(seed)")
      }
      if let expected = metric.selfValue {
        let itself = try metric.similarity(x, x)
        if !(abs(itself - expected) <= tolerance) {
          report("is \(expected) for a representation with itself", "\(itself), seed \(seed)")
        }
      }
      var generator = SeededGenerator(seed: seed, stream: 1)
      let order = generator.permutation(of: x.rows)
      let reordered = try metric.similarity(x.selectingRows(order), y.selectingRows(order))
      if metric.dependsOnSampleOrder {
        if !(abs(value - reordered) > tolerance) {
          report("depends on the order of the samples (declared)", "still \(value), seed \(seed)")
        }
      } else if !(abs(value - reordered) <= tolerance) {
        report("ignores the order of the samples", "\(value) became \(reordered), seed \(seed)")
      }
      let shuffled = try metric.similarity(x, y.selectingRows(order))
      if metric.comparesSampleBySample, !(abs(value - shuffled) > tolerance) {
        report(
          "depends on which sample is which", "\(value) after shuffling one side, seed \(seed)")
      }
    } catch {
      report("has a value for ordinary data", "\(error), seed \(seed)")
    }
  }

  /// A metric that is declared asymmetric shows it for some input.
  mutating func checkAsymmetry(seeds: Range<UInt64>) {
    guard !metric.isSymmetric else { return }
    let differences = seeds.compactMap { seed -> Double? in
      let (x, y) = pair(seed: seed)
      guard let forth = try? metric.similarity(x, y), let back = try? metric.similarity(y, x) else {
        return nil
      }
      return abs(forth - back)
    }
    if !((differences.max() ?? 0) > tolerance) {
      report("is not symmetric (declared)", "the same both ways over seeds \(seeds)")
    }
  }

  mutating func check(_ invariance: Invariance, seeds: Range<UInt64>) {
    var largestChange = 0.0
    for seed in seeds {
      let (narrow, wide) = pair(seed: seed)
      do {
        for (x, y) in [(narrow, wide), (wide, narrow)] {
          let transformed = try metric.prepare(invariance.applied(to: x, seed: seed))
          let (x, y) = (try metric.prepare(x), try metric.prepare(y))
          let changed = try metric.compare(transformed, y)
          largestChange = max(largestChange, abs(try metric.compare(x, y) - changed))
          if !metric.isSymmetric {
            let changed = try metric.compare(y, transformed)
            largestChange = max(largestChange, abs(try metric.compare(y, x) - changed))
          }
        }
      } catch {
        report("has a value after \(invariance.rawValue)", "\(error), seed \(seed)")
        return
      }
    }
    let isDeclared = metric.invariances.contains(invariance)
    if isDeclared, !(largestChange <= tolerance) {
      report("is invariant to \(invariance.rawValue)", "changed by \(largestChange)")
    }
    if !isDeclared, !(largestChange > 1e3 * tolerance) {
      report(
        "is not invariant to \(invariance.rawValue) (undeclared)",
        "changed by no more than \(largestChange) over seeds \(seeds)")
    }
  }

  mutating func checkDegenerateInput() {
    let (x, y) = pair(seed: 0)
    var withNaN = x
    withNaN[3, 2] = .nan
    var withInfinity = x
    withInfinity[0, 1] = .infinity
    let metric = metric
    let cases: [(String, Matrix)] = [
      ("constant input", Matrix(rows: 60, columns: 3, repeating: 0.7)),
      ("zero input", Matrix(rows: 60, columns: 3)),
      ("input with NaN", withNaN),
      ("input with an infinity", withInfinity),
      ("input without features", Matrix(rows: 60, columns: 0)),
      ("one sample", x.selectingRows([0])),
      ("no samples", x.selectingRows([])),
    ]
    for (what, bad) in cases {
      expectError("ends with a MetricError for \(what)") { try metric.similarity(bad, y) }
    }
    expectError("refuses different numbers of samples") {
      try metric.similarity(x, y.selectingRows(0..<30))
    }
  }

  private mutating func expectError(_ law: String, _ body: () throws -> Double) {
    do {
      report(law, "returned \(try body())")
    } catch is MetricError {
    } catch {
      report(law, "threw \(error)")
    }
  }
}

extension Invariance {
  /// The representation after a random transformation of this kind.
  func applied(to matrix: Matrix, seed: UInt64) throws -> Matrix {
    var generator = SeededGenerator(seed: seed, stream: 2)
    let (rows, columns) = (matrix.rows, matrix.columns)
    switch self {
    case .translation:
      let offset = generator.gaussianMatrix(rows: 1, columns: columns).scaled(by: 5)
      return Matrix(rows: rows, columns: columns) { matrix[$0, $1] + offset[0, $1] }
    case .isotropicScaling:
      return matrix.scaled(by: 0.1 + 10 * generator.uniform())
    case .featurePermutation:
      return matrix.selectingColumns(generator.permutation(of: columns))
    case .featureScaling:
      let factors = (0..<columns).map { _ in 0.2 + 4 * generator.uniform() }
      return Matrix(rows: rows, columns: columns) { matrix[$0, $1] * factors[$1] }
    case .orthogonal:
      return matrix.times(
        try generator.gaussianMatrix(rows: columns, columns: columns).orthonormalized())
    case .invertibleLinear:
      // The product of a rotation and a stretching between 1 and 4: far from singular.
      let rotation = try generator.gaussianMatrix(rows: columns, columns: columns)
        .orthonormalized()
      let stretch = (0..<columns).map { _ in 1 + 3 * generator.uniform() }
      return matrix.times(
        Matrix(rows: columns, columns: columns) { rotation[$0, $1] * stretch[$1] })
    case .zeroPadding:
      return Matrix(rows: rows, columns: columns + 3) { $1 < columns ? matrix[$0, $1] : 0 }
    case .featureDuplication:
      return Matrix(rows: rows, columns: columns + 1) { matrix[$0, $1 < columns ? $1 : 0] }
    }
  }
}
