import LinearAlgebra

/// Permutational analysis of variance of a distance matrix: do models of one family lie closer together
/// than models at large?
///
///     SS_T = Σ_{i<j} d²ᵢⱼ / N,   SS_W = Σ_g Σ_{i<j∈g} d²ᵢⱼ / N_g
///     F = ((SS_T − SS_W)/(a − 1)) / (SS_W/(N − a)),   R² = 1 − SS_W/SS_T
///
/// for N models in a families. With Euclidean distances F is the ratio of the traces of a multivariate
/// analysis of variance. A difference in spread can make F large as well: ``PermutationalDispersion``.
///
/// - Source: Anderson (Austral Ecology 2001).
struct PermutationalVariance: Sendable {
  let f: Double
  let rSquared: Double

  /// `nil` where no family has two models: there is no variance within.
  init?(_ distances: Matrix, groups: [Int]) {
    let count = groups.count
    let sizes = groupSizes(groups)
    guard count > sizes.count, sizes.count >= 2 else { return nil }
    var (total, within) = (0.0, 0.0)
    for i in 0..<count {
      for j in 0..<i {
        let square = distances[i, j] * distances[i, j]
        total += square / Double(count)
        if groups[i] == groups[j] { within += square / Double(sizes[groups[i]]) }
      }
    }
    guard within > 0 else { return nil }
    let (between, degrees) = (total - within, Double(sizes.count - 1))
    f = (between / degrees) / (within / Double(count - sizes.count))
    rSquared = between / total
  }

  /// The probability of an F this large when families are assigned to models at random.
  func pValue(_ distances: Matrix, groups: [Int], _ orders: ModelOrders) -> Double {
    orders.pValue(of: f) { order in
      // No variance within: larger than any F.
      PermutationalVariance(distances, groups: order.map { groups[$0] })?.f ?? .infinity
    }
  }
}

/// Permutational test of dispersion: do families differ in how far their models are from their centre?
///
///     zᵢ = √(N_g/(N_g − 1)) · distance of model i to the centroid of its family g
///
/// in the space that the distances span; the factor takes out that the fewer models there are, the closer
/// they lie to their own mean (O'Neill & Mathews 2000). F is that of a one-way analysis of variance of z. A
/// small p warns that the families of a ``PermutationalVariance`` may differ in spread and not in place.
///
/// **Chance** reorders neither the models nor their residuals: the N_g residuals of a family add up to 0
/// and depend on each other, and reordering them (as vegan's `permutest.betadisper` does with those of z)
/// rejects 10 to 30 % of true hypotheses at 5 % when families have three to six models. Each
/// family is written instead in N_g − 1 orthonormal contrasts (Helmert's), which do not depend on where
/// its centre is. Among normally distributed models of equal spread the contrasts of all families are
/// independent and alike, so that a random rotation of all of them together gives a zoo that is as likely:
/// F is formed again from 999 of these, and p is exact for any sizes of families. What looks like unequal spread can
/// also be heavy tails: for three families of three it rejects 17 % at 5 % when coordinates have three
/// degrees of freedom, 12 % for exponential ones, 3 % for uniform ones. (Reordering contrasts instead
/// minds tails less, but of three families of three it finds one of tenfold spread in 23 % of cases,
/// rotations always.)
///
/// No coordinates are needed: with A = −d²/2 and H the contrasts, H A Hᵀ holds their inner products.
/// Distances that are not Euclidean can make z² negative; its magnitude is taken. Families of one model are
/// left out.
///
/// - Source: PERMDISP of Anderson (Biometrics 2006), with centroids; rotation tests, Langsrud (Statistics
///   and Computing 2005).
struct PermutationalDispersion: Sendable {
  let f: Double
  /// Family by family, models × contrasts: the contrasts in rows of its transpose.
  private let contrasts: [Matrix]
  /// The inner products of the contrasts of all families.
  private let products: Matrix
  private let groups: [Int]

