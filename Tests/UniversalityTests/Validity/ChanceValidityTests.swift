import LinearAlgebra
import Metrics
import Testing

@testable import Universality

/// Chance in closed form against what it stands for: random orders, and independent representations.
@Suite struct ChanceValidityTests {
  static let metrics: [any ClosedFormChanceMetric] = [
    LinearCKA(), RBFCKA(), DebiasedCKA(), CCA(summary: .meanRhoSquared), GCD(),
    DistanceCorrelation(), RSA(), MutualKNN(NeighbourRule(count: 5)),
  ]

  /// What representations are drawn from.
  enum Source: String, CaseIterable, Sendable {
    /// Independent normal features.
    case normal
    /// Student's t with three degrees of freedom: no fourth moment.
    case heavyTailed
    /// max(0, normal − 1/2): two of three values are 0. Four times as many features as asked for, so
    /// that few samples are 0 throughout.
    case sparse
    /// Features with variances 1, 1/2, 1/3, …, mixed.
    case correlated

    /// The features of a matrix of which `columns` are asked for.
    func width(_ columns: Int) -> Int { self == .sparse ? 4 * columns : columns }

    func matrix(_ rows: Int, _ columns: Int, _ generator: inout SeededGenerator) -> Matrix {
      let normal = generator.gaussianMatrix(rows: rows, columns: columns)
      switch self {
      case .normal: return normal
      case .heavyTailed:
        return Matrix(rows: rows, columns: columns) { row, column in
          let square = (0..<3).reduce(0.0) { sum, _ in
            let draw = generator.gaussian()
            return sum + draw * draw
          }
          return normal[row, column] / (square / 3).squareRoot()
        }
      case .sparse:
        let wide = generator.gaussianMatrix(rows: rows, columns: width(columns))
        return Matrix(rows: rows, columns: width(columns)) { max(0, wide[$0, $1] - 0.5) }
      case .correlated:
        let scaled = Matrix(rows: rows, columns: columns) {
          normal[$0, $1] / Double($1 + 1).squareRoot()
        }
        return scaled.times(generator.gaussianMatrix(rows: columns, columns: columns))
      }
    }
  }

  /// Independent layers are beyond chance at 5 % in 5 % of cases, for each metric and source: with few and
  /// with more samples than features, and, where the metric has a value then, with fewer.
  @Test(arguments: metrics.indices) func falsePositivesOccurAtTheNominalRate(_ index: Int) throws {
    try checkFalsePositives(Self.metrics[index])
  }

  private func checkFalsePositives(_ metric: some ClosedFormChanceMetric) throws {
    let isSubspace = metric is any SubspaceMetric
    let shapes =
      ValidityScale.isFull
      ? [(20, 4, 7), (50, 12, 8), (200, 12, 30), (20, 60, 40), (50, 100, 10)]
      : [(20, 4, 7), (50, 12, 8), (20, 60, 40)]
    let draws = ValidityScale.draws(60, full: 2000)
    var (rejected, total) = (0, 0)
    for (place, shape) in shapes.enumerated() {
      for source in Source.allCases
      where !isSubspace || source.width(shape.1) + source.width(shape.2) < shape.0 {
        let found = try Parallel.map(count: draws, threads: 2) { draw -> Bool? in
          var generator = SeededGenerator(
            seed: UInt64(1000 + place), stream: UInt64(draw * 8 + source.rawValue.utf8.count))
          // A sample without any activity has no direction: such a pair has no value and no p.
          guard let x = try? metric.prepare(source.matrix(shape.0, shape.1, &generator)),
            let y = try? metric.prepare(source.matrix(shape.0, shape.2, &generator))
          else { return nil }
          let chance = ChanceDistribution(
            metric.chanceMoments(
              try metric.chanceInvariants(of: x), try metric.chanceInvariants(of: y)),
            link: metric.chanceLink, samples: shape.0)
          return chance.pValue(of: try metric.compare(x, y)) <= 0.05
        }.compactMap { $0 }
        let here = found.count { $0 }
        ValidityScale.report(
          "\(metric.name), \(source.rawValue), \(shape.0) samples of \(shape.1) and \(shape.2) "
            + "features: \(here) of \(found.count)")
        rejected += here
        total += found.count
      }
    }
    #expect(total >= 4 * draws)
    let rate = Double(rejected) / Double(total)
    let bound = ValidityScale.isFull ? 0.01 : ValidityScale.slack(0.05, total)
    #expect(abs(rate - 0.05) <= bound, "\(metric.name): \(rejected) of \(total)")
  }

  /// Mean and standard deviation over random orders of the samples, within five standard errors.
  @Test(arguments: metrics.indices) func momentsAreThoseOfRandomOrders(_ index: Int) throws {
    for source in Source.allCases {
      var generator = SeededGenerator(seed: 5, stream: UInt64(source.rawValue.utf8.count))
      let shared = source.matrix(40, 6, &generator)
      let own = source.matrix(40, 6, &generator)
      let related = Matrix(rows: 40, columns: own.columns) { shared[$0, $1] + own[$0, $1] }
      try checkMoments(Self.metrics[index], shared, related, source)
    }
  }

  private func checkMoments(
    _ metric: some ClosedFormChanceMetric, _ x: Matrix, _ y: Matrix, _ source: Source
  ) throws {
    let draws = ValidityScale.draws(1000, full: 20_000)
    let first = try metric.prepare(x)
    let expected = metric.chanceMoments(
      try metric.chanceInvariants(of: first),
      try metric.chanceInvariants(of: metric.prepare(y)))
    let values = try Parallel.map(count: draws, threads: 2) { draw in
      var generator = SeededGenerator(seed: 9, stream: UInt64(draw))
      return metric.chanceLink.statistic(
        ofValue: try metric.compare(
          first, metric.prepare(y.selectingRows(generator.permutation(of: x.rows)))))
    }
    let count = Double(draws)
    let mean = values.reduce(0, +) / count
    func moment(_ power: Int) -> Double {
      values.reduce(0) { sum, value in
        sum + (0..<power).reduce(1.0) { product, _ in product * (value - mean) }
      } / count
    }
    let sd = moment(2).squareRoot()
    // Of the standard deviation, from the kurtosis that is seen.
    let error = sd * ((moment(4) / (moment(2) * moment(2)) - 1) / (4 * count)).squareRoot()
    let off = (
      mean: (mean - expected.mean) / (sd / count.squareRoot()),
      sd: (sd - expected.standardDeviation) / error
    )
    ValidityScale.report(
      "\(metric.name), \(source.rawValue), \(draws) orders: mean \(mean) for \(expected.mean) "
        + "(\(off.mean) standard errors), sd \(sd) for \(expected.standardDeviation) (\(off.sd))")
    #expect(abs(off.mean) <= 5, "\(metric.name), \(source.rawValue): mean")
    #expect(abs(off.sd) <= 5, "\(metric.name), \(source.rawValue): standard deviation")
  }
}
