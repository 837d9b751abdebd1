import LinearAlgebra
import Testing

@Suite struct PermutedGramTests {
  /// Sizes on both sides of a block of rows, and a single sample more than one.
  @Test(arguments: [7, 64, 65, 150])
  func productsAreThoseOfReorderedGramMatrices(samples: Int) throws {
    var generator = SeededGenerator(seed: UInt64(samples))
    let factors = [1, 5, 20].map { generator.gaussianMatrix(rows: samples, columns: $0) }
    let orders = (0..<3).map { _ in generator.permutation(of: samples) }
    let grams = factors.map { $0.sampleGram() }
    let kept = try PermutedGramProducts(factors, memory: .max, threads: 2)
    let computed = try PermutedGramProducts(factors, memory: 0, threads: 2)
    for (order, both) in zip(
      orders, zip(kept.products(orders: orders), computed.products(orders: orders)))
    {
      for i in factors.indices {
        for j in factors.indices {
          var expected = 0.0
          for a in 0..<samples {
            for b in 0..<samples where a != b {
              expected += grams[i][a, b] * grams[j][order[a], order[b]]
            }
          }
          let scale = grams[i].frobenius * grams[j].frobenius
          #expect(abs(both.0[i, j] - expected) <= 1e-6 * scale)
          #expect(abs(both.1[i, j] - expected) <= 1e-6 * scale)
        }
      }
    }
  }

  @Test func manyOrdersTogetherGiveTheSameBitsAsOneByOne() throws {
    var generator = SeededGenerator(seed: 9)
    let factors = (0..<4).map { _ in generator.gaussianMatrix(rows: 80, columns: 3) }
    let orders = (0..<5).map { _ in generator.permutation(of: 80) }
    let products = try PermutedGramProducts(factors, memory: .max, threads: 1)
    let together = products.products(orders: orders)
    for (place, order) in orders.enumerated() {
      #expect(products.products(orders: [order])[0].elements == together[place].elements)
    }
  }
}

extension Matrix {
  fileprivate var frobenius: Double { squaredFrobeniusNorm().squareRoot() }
}
