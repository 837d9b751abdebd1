import LinearAlgebra
import Metrics
import Testing
import Zoo

@testable import Universality

/// The short ways to permutations and to samples left out, against the long ones.
@Suite struct ResamplingTests {
  /// Fewer and more features than samples, a constant part that only one group disturbs, an offset.
  private static let matrices: [Matrix] = {
    var generator = SeededGenerator(seed: 3)
    let shared = generator.gaussianMatrix(rows: 40, columns: 4)
    let wide = generator.gaussianMatrix(rows: 4, columns: 90)
    let noise = generator.gaussianMatrix(rows: 40, columns: 90)
    let mixed = shared.times(wide)
    return [
      shared,
      Matrix(rows: 40, columns: 90) { mixed[$0, $1] + noise[$0, $1] + 1e3 },
      Matrix(rows: 40, columns: 2) { row, column in row == 3 ? 7 : shared[row, column] },
    ]
  }()

  @Test(arguments: [LinearCKA() as any CenteredProductMetric, DebiasedCKA()])
  func takingAGroupAwayIsComputingWithoutIt(metric: any CenteredProductMetric) throws {
    let groups = Jackknife.groups(samples: 40, count: 8, seed: 5)
    let products = try LeaveOutProducts(
      factors: Self.matrices.map { try StandardizedMatrix(checking: StoredMatrix($0)).matrix() },
      groups: groups, groupCount: 8, threads: 2)
    for group in 0..<8 {
      let kept = (0..<40).filter { groups[$0] != group }
      let left = products.centeredProducts(leavingOut: group)
      for i in Self.matrices.indices {
        for j in Self.matrices.indices {
          let expected = try metric.similarity(
            Self.matrices[i].selectingRows(kept), Self.matrices[j].selectingRows(kept))
          #expect(abs(metric.similarity(left, i, j) - expected) <= 1e-12)
        }
      }
    }
  }

  /// What varies in one group alone is constant without it.
  @Test func whatDoesNotVaryWithoutAGroupHasNoSimilarityThere() throws {
    let groups = (0..<12).map { $0 % 3 }
    let lone = Matrix(rows: 12, columns: 1) { row, _ in row == 4 ? 1 : 0 }
    var generator = SeededGenerator(seed: 1)
    let other = generator.gaussianMatrix(rows: 12, columns: 2)
    let products = try LeaveOutProducts(
      factors: [lone, other].map { try StandardizedMatrix(checking: StoredMatrix($0)).matrix() },
      groups: groups, groupCount: 3, threads: 1)
    let values = (0..<3).map {
      LinearCKA().similarity(products.centeredProducts(leavingOut: $0), 0, 1)
    }
    #expect(values.map(\.isNaN) == [false, true, false])
  }

  /// Gram matrices, kept or not, and factors: whichever way is cheaper, the numbers are the same.
  @Test(arguments: [LinearCKA() as any FactorMetric, DebiasedCKA(), GCD()])
  func permutedSimilaritiesDoNotDependOnTheRoute(metric: any FactorMetric) throws {
    try compareRoutes(metric)
  }

  private func compareRoutes(_ metric: some FactorMetric) throws {
    let layers = 4
    let population = Population.independent(layers: layers)
    var generator = SeededGenerator(seed: 11)
    for width in [2, 60] {
      let factors = try (0..<layers).map { _ in
        try metric.prepare(generator.gaussianMatrix(rows: 50, columns: width))
      }
      let results = Dictionary(
        uniqueKeysWithValues: factors.enumerated().map {
          ($0, Result<Factor, MetricError>.success($1))
        })
      let orders = (0..<2).map { _ in generator.permutation(of: 50) }
      for memory in [0, Int.max] {
        let tables = try PermutedSimilarities(
          of: population, factors: results, metric: metric, threads: 1, memory: memory
        ).tables(orders: orders)
        for (order, table) in zip(orders, tables) {
          for i in 0..<layers {
            for j in 0..<layers where i != j {
              let expected = try metric.compare(factors[i], factors[j].permuted(order))
              #expect(abs(table[i, j] - expected) <= PermutationNull.tolerance)
            }
          }
        }
      }
    }
  }
}

extension Factor {
  fileprivate func permuted(_ order: [Int]) -> Factor {
    Factor(
      matrix: matrix.selectingRows(order),
      squaredRowNorms: squaredRowNorms.isEmpty ? [] : order.map { squaredRowNorms[$0] },
      rank: summary.rank, selfProduct: summary.selfProduct)
  }
}

extension Population {
  /// Models of one layer each, everyone a block.
  fileprivate static func independent(layers: Int) -> Population {
    Population(
      members: (0..<layers).map { Member(model: $0, layers: [$0], block: $0) },
      blocks: (0..<layers).map { "model \($0)" }, reference: .otherModels)
  }
}
