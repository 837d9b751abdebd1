import LinearAlgebra
import Testing

@testable import Metrics

@Suite struct NeighbourTests {
  @Test(arguments: [
    ("mutual-knn:k=5", 0.07), ("mutual-knn:k=5,centred=true", 0.075),
    ("mutual-knn:k=5,neighbours=euclidean", 0.075), ("mutual-knn", 0.35),
    ("jaccard-knn:k=5", 0.039583333333), ("jaccard-knn:k=5,centred=true", 0.042361111111),
    ("jaccard-knn:k=5,neighbours=euclidean", 0.043055555556),
    ("cknna:epsilon=1e-6", 0.228234748196), ("cknna:k=5,epsilon=1e-6", 0.017238655225),
    ("cknna", 0.228238313183), ("cknna:k=5", 0.017238950844),
  ])
  func goldenValues(_ specification: String, _ expected: Double) throws {
    let metric = try MetricCatalogue.metric(specification)
    let fixture = GoldenFixture.a
    #expect(agree(try metric.similarity(fixture.x, fixture.y), expected, within: 1e-10))
  }

  /// By sorting all distances of a sample, computed from the coordinates.
  @Test func listsAgreeWithSortingAllDistances() throws {
    let x = GoldenFixture.a.x
    let lists = try MutualKNN(NeighbourRule(count: 7, nearness: .euclidean)).prepare(x)
    for i in 0..<x.rows {
      func distance(_ j: Int) -> Double {
        zip(x.row(i), x.row(j)).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      }
      let sorted = (0..<x.rows).filter { $0 != i }.sorted { distance($0) < distance($1) }
      #expect(lists.neighbours(of: i).map(Int.init) == sorted.prefix(7).sorted())
      for j in sorted.prefix(7) { #expect(lists.contains(j, among: i)) }
      for j in sorted.dropFirst(7) { #expect(!lists.contains(j, among: i)) }
    }
  }

  /// The mean over all permutations of one side is k/(n − 1), exactly: over all 720 of 6 samples.
  @Test func chanceIsExact() throws {
    let metric = MutualKNN(NeighbourRule(count: 2))
    let x = try metric.prepare(GoldenFixture.a.x.selectingRows(0..<6))
    let values = try permutations(of: Array(0..<6)).map {
      try metric.compare(x, metric.prepare(GoldenFixture.a.y.selectingRows($0)))
    }
    #expect(agree(values.reduce(0, +) / 720, 2.0 / 5, within: 1e-12))
  }

  /// Six points on a line by hand: with k = 1, 0 ↔ 1, 2 → 1, 3 ↔ 4, 5 → 4.
  @Test func cyclesByHand() throws {
    let x = Matrix(rows: [[0], [1], [2.5], [10], [11], [12.5]])
    let y = Matrix(rows: [[0], [2.5], [1], [10], [12.5], [11]])
    let metric = CycleKNN(NeighbourRule(count: 1, nearness: .euclidean))
    // Out in y: 0 → 2, 1 → 2, 2 → 0, 3 → 5, 4 → 5, 5 → 3; back in x: 2 → 1, 0 → 1, 5 → 4, 3 → 4.
    #expect(try metric.similarity(x, y) == 2.0 / 6)
    // 0 and 1, 3 and 4 are mutual neighbours; 2 and 5 do not return.
    #expect(try metric.similarity(x, x) == 4.0 / 6)
  }

  /// The rank of each shared neighbour put into the formula, one sample at a time.
  @Test func rankSimilarityAgreesWithItsFormula() throws {
    let (x, y) = (GoldenFixture.a.x, GoldenFixture.a.y)
    let metric = RankSimilarity(NeighbourRule(count: 6, nearness: .euclidean))
    func ordered(_ z: Matrix, _ i: Int) -> [Int] {
      func distance(_ j: Int) -> Double {
        zip(z.row(i), z.row(j)).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      }
      return Array((0..<z.rows).filter { $0 != i }.sorted { distance($0) < distance($1) }.prefix(6))
    }
    var expected = 0.0
    for i in 0..<x.rows {
      let (a, b) = (ordered(x, i), ordered(y, i))
      var (sum, harmonic, count) = (0.0, 0.0, 0.0)
      for (r, j) in a.enumerated() {
        guard let s = b.firstIndex(of: j) else { continue }
        sum += 2 / Double((1 + abs(r - s)) * (r + s + 2))
        count += 1
        harmonic += 1 / count
      }
      if count > 0 { expected += sum / harmonic / Double(x.rows) }
    }
    #expect(agree(try metric.similarity(x, y), expected, within: 1e-14))
  }

  /// All cosines in a matrix, the union of the neighbours picked from it.
  @Test(arguments: SecondOrderCosine.Entries.allCases)
  func secondOrderCosineAgreesWithItsFormula(_ entries: SecondOrderCosine.Entries) throws {
    let (x, y) = (GoldenFixture.a.x, GoldenFixture.a.y)
    let rule = NeighbourRule(count: 4)
    let lists = (try MutualKNN(rule).prepare(x), try MutualKNN(rule).prepare(y))
    func cosine(_ z: Matrix, _ i: Int, _ j: Int) -> Double {
      let (a, b) = (Array(z.row(i)), Array(z.row(j)))
      return dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot()
    }
    var expected = 0.0
    for i in 0..<x.rows {
      let union = (0..<x.rows).filter {
        lists.0.contains($0, among: i) || lists.1.contains($0, among: i)
      }
      func vector(_ z: Matrix) -> [Double] {
        union.map { entries == .similarity ? cosine(z, i, $0) : 1 - cosine(z, i, $0) }
      }
      let (a, b) = (vector(x), vector(y))
      expected += dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot() / Double(x.rows)
    }
    let value = try SecondOrderCosine(rule, entries: entries).similarity(x, y)
    #expect(agree(value, expected, within: 1e-13))
  }

  /// The masked Gram matrices written out, for both orders: the value depends on the order.
  @Test func cknnaAgreesWithMaskedGramMatrices() throws {
    let rule = NeighbourRule(count: 10)
    let metric = CKNNA(rule)
    let (x, y) = (GoldenFixture.a.x, GoldenFixture.a.y)
    func aligned(_ a: Matrix, _ b: Matrix) throws -> Double {
      let (inA, inB) = (try MutualKNN(rule).prepare(a), try MutualKNN(rule).prepare(b))
      func masked(_ z: Matrix) -> Matrix {
        Matrix(rows: z.rows, columns: z.rows) { i, j in
          guard inA.contains(j, among: i), inB.contains(j, among: i) else { return 0 }
          let (u, v) = (Array(z.row(i)), Array(z.row(j)))
          return dot(u, v) / (dot(u, u) * dot(v, v)).squareRoot()
        }
      }
      let (k, l) = (masked(a), masked(b))
      let n = Double(a.rows)
      let sums = k.elements.reduce(0, +) * l.elements.reduce(0, +)
      let path = k.times(l).elements.reduce(0, +)
      return dot(k.elements, l.transposed().elements) + sums / ((n - 1) * (n - 2))
        - 2 / (n - 2) * path
    }
    let scale = (try aligned(x, x) * aligned(y, y)).squareRoot()
    #expect(agree(try metric.similarity(x, y), try aligned(x, y) / scale, within: 1e-12))
    #expect(agree(try metric.similarity(y, x), try aligned(y, x) / scale, within: 1e-12))
  }

  @Test func clampingIsAtTheMeanQuantileOfTheSamples() throws {
    let x = Matrix(rows: [[1, -4, 3, 2], [-10, 20, 40, -30], [1, 1, 1, 1], [-1, 2, 1, 1]])
    let rule = NeighbourRule(count: 1, clampQuantile: 0.9)
    // Quantiles 3.7, 37, 1 and 1.7: their mean is 10.85.
    let clamped = Matrix(
      rows: [[1, -4, 3, 2], [-10, 10.85, 10.85, -10.85], [1, 1, 1, 1], [-1, 2, 1, 1]])
    let expected = try NeighbourRule(count: 1).points(of: clamped)
    let points = try rule.points(of: x)
    for (a, b) in zip(points.elements, expected.elements) { #expect(agree(a, b, within: 1e-15)) }
  }

  /// Equal samples are at distance 0 and tie; the choice is the same in every run.
  @Test func tiesAreBrokenTheSameWayEveryTime() throws {
    let x = GoldenFixture.a.x.selectingRows((0..<40).map { $0 / 4 })
    let y = GoldenFixture.a.y.selectingRows((0..<40).map { $0 / 5 })
    for specification in ["mutual-knn:k=5", "rank-similarity:k=5", "cycle-knn:k=5"] {
      let metric = try MetricCatalogue.metric(specification)
      #expect(try metric.similarity(x, y) == metric.similarity(x, y))
    }
    #expect(try MutualKNN(NeighbourRule(count: 5)).similarity(x, x) == 1)
  }

  /// Samples that all tie agree by chance only, although both sides list them in the same order.
  @Test func tiesCauseNoAgreement() throws {
    func corners(_ height: Double) -> Matrix {
      Matrix(rows: 200, columns: 200) { $0 == $1 ? 1 : 0 }.withColumn { _ in height }
    }
    let metric = MutualKNN(NeighbourRule(count: 10))
    let value = try metric.similarity(corners(0.5), corners(0.7))
    #expect(agree(value, 10.0 / 199, within: 0.02))
  }

  @Test func samplesWithoutDirectionAreNamed() {
    var x = GoldenFixture.a.x
    for feature in 0..<x.columns { x[3, feature] = 0 }
    #expect(
      throws: MetricError.undefinedSample(3, "all its features are zero: it has no direction")
    ) { try MutualKNN().prepare(x) }
    #expect(throws: MetricError.tooFewSamples(count: 11, needed: 12)) {
      try MutualKNN().prepare(GoldenFixture.a.x.selectingRows(0..<11))
    }
  }
}

extension Matrix {
  /// The matrix with one more column.
  fileprivate func withColumn(_ element: (Int) -> Double) -> Matrix {
    Matrix(rows: rows, columns: columns + 1) { $1 < columns ? self[$0, $1] : element($0) }
  }
}

func permutations(of items: [Int]) -> [[Int]] {
  guard items.count > 1 else { return [items] }
  return items.indices.flatMap { index in
    var rest = items
    let item = rest.remove(at: index)
    return permutations(of: rest).map { [item] + $0 }
  }
}
