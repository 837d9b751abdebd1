import LinearAlgebra
import Testing

@Suite struct DecompositionTests {
  private func random(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix {
    var generator = SeededGenerator(seed: seed)
    return generator.gaussianMatrix(rows: rows, columns: columns)
  }

  private func largestDifference(_ x: Matrix, _ y: Matrix) -> Double {
    guard x.rows == y.rows, x.columns == y.columns else { return .infinity }
    return zip(x.elements, y.elements).reduce(0) { max($0, abs($1.0 - $1.1)) }
  }

  @Test(arguments: [(1, 1), (5, 3), (3, 5), (40, 40), (7, 1), (1, 7)])
  func productsAgreeWithTheirDefinition(_ rows: Int, _ columns: Int) {
    let a = random(rows, columns, seed: 1)
    let b = random(rows, 4, seed: 2)
    let expected = Matrix(rows: columns, columns: 4) { i, j in
      (0..<rows).reduce(0) { $0 + a[$1, i] * b[$1, j] }
    }
    #expect(largestDifference(a.transposeTimes(b), expected) <= 1e-13)
    #expect(largestDifference(a.transposed().times(b), expected) <= 1e-13)
    #expect(largestDifference(a.featureGram(), a.transposeTimes(a)) <= 1e-13)
    #expect(largestDifference(a.sampleGram(), a.times(a.transposed())) <= 1e-13)
  }

  @Test(arguments: [1, 2, 10, 80])
  func eigenvectorsRebuildTheMatrix(_ size: Int) throws {
    let matrix = random(size, size + 2, seed: 3).sampleGram()
    let eigen = try SymmetricEigen(matrix)
    #expect(zip(eigen.values, eigen.values.dropFirst()).allSatisfy { $0 >= $1 })
    let stretched = Matrix(rows: size, columns: size) { eigen.values[$0] * eigen.vectors[$0, $1] }
    let tolerance = 1e-13 * Double(size) * (eigen.values.first ?? 1)
    #expect(largestDifference(eigen.vectors.transposeTimes(stretched), matrix) <= tolerance)
  }

  @Test(arguments: [(6, 4), (4, 6), (5, 5), (1, 3), (3, 1)])
  func singularVectorsRebuildTheMatrix(_ rows: Int, _ columns: Int) throws {
    let matrix = random(rows, columns, seed: 4)
    let svd = try SingularValueDecomposition(matrix)
    let stretched = Matrix(rows: svd.values.count, columns: columns) {
      svd.values[$0] * svd.rightTransposed[$0, $1]
    }
    #expect(largestDifference(svd.left.times(stretched), matrix) <= 1e-13)
    #expect(try SingularValueDecomposition.values(of: matrix).count == svd.values.count)
  }

  /// Full rank (by eigenvalues) and rank-deficient (by SVD).
  @Test(arguments: [(6, 4), (4, 6), (40, 40), (1, 1), (3, 0)])
  func theNuclearNormIsTheSumOfTheSingularValues(_ rows: Int, _ columns: Int) throws {
    let full = random(rows, columns, seed: 7)
    let deficient = Matrix(rows: rows, columns: columns) { full[$0, 0] * Double($1 + 1) }
    for matrix in [full, deficient] {
      let expected = try SingularValueDecomposition.values(of: matrix).reduce(0, +)
      #expect(abs(try matrix.nuclearNorm() - expected) <= 1e-12 * max(1, expected))
    }
  }

  @Test func orthonormalizedColumnsSpanTheSameSpace() throws {
    let matrix = random(12, 5, seed: 5)
    let basis = try matrix.orthonormalized()
    let identity = Matrix(rows: 5, columns: 5) { $0 == $1 ? 1 : 0 }
    #expect(largestDifference(basis.featureGram(), identity) <= 1e-13)
    let projected = basis.times(basis.transposeTimes(matrix))
    #expect(largestDifference(projected, matrix) <= 1e-13)
  }

  @Test func centringRemovesAHugeOffset() {
    let small = random(500, 3, seed: 6)
    let shifted = Matrix(rows: 500, columns: 3) { small[$0, $1] + 1e6 }
    let exact = small.centered()
    #expect(largestDifference(shifted.centered(), exact) <= 1e-9)
    let sums = shifted.centered().transposeTimes(Matrix(rows: 500, columns: 1, repeating: 1))
    #expect(sums.elements.allSatisfy { abs($0) <= 1e-10 })
  }

  @Test func constantColumnsBecomeExactlyZero() {
    let matrix = Matrix(rows: 797, columns: 2) { $1 == 0 ? Double(Float(0.7)) : Double($0) }
    let centered = matrix.centered()
    #expect((0..<797).allSatisfy { centered[$0, 0] == 0 })
    #expect(centered[0, 1] == -398)
  }
}
