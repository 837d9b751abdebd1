/// The numbers of one representation that its distribution under chance depends on.
///
/// For n × n matrices A and B and a permutation π, uniform over all n!, the statistic is
///
///     T = Σᵢⱼ Aᵢⱼ B_π(i)π(j)
///
/// A splits into parts that reordering does not mix:
///
///     A = A₀ + A_v + U + X
///
/// - A₀, a multiple of one fixed matrix: the mean of T;
/// - A_v, given by one vector v over the samples whose sum is 0 (large rows, hubs);
/// - U, symmetric, with a diagonal of zeros and rows that sum to 0: the **U-centred** part;
/// - X, antisymmetric with rows that sum to 0; only lists of neighbours have it.
///
/// By the orthogonality of the parts
///
///     E T   = a₀ b₀
///     Var T = Σv² Σw²/(n − 1) + 2 ‖U‖²‖U′‖²/(n(n − 3)) + 2 ‖X‖²‖X′‖²/((n − 1)(n − 2))
///
/// and the third central moment is a sum of products of nine cubic sums over the parts of A with the same
/// sums over those of B. Each coefficient below is a sum, over the ways in which the six indices
/// i, j, k, l, m, o of T³ can coincide, of the number of such ways over n(n − 1)…(n − v + 1), v being
/// the number of different indices; that all rows sum to 0 reduces every such sum to the nine. Nothing
/// cancels: the coefficients are positive, and the mean has been taken out before cubing.
///
/// - Complexity: ``moments(with:)`` is O(1).
/// - Source: mean and variance of the two symmetric cases: Mantel (Cancer Research 1967) and Kazi-Aoual,
///   Hitier, Sabatier & Lebreton (Computational Statistics & Data Analysis 1995). They and the third
///   moment are derived here by the split into parts; the tests check all against full enumeration.
public struct ChanceInvariants: Sendable, Equatable {
  /// n.
  public let samples: Int
  /// a₀: E T is the product of those of both sides.
  var constant = 0.0
  /// Σ vᵢ².
  var vectorSquare = 0.0
  /// ‖U‖².
  var symmetricSquare = 0.0
  /// ‖X‖².
  var antisymmetricSquare = 0.0

  /// Σ vᵢ³.
  var vectorCube = 0.0
  /// vᵀ U v.
  var quadratic = 0.0
  /// Σ Uᵢⱼ² vᵢ.
  var weightedSquares = 0.0
  /// Σ Uᵢⱼ³.
  var cubes = 0.0
  /// tr U³.
  var triangles = 0.0
  /// Σ Xᵢⱼ² vᵢ.
  var antisymmetricWeightedSquares = 0.0
  /// Σ Uᵢⱼ Xᵢⱼ vᵢ.
  var mixedWeightedProducts = 0.0
  /// Σ Uᵢⱼ Xᵢⱼ².
  var mixedCubes = 0.0
  /// tr U X².
  var mixedTriangles = 0.0

  /// How many canonical directions a projection has (its trace), for metrics that divide by it.
  var trace = 0.0

  /// - Throws: ``MetricError/tooFewSamples(count:needed:)`` below 4 samples, where U vanishes.
  init(samples: Int) throws {
    guard samples >= 4 else { throw MetricError.tooFewSamples(count: samples, needed: 4) }
    self.samples = samples
  }

  /// The moments of T over all permutations of the samples of one side.
  ///
  /// - Precondition: Both sides have the same number of samples.
  public func moments(with other: ChanceInvariants) -> ChanceMoments {
    precondition(samples == other.samples, "\(samples) samples against \(other.samples)")
    let n = Double(samples)
    return ChanceMoments(
      mean: constant * other.constant,
      variance: vectorSquare * other.vectorSquare / (n - 1)
        + 2 * symmetricSquare * other.symmetricSquare / (n * (n - 3))
        + 2 * antisymmetricSquare * other.antisymmetricSquare / ((n - 1) * (n - 2)),
      thirdCentral: symmetricThird(other) + antisymmetricThird(other))
  }

