import LinearAlgebra
import Testing

@Suite struct CrossNormTests {
  private func matrices(rows: Int, _ columns: [Int]) throws -> [StandardizedMatrix] {
    try columns.enumerated().map { index, columns in
      var generator = SeededGenerator(seed: 1, stream: UInt64(index))
      return try StandardizedMatrix(
        StoredMatrix(generator.gaussianMatrix(rows: rows, columns: columns)))
    }
  }

  private func expected(_ x: StandardizedMatrix, _ y: StandardizedMatrix) throws -> Double {
    try x.matrix().transposeTimes(y.matrix()).squaredFrobeniusNorm()
  }

  /// Fewer rows than a tile, exactly one, and several with a ragged last one; narrow layers that share
  /// a panel and one that takes several.
  @Test(arguments: [7, 256, 600], [CrossNormRoute.features, .samples])
  func bothRoutesAgreeWithTheDefinition(_ rows: Int, _ route: CrossNormRoute) throws {
    let matrices = try matrices(rows: rows, [3, 40, 1, 300, 1500])
    let norms = try squaredCrossNorms(of: matrices, route: route)
    for i in matrices.indices {
      for j in matrices.indices {
        let expected = try expected(matrices[i], matrices[j])
        #expect(abs(norms[i, j] - expected) <= 1e-12 * expected, "\(i) \(j)")
      }
    }
  }

  /// Little scratch memory only means smaller pieces.
  @Test(arguments: [CrossNormRoute.features, .samples])
  func littleScratchMemoryChangesOnlyTheRounding(_ route: CrossNormRoute) throws {
    let matrices = try matrices(rows: 500, [30, 700, 20])
    let usual = try squaredCrossNorms(of: matrices, route: route)
    let small = try squaredCrossNorms(of: matrices, route: route, workspace: 1 << 16)
    for index in usual.elements.indices {
      let (a, b) = (usual.elements[index], small.elements[index])
      #expect(abs(a - b) <= 1e-13 * a)
    }
  }

  /// More rows than one block of single precision sums.
  @Test(arguments: [CrossNormRoute.features, .samples])
  func singlePrecisionStaysWithin1e5(_ route: CrossNormRoute) throws {
    let matrices = try matrices(rows: 5000, [30, 50, 20])
    let exact = try squaredCrossNorms(of: matrices, route: route)
    let rounded = try squaredCrossNorms(of: matrices, route: route, precision: .single)
    for i in matrices.indices {
      for j in matrices.indices {
        let scale = (exact[i, i] * exact[j, j]).squareRoot()
        let error = abs(rounded[i, j] - exact[i, j]) / scale
        #expect(error <= 1e-5)
        // If nothing differed, nothing would have been single.
        #expect(i != j || error > 0)
      }
    }
  }

  @Test(
    arguments: [CrossNormRoute.features, .samples], [Precision.double, .single])
  func theNumberOfThreadsChangesNoBit(_ route: CrossNormRoute, _ precision: Precision) throws {
    let matrices = try matrices(rows: 700, [30, 50, 20])
    let one = try squaredCrossNorms(of: matrices, route: route, precision: precision, threads: 1)
    #expect(
      try squaredCrossNorms(of: matrices, route: route, precision: precision, threads: 5) == one)
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
