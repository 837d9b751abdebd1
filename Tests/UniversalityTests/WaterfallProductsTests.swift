import LinearAlgebra
import Testing

@testable import Universality

/// The products behind the waterfall, against Gram matrices that are written out and centred step
/// by step.
@Suite struct WaterfallProductsTests {
  private static let classes = [0, 1, 2, 0, 1, 0, 2, 1, 0, 1, 0, 2, 1, 0, 1, 3]
  private static let groups = [0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3]

  private func factors(seed: UInt64) -> [Matrix] {
    var generator = SeededGenerator(seed: seed)
    let shared = generator.gaussianMatrix(rows: 16, columns: 3)
    return [3, 5, 9, 4].map { width in
      let own = generator.gaussianMatrix(rows: 16, columns: width)
      return Matrix(rows: 16, columns: width) { own[$0, $1] + (shared[$0, $1 % 3]) + 0.7 }
    }
  }

  /// The Gram matrix of some samples with zeros on the diagonal, and in each block of classes row
  /// and column means taken away in turn until nothing changes: the projection onto matrices
  /// without either.
  private func centeredGram(_ x: Matrix, _ samples: [Int], classes: [Int]) -> [[Double]] {
    var gram = samples.map { a in
      samples.map { b in a == b ? 0 : zip(x.row(a), x.row(b)).reduce(0) { $0 + $1.0 * $1.1 } }
    }
    let names = Set(classes)
    for _ in 0..<400 {
      for name in names {
        for a in samples.indices {
          let members = samples.indices.filter { classes[samples[$0]] == name && $0 != a }
          guard !members.isEmpty else { continue }
          let mean = members.reduce(0) { $0 + gram[a][$1] } / Double(members.count)
          for b in members { gram[a][b] -= mean }
        }
        for b in samples.indices {
          let members = samples.indices.filter { classes[samples[$0]] == name && $0 != b }
          guard !members.isEmpty else { continue }
          let mean = members.reduce(0) { $0 + gram[$1][b] } / Double(members.count)
          for a in members { gram[a][b] -= mean }
        }
      }
    }
    return gram
  }

  private func inner(_ a: [[Double]], _ b: [[Double]]) -> Double {
    zip(a, b).reduce(0) { $0 + zip($1.0, $1.1).reduce(0) { $0 + $1.0 * $1.1 } }
  }

  @Test(arguments: [nil, 0, 3], [true, false])
  func productsAreThoseOfTheCentredGramMatrices(leftOut: Int?, withLabels: Bool) throws {
    let factors = factors(seed: 3)
    let classes = withLabels ? Self.classes : [Int](repeating: 0, count: 16)
    let products = try LeaveOutProducts(
      factors: factors, groups: Self.groups, groupCount: 4, threads: 2
    ).products(classes: classes, classCount: withLabels ? 4 : 1, leavingOut: leftOut).centered
    let samples = (0..<16).filter { Self.groups[$0] != leftOut }
    let grams = factors.map { centeredGram($0, samples, classes: classes) }
    for a in factors.indices {
      for b in factors.indices {
        let expected = inner(grams[a], grams[b])
        #expect(abs(products[a, b] - expected) <= 1e-8 * max(1, abs(expected)), "\(a) \(b)")
      }
    }
  }

  /// 3! · 2! · 2! exchanges, all of them.
  @Test func theMeanOverExchangesIsThatOfAllExchanges() throws {
    let classes = [0, 1, 0, 2, 1, 0, 2]
    let factors = factors(seed: 5).map { $0.selectingRows(0..<7) }
    let products = try LeaveOutProducts(
      factors: factors, groups: Array(repeating: 0, count: 7), groupCount: 1, threads: 1
    ).products(classes: classes, classCount: 3, leavingOut: nil).exchanged
    let one = [Int](repeating: 0, count: 7)
    let first = centeredGram(factors[0], Array(0..<7), classes: one)
    let threes = [[0, 2, 5], [0, 5, 2], [2, 0, 5], [2, 5, 0], [5, 0, 2], [5, 2, 0]]
    var sum = 0.0
    for three in threes {
      for two in [[1, 4], [4, 1]] {
        for other in [[3, 6], [6, 3]] {
          var order = Array(0..<7)
          for (place, sample) in zip([0, 2, 5], three) { order[place] = sample }
          for (place, sample) in zip([1, 4], two) { order[place] = sample }
          for (place, sample) in zip([3, 6], other) { order[place] = sample }
          sum += inner(
            first,
            centeredGram(factors[1].selectingRows(order), Array(0..<7), classes: one))
        }
      }
    }
    #expect(abs(products[0, 1] - sum / 24) <= 1e-9 * abs(sum))
  }

  /// Partial debiased CKA by its definition: each U-centred Gram matrix minus its regression on
  /// those of the covariates, then their correlation.
  @Test(arguments: [[2], [2, 3]])
  func partialSimilaritiesAreCorrelationsOfResiduals(covariates: [Int]) throws {
    let factors = factors(seed: 8)
    let one = [Int](repeating: 0, count: 16)
    let products = try LeaveOutProducts(
      factors: factors, groups: one, groupCount: 1, threads: 1
    ).products(classes: one, classCount: 1, leavingOut: nil).centered
    let grams = factors.map { centeredGram($0, Array(0..<16), classes: one).flatMap { $0 } }
    var basis: [[Double]] = []
    func residual(_ vector: [Double]) -> [Double] {
      basis.reduce(vector) { rest, direction in
        let share = dot(rest, direction)
        return zip(rest, direction).map { $0 - share * $1 }
      }
    }
    for covariate in covariates {
      let rest = residual(grams[covariate])
      let norm = dot(rest, rest).squareRoot()
      basis.append(rest.map { $0 / norm })
    }
    let (x, y) = (residual(grams[0]), residual(grams[1]))
    let expected = dot(x, y) / (dot(x, x) * dot(y, y)).squareRoot()
    let rest = ResidualProducts(products, x: 0, y: 1, beyond: covariates, rounding: 1e-14)
    let value = rest.cosine(ofWhole: (products[0, 0], products[1, 1]), rounding: 1e-14)
    #expect(abs(value - expected) <= 1e-10)
    if covariates.count == 1 {
      func similarity(_ a: Int, _ b: Int) -> Double {
        products[a, b] / (products[a, a] * products[b, b]).squareRoot()
      }
      let (xy, xz, yz) = (similarity(0, 1), similarity(0, 2), similarity(1, 2))
      let formula = (xy - xz * yz) / ((1 - xz * xz) * (1 - yz * yz)).squareRoot()
      #expect(abs(value - formula) <= 1e-12)
    }
  }

  @Test func nothingIsLeftOfARepresentationBeyondItself() throws {
    let factors = factors(seed: 9)
    let one = [Int](repeating: 0, count: 16)
    let products = try LeaveOutProducts(
      factors: factors, groups: one, groupCount: 1, threads: 1
    ).products(classes: one, classCount: 1, leavingOut: nil).centered
    let rest = ResidualProducts(products, x: 0, y: 1, beyond: [0, 0], rounding: 1e-13)
    #expect(rest.cosine(ofWhole: (products[0, 0], products[1, 1]), rounding: 1e-13).isNaN)
  }
}