  /// `nil` where no family has three models – two are always equally far from their centre – or only one
  /// has more than one.
  init?(_ distances: Matrix, groups: [Int]) {
    let allSizes = groupSizes(groups)
    let kept = allSizes.indices.filter { allSizes[$0] >= 2 }
    guard kept.count >= 2, allSizes.contains(where: { $0 >= 3 }) else { return nil }
    // The models family by family.
    let members = kept.flatMap { group in groups.indices.filter { groups[$0] == group } }
    self.groups = members.map { kept.firstIndex(of: groups[$0]) ?? 0 }
    contrasts = kept.map { Self.helmert(allSizes[$0]) }
    let halves = Matrix(rows: members.count, columns: members.count) { i, j in
      -distances[members[i], members[j]] * distances[members[i], members[j]] / 2
    }
    let all = Self.blockDiagonal(contrasts)
    products = all.transposeTimes(halves.times(all))
    f = Self.ratio(Self.distances(contrasts, products), groups: self.groups)
    guard f.isFinite else { return nil }
  }

  /// The probability of an F this large when all contrasts are rotated at random; at least 1/(draws + 1).
  ///
  /// - Throws: `DecompositionError`.
  func pValue(draws: Int, seed: UInt64) throws -> Double {
    // Equivalent rotations take different ways through the arithmetic.
    let bound = f - 1e-9 * max(1, f)
    var reached = 0
    for draw in 0..<draws {
      var generator = SeededGenerator(
        seed: seed, stream: RandomStream.dispersionRotations + UInt64(draw))
      let size = products.rows
      let rotation = try generator.gaussianMatrix(rows: size, columns: size).orthonormalized()
      let rotated = rotation.times(products).timesTransposed(rotation)
      if Self.ratio(Self.distances(contrasts, rotated), groups: groups) >= bound { reached += 1 }
    }
    return Double(reached + 1) / Double(draws + 1)
  }

  /// z of the models from the inner products of the contrasts.
  private static func distances(_ contrasts: [Matrix], _ products: Matrix) -> [Double] {
    var start = 0
    return contrasts.flatMap { basis -> [Double] in
      let mine = start..<start + basis.columns
      start += basis.columns
      let weighted = basis.times(products.block(rows: mine, columns: mine))
      return (0..<basis.rows).map { model in
        let square = zip(weighted.row(model), basis.row(model)).reduce(0) { $0 + $1.0 * $1.1 }
        return abs(square).squareRoot() * groupFactor(basis.rows)
      }
    }
  }

  /// `size` × (size − 1): column k − 1 sets model k against the mean of those before it.
  private static func helmert(_ size: Int) -> Matrix {
    Matrix(rows: size, columns: size - 1) { model, column in
      let before = Double(column + 1)
      let length = (before * (before + 1)).squareRoot()
      return model <= column ? 1 / length : model == column + 1 ? -before / length : 0
    }
  }

  private static func blockDiagonal(_ blocks: [Matrix]) -> Matrix {
    var whole = Matrix(
      rows: blocks.reduce(0) { $0 + $1.rows }, columns: blocks.reduce(0) { $0 + $1.columns })
    var (row, column) = (0, 0)
    for block in blocks {
      for i in 0..<block.rows {
        for j in 0..<block.columns { whole[row + i, column + j] = block[i, j] }
      }
      row += block.rows
      column += block.columns
    }
    return whole
  }

  /// F of a one-way analysis of variance.
  private static func ratio(_ values: [Double], groups: [Int]) -> Double {
    let sizes = groupSizes(groups)
    let means = groupMeans(values, groups: groups, sizes: sizes)
    let mean = values.reduce(0, +) / Double(values.count)
    let between = zip(means, sizes).reduce(0) { $0 + Double($1.1) * ($1.0 - mean) * ($1.0 - mean) }
    let within = values.indices.reduce(0.0) { sum, index in
      let residual = values[index] - means[groups[index]]
      return sum + residual * residual
    }
    return (between / Double(sizes.count - 1)) / (within / Double(values.count - sizes.count))
  }
}

/// √(N/(N − 1)).
private func groupFactor(_ size: Int) -> Double { (Double(size) / Double(size - 1)).squareRoot() }

/// How many models each group 0, 1, … has.
private func groupSizes(_ groups: [Int]) -> [Int] {
  var sizes = [Int](repeating: 0, count: (groups.max() ?? -1) + 1)
  for group in groups { sizes[group] += 1 }
  return sizes
}

private func groupMeans(_ values: [Double], groups: [Int], sizes: [Int]) -> [Double] {
  var sums = [Double](repeating: 0, count: sizes.count)
  for (value, group) in zip(values, groups) { sums[group] += value }
  return zip(sums, sizes).map { $0 / Double($1) }
}

extension RandomStream {
  static let dispersionRotations: UInt64 = 25 << 32
}
