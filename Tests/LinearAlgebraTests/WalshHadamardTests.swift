import LinearAlgebra
import Testing

@Suite struct WalshHadamardTests {
  private func random(_ rows: Int, _ columns: Int, _ seed: UInt64) -> Matrix {
    var generator = SeededGenerator(seed: seed)
    return generator.gaussianMatrix(rows: rows, columns: columns)
  }

  @Test(arguments: [1, 2, 8, 64])
  func theTransformIsTheProductWithSignsByCommonBits(_ length: Int) {
    let matrix = random(length, 3, 1)
    let hadamard = Matrix(rows: length, columns: length) {
      ($0 & $1).nonzeroBitCount % 2 == 0 ? 1 : -1
    }
    let expected = hadamard.times(matrix)
    let transformed = matrix.walshHadamardTransformed()
    for (x, y) in zip(transformed.elements, expected.elements) { #expect(abs(x - y) <= 1e-12) }
  }

  @Test func twiceTransformedIsMultipliedByTheLength() {
    let matrix = random(128, 5, 2)
    let twice = matrix.walshHadamardTransformed().walshHadamardTransformed()
    for (x, y) in zip(twice.elements, matrix.elements) { #expect(abs(x - 128 * y) <= 1e-10) }
  }

  @Test(arguments: [(5, 4), (64, 1), (100, 7), (130, 64), (33, 32)])
  func neighbouringRowsAreMultipliedAroundTheEnd(_ rows: Int, _ reach: Int) {
    let matrix = random(rows, 9, 3)
    let products = matrix.neighbouringRowProducts(reach: reach)
    #expect(products.rows == rows && products.columns == reach)
    for row in 0..<rows {
      for step in 1...reach {
        let expected = dot(Array(matrix.row(row)), Array(matrix.row((row + step) % rows)))
        #expect(abs(products[row, step - 1] - expected) <= 1e-12)
      }
    }
  }

  @Test func withoutFeaturesAllProductsAreZero() {
    let products = Matrix(rows: 8, columns: 0).neighbouringRowProducts(reach: 2)
    #expect(products.elements == Array(repeating: 0, count: 16))
  }
}
