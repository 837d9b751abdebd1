import LinearAlgebra
import Testing

@Suite struct CrossNormTests {
  private func matrices(rows: Int, _ columns: [Int]) -> [Matrix] {
    columns.enumerated().map { index, columns in
      var generator = SeededGenerator(seed: 1, stream: UInt64(index))
      return generator.gaussianMatrix(rows: rows, columns: columns)
    }
  }

  /// Fewer rows than a tile, exactly one, and several with a ragged last one.
  @Test(arguments: [7, 256, 600], [CrossNormRoute.features, .samples])
  func bothRoutesAgreeWithTheDefinition(_ rows: Int, _ route: CrossNormRoute) throws {
    let matrices = matrices(rows: rows, [3, 40, 0, 1, 300])
    let norms = try squaredCrossNorms(of: matrices, route: route)
    for i in matrices.indices {
      for j in matrices.indices {
        let expected = matrices[i].transposeTimes(matrices[j]).squaredFrobeniusNorm()
        #expect(abs(norms[i, j] - expected) <= 1e-12 * max(1, expected), "\(i) \(j)")
      }
    }
  }

  @Test(arguments: [CrossNormRoute.features, .samples])
  func theNumberOfThreadsChangesNoBit(_ route: CrossNormRoute) throws {
    let matrices = matrices(rows: 700, [30, 50, 20])
    let one = try squaredCrossNorms(of: matrices, route: route, threads: 1)
    #expect(try squaredCrossNorms(of: matrices, route: route, threads: 5) == one)
  }

  /// Few wide matrices go by samples, many samples of narrow ones by features.
  @Test func theCheaperRouteIsTaken() {
    #expect(
      CrossNormRoute.cheaper(rows: 2000, columns: Array(repeating: 1000, count: 60)) == .samples)
    #expect(
      CrossNormRoute.cheaper(rows: 50_000, columns: Array(repeating: 512, count: 24)) == .features)
    #expect(
      CrossNormRoute.cheaper(rows: 797, columns: Array(repeating: 22, count: 100)) == .features)
  }

  @Test func noMatricesGiveNoNorms() throws {
    #expect(try squaredCrossNorms(of: [], route: .samples).rows == 0)
  }
}
