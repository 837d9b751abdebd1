import LinearAlgebra
import Metrics
import Testing

@Suite struct DebiasedCKATests {
  @Test func goldenValues() throws {
    let (a, b) = (GoldenFixture.a, GoldenFixture.b)
    #expect(agree(try DebiasedCKA().similarity(a.x, a.y), 0.313229462983, within: 1e-10))
    #expect(agree(try DebiasedCKA().similarity(b.x, b.y), 0.043237322955, within: 1e-10))
  }

  /// Song et al. 2012, equation 5, term by term on the uncentred Gram matrices.
  @Test func featureFormAgreesWithSongsFormula() throws {
    for fixture in [GoldenFixture.a, .b] {
      let k = withoutDiagonal(fixture.x.sampleGram())
      let l = withoutDiagonal(fixture.z.sampleGram())
      let expected =
        unbiasedHSIC(k, l) / (unbiasedHSIC(k, k) * unbiasedHSIC(l, l)).squareRoot()
      #expect(agree(try DebiasedCKA().similarity(fixture.x, fixture.z), expected, within: 1e-11))
    }
  }

  /// The mean over all permutations of one side is 0 and the variance 2/(n(n − 3)), exactly:
  /// checked over all 720 permutations of 6 samples.
  @Test func momentsUnderAllPermutationsAreExact() throws {
    let six = 0..<6
    let metric = DebiasedCKA()
    let x = try metric.prepare(GoldenFixture.a.x.selectingRows(six))
    let y = GoldenFixture.a.y.selectingRows(six)
    let values: [Double] = try permutations(of: Array(six)).map { order in
      try metric.compare(x, metric.prepare(y.selectingRows(order)))
    }
    #expect(values.count == 720)
    let mean = values.reduce(0, +) / 720
    let variance = values.reduce(0) { sum, value in sum + (value - mean) * (value - mean) } / 720
    #expect(agree(mean, 0, within: 1e-12))
    #expect(agree(variance, 2.0 / (6 * 3), within: 1e-12))
  }

  @Test func threeSamplesAreTooFew() {
    #expect(throws: MetricError.tooFewSamples(count: 3, needed: 4)) {
      try DebiasedCKA().prepare(GoldenFixture.a.x.selectingRows(0..<3))
    }
  }

  private func withoutDiagonal(_ matrix: Matrix) -> Matrix {
    Matrix(rows: matrix.rows, columns: matrix.columns) { $0 == $1 ? 0 : matrix[$0, $1] }
  }

  private func unbiasedHSIC(_ k: Matrix, _ l: Matrix) -> Double {
    let n = Double(k.rows)
    let ones = Matrix(rows: k.rows, columns: 1, repeating: 1)
    let trace = dot(k.elements, l.elements)
    let sums = k.elements.reduce(0, +) * l.elements.reduce(0, +)
    let path = k.times(ones).transposeTimes(l.times(ones))[0, 0]
    return (trace + sums / ((n - 1) * (n - 2)) - 2 / (n - 2) * path) / (n * (n - 3))
  }

  private func permutations(of items: [Int]) -> [[Int]] {
    guard items.count > 1 else { return [items] }
    return items.indices.flatMap { index in
      var rest = items
      let item = rest.remove(at: index)
      return permutations(of: rest).map { [item] + $0 }
    }
  }
}