  /// E (V + U)³ = E U³ + 3 E U²V + 3 E UV² + E V³, with V and U the parts of T.
  private func symmetricThird(_ other: ChanceInvariants) -> Double {
    let n = Double(samples)
    let (p2, p3, p4) = (placements(2), placements(3), placements(4))
    let (p5, p6) = (placements(5), placements(6))
    func product(_ sum: (ChanceInvariants) -> Double) -> Double { sum(self) * sum(other) }
    let u3 =
      (4 * p2 + 24 * p3 + 56 * p4) * product(\.cubes) + 8 * p3 * product(\.triangles)
      + 24 * p4 * product { $0.cubes - $0.triangles }
      + 48 * p5 * product { $0.triangles - 2 * $0.cubes }
      + 64 * p6 * product { 2 * $0.cubes - $0.triangles }
    let u2v = (4 * p2 + 20 * p3 + 52 * p4 + 64 * p5) * product(\.weightedSquares)
    let uv2 = (2 * p2 + 4 * p3 + 4 * p4) * product(\.quadratic)
    let v3 = n / ((n - 1) * (n - 2)) * product(\.vectorCube)
    return u3 + 3 * u2v + 3 * uv2 + v3
  }

  /// 3 E UX² + 3 E X²V + 6 E UXV; all terms with an odd power of X alone are 0.
  private func antisymmetricThird(_ other: ChanceInvariants) -> Double {
    guard antisymmetricSquare > 0, other.antisymmetricSquare > 0 else { return 0 }
    let (p2, p3, p4, p5) = (placements(2), placements(3), placements(4), placements(5))
    func product(_ sum: (ChanceInvariants) -> Double) -> Double { sum(self) * sum(other) }
    let ux2 =
      (4 * p2 + 24 * p3 + 40 * p4) * product(\.mixedCubes) + 8 * p3 * product(\.mixedTriangles)
      + 8 * p4 * product { $0.mixedCubes - $0.mixedTriangles }
      + 16 * p4 * product { $0.mixedCubes + $0.mixedTriangles }
      + 16 * p5 * product { 2 * $0.mixedCubes + $0.mixedTriangles }
    let x2v = (4 * p2 + 20 * p3 + 36 * p4) * product(\.antisymmetricWeightedSquares)
    let uxv = (4 * p2 + 12 * p3 + 12 * p4) * product(\.mixedWeightedProducts)
    return 3 * ux2 + 3 * x2v + 6 * uxv
  }

  /// 1/(n(n − 1)…(n − v + 1)) for v different indices; 0 where there are not so many samples.
  private func placements(_ indices: Int) -> Double {
    guard samples >= indices else { return 0 }
    return 1 / (0..<indices).reduce(1.0) { $0 * Double(samples - $1) }
  }

  /// The invariants of the matrix multiplied by a positive number.
  func scaled(by factor: Double) -> ChanceInvariants {
    var result = self
    result.constant *= factor
    result.trace *= factor
    for square: WritableKeyPath<ChanceInvariants, Double> in [
      \.vectorSquare, \.symmetricSquare, \.antisymmetricSquare,
    ] {
      result[keyPath: square] *= factor * factor
    }
    for cube: WritableKeyPath<ChanceInvariants, Double> in [
      \.vectorCube, \.quadratic, \.weightedSquares, \.cubes, \.triangles,
      \.antisymmetricWeightedSquares, \.mixedWeightedProducts, \.mixedCubes, \.mixedTriangles,
    ] {
      result[keyPath: cube] *= factor * factor * factor
    }
    return result
  }
}

extension ChanceInvariants {
  /// Takes in the vector v.
  mutating func add(vector: [Double]) {
    for value in vector {
      vectorSquare += value * value
      vectorCube += value * value * value
    }
  }

  /// Adds the sums over some elements of U.
  mutating func add(_ sums: SymmetricSums) {
    symmetricSquare += sums.square
    cubes += sums.cubes
    weightedSquares += sums.weightedSquares
    quadratic += sums.quadratic
  }
}

/// The sums over elements of U that need no product of matrices.
struct SymmetricSums {
  private(set) var square = 0.0
  private(set) var cubes = 0.0
  private(set) var weightedSquares = 0.0
  private(set) var quadratic = 0.0

  /// Adds what Uᵢⱼ, i < j, and its mirror image contribute.
  mutating func add(_ element: Double, _ vi: Double, _ vj: Double) {
    let squared = element * element
    square += 2 * squared
    cubes += 2 * squared * element
    weightedSquares += squared * (vi + vj)
    quadratic += 2 * element * vi * vj
  }
}
