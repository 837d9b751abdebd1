extension ChanceInvariants {
  /// Of the matrix of 0 and 1 that says who is among whose k nearest neighbours.
  ///
  /// Its rows sum to k, its columns to the in-degrees k + hᵢ: **hubs**, samples that are near to many,
  /// widen the distribution. With κ = k/(n − 1), r = h/(2(n − 2)) and S, N the symmetric and the
  /// antisymmetric half of A:
  ///
  ///     Uᵢⱼ = Sᵢⱼ − κ − rᵢ − rⱼ,   Xᵢⱼ = Nᵢⱼ + (hᵢ − hⱼ)/(2n),   v = √((n − 1)/(n(n − 2))) h
  ///
  /// - Complexity: O(n² + n k² log k): the traces of cubic products come from counting closed walks.
  init(of lists: NeighbourLists) throws {
    try self.init(samples: lists.samples)
    let (n, k) = (Double(samples), Double(lists.count))
    var incoming = [[Int]](repeating: [], count: samples)
    for sample in 0..<samples {
      for neighbour in lists.neighbours(of: sample) { incoming[Int(neighbour)].append(sample) }
    }
    let degrees = incoming.map { Degree($0.count, samples: samples, neighbours: lists.count) }
    constant = k * (n / (n - 1)).squareRoot()
    add(vector: degrees.map(\.v))
    let sums = PairSums(lists, incoming: incoming, degrees: degrees)
    add(sums.symmetric)
    antisymmetricSquare = sums.antisymmetricSquare
    antisymmetricWeightedSquares = sums.antisymmetricWeightedSquares
    mixedWeightedProducts = sums.mixedWeightedProducts
    mixedCubes = sums.mixedCubes
    let walks = lists.closedWalks()
    triangles = sums.triangles(walks)
    mixedTriangles = sums.mixedTriangles(walks, samples: n)
  }
}

/// What follows from the number of samples that have one sample among their neighbours.
private struct Degree {
  /// The in-degree minus k.
  let h: Double
  /// The element of v.
  let v: Double
  /// r + κ/2, so that S − U is gᵢ + gⱼ off the diagonal.
  let g: Double
  /// The row sum of S.
  let d: Double
  /// What N − X is the difference of.
  let y: Double

  init(_ count: Int, samples: Int, neighbours: Int) {
    let (n, k) = (Double(samples), Double(neighbours))
    h = Double(count) - k
    v = h * ((n - 1) / (n * (n - 2))).squareRoot()
    g = h / (2 * (n - 2)) + k / (2 * (n - 1))
    d = k + h / 2
    y = -h / (2 * n)
  }
}

/// Sums over all pairs of samples, and the traces that follow from them.
private struct PairSums {
  var symmetric = SymmetricSums()
  var antisymmetricSquare = 0.0
  var antisymmetricWeightedSquares = 0.0
  var mixedWeightedProducts = 0.0
  var mixedCubes = 0.0
  /// Σ gᵢ Uᵢⱼ², Σ gᵢ Uᵢⱼ Sᵢⱼ, Σ gᵢ Sᵢⱼ², Σ gᵢ Nᵢⱼ².
  private var (gUU, gUS, gSS, gNN) = (0.0, 0.0, 0.0, 0.0)
  /// gᵀUd, gᵀSd, gᵀNh, hᵀUh.
  private var (gUd, gSd, gNh, hUh) = (0.0, 0.0, 0.0, 0.0)

  init(_ lists: NeighbourLists, incoming: [[Int]], degrees: [Degree]) {
    var forth = [Double](repeating: 0, count: lists.samples)
    var back = forth
    for i in 0..<lists.samples {
      for neighbour in lists.neighbours(of: i) { forth[Int(neighbour)] = 1 }
      for sample in incoming[i] { back[sample] = 1 }
      for j in i + 1..<max(lists.samples, i + 1) {
        add((forth[j] + back[j]) / 2, (forth[j] - back[j]) / 2, degrees[i], degrees[j])
      }
      for neighbour in lists.neighbours(of: i) { forth[Int(neighbour)] = 0 }
      for sample in incoming[i] { back[sample] = 0 }
    }
  }

  /// Adds what Sᵢⱼ, Nᵢⱼ and their mirror images contribute.
  private mutating func add(_ s: Double, _ n: Double, _ i: Degree, _ j: Degree) {
    let u = s - i.g - j.g
    let x = n - i.y + j.y
    symmetric.add(u, i.v, j.v)
    antisymmetricSquare += 2 * x * x
    antisymmetricWeightedSquares += x * x * (i.v + j.v)
    mixedWeightedProducts += u * x * (i.v - j.v)
    mixedCubes += 2 * u * x * x
    let g = i.g + j.g
    gUU += g * u * u
    gUS += g * u * s
    gSS += g * s * s
    gNN += g * n * n
    gUd += u * (i.g * j.d + j.g * i.d)
    gSd += s * (i.g * j.d + j.g * i.d)
    gNh += n * (i.g * j.h - j.g * i.h)
    hUh += 2 * u * i.h * j.h
  }

  /// tr U³. With G = S − U = g1ᵀ + 1gᵀ − 2 diag(g) and U1 = 0:
  ///
  ///     tr U³ = tr U²S + 2 Σ gᵢ (U²)ᵢᵢ
  ///     tr U²S = tr US² − gᵀUd + 2 Σ gᵢ (US)ᵢᵢ
  ///     tr US² = tr S³ − 2 gᵀSd + 2 Σ gᵢ (S²)ᵢᵢ
  func triangles(_ walks: ClosedWalks) -> Double {
    walks.symmetric - 2 * gSd + 2 * gSS - gUd + 2 * gUS + 2 * gUU
  }

  /// tr UX². With N − X = y1ᵀ − 1yᵀ, X1 = 0 and N1 = −h/2:
  ///
  ///     tr UX² = tr UN² + hᵀUh/(4n)
  ///     tr UN² = tr SN² + gᵀNh − 2 Σ gᵢ Nᵢⱼ²
  func mixedTriangles(_ walks: ClosedWalks, samples n: Double) -> Double {
    walks.mixed + gNh - 2 * gNN + hUh / (4 * n)
  }
}

/// The number of closed walks of three steps along the lists of neighbours.
private struct ClosedWalks {
  /// tr A³: from a sample to a neighbour, to one of its neighbours, and back.
  var cyclic = 0
  /// tr AAAᵀ: the third is also a neighbour of the first.
  var transitive = 0

  /// tr S³.
  var symmetric: Double { (Double(cyclic) + 3 * Double(transitive)) / 4 }
  /// tr SN².
  var mixed: Double { Double(cyclic - transitive) / 4 }
}

extension NeighbourLists {
  fileprivate func closedWalks() -> ClosedWalks {
    var walks = ClosedWalks()
    for first in 0..<samples {
      for second in neighbours(of: first) {
        for third in neighbours(of: Int(second)) {
          if contains(first, among: Int(third)) { walks.cyclic += 1 }
          if contains(Int(third), among: first) { walks.transitive += 1 }
        }
      }
    }
    return walks
  }
}
