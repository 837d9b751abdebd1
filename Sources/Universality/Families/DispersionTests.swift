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
/// they lie to their own mean (O'Neill & Mathews 2000). F is that of a one-way analysis of variance of z.
/// Chance moves the families onto one centre, assigns the models to families at random and forms z anew.
/// (To reorder the residuals of z, as is common, rejects up to 29 % of true hypotheses at 5 % when
/// families have three to six models, because the distances to one mean depend on each other. This one
/// rejects 4 to 10 % with families of three to eight.) A small p warns that the families of a
/// ``PermutationalVariance`` may differ in spread and not in place.
///
/// No coordinates are needed: with A = −d²/2 and P the projection on the family means, (1 − P) A (1 − P)
/// holds the inner products of the residuals. Distances that are not Euclidean can make z² negative; its
/// magnitude is taken. Families of one model are left out.
///
/// - Source: PERMDISP of Anderson (Biometrics 2006), with centroids and the null above.
struct PermutationalDispersion: Sendable {
  let f: Double
  /// The inner products of the scaled residuals.
  private let products: Matrix
  private let groups: [Int]

  /// `nil` where no family has three models – two are always equally far from their centre – or only one
  /// has more than one.
  init?(_ distances: Matrix, groups: [Int]) {
    let allSizes = groupSizes(groups)
    let members = groups.indices.filter { allSizes[groups[$0]] >= 2 }
    let kept = Set(members.map { groups[$0] }).sorted()
    guard kept.count >= 2, allSizes.contains(where: { $0 >= 3 }) else { return nil }
    let groups = members.map { kept.firstIndex(of: groups[$0]) ?? 0 }
    let sizes = groupSizes(groups)
    let projection = Matrix(rows: groups.count, columns: groups.count) { i, j in
      (i == j ? 1 : 0) - (groups[i] == groups[j] ? 1 / Double(sizes[groups[i]]) : 0)
    }
    let halves = Matrix(rows: groups.count, columns: groups.count) { i, j in
      -distances[members[i], members[j]] * distances[members[i], members[j]] / 2
    }
    let residuals = projection.times(halves).times(projection)
    let factors = groups.map { groupFactor(sizes[$0]) }
    let products = Matrix(rows: groups.count, columns: groups.count) { i, j in
      residuals[i, j] * factors[i] * factors[j]
    }
    // The residuals are centred already, so that their lengths are the distances to the centroids.
    f = Self.ratio(groups.indices.map { abs(products[$0, $0]).squareRoot() }, groups: groups)
    self.products = products
    self.groups = groups
    guard f.isFinite else { return nil }
  }

  /// The probability of an F this large when centred models are assigned to families at random.
  func pValue(draws: Int, seed: UInt64) -> Double {
    let orders = ModelOrders(of: groups.count, draws: draws, seed: seed)
    return orders.pValue(of: f) { Self.ratio(distances($0), groups: groups) }
  }

  /// z of the models in the order given.
  private func distances(_ order: [Int]) -> [Double] {
    let sizes = groupSizes(groups)
    var toMembers = [Double](repeating: 0, count: groups.count)
    var totals = [Double](repeating: 0, count: sizes.count)
    for i in groups.indices {
      for j in groups.indices where groups[i] == groups[j] {
        toMembers[i] += products[order[i], order[j]]
        totals[groups[i]] += products[order[i], order[j]]
      }
    }
    return groups.indices.map { index in
      let size = Double(sizes[groups[index]])
      let square =
        products[order[index], order[index]] - 2 * toMembers[index] / size
        + totals[groups[index]] / (size * size)
      return abs(square).squareRoot() * groupFactor(sizes[groups[index]])
    }
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
