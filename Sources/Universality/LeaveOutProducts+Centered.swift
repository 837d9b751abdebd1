import LinearAlgebra
import Metrics

extension LeaveOutProducts {
  /// What linear CKA and its relatives are made of, of all pairs and from some of the samples.
  struct CenteredProducts: Sendable {
    /// The samples that are left.
    let samples: Int
    /// ⟨HKH, HLH⟩ of all pairs, scaled to traces of 1.
    fileprivate let squaredNorms: Matrix
    /// Σᵢ aᵢbᵢ of all pairs, with aᵢ the diagonal of HKH.
    fileprivate let rowProducts: Matrix
    /// Whether anything varies among the samples that are left.
    fileprivate let varies: [Bool]

    /// The pair of factors `a` and `b`, or `nil` where one of them is constant.
    subscript(a: Int, b: Int) -> CenteredProduct? {
      guard varies[a], varies[b] else { return nil }
      return CenteredProduct(squaredNorm: squaredNorms[a, b], rowProduct: rowProducts[a, b])
    }
  }

  /// The products of the Gram matrices centred over the samples that are left, H = I − 1/m.
  ///
  /// With r the row sums of K, diagonal included, and S their sum,
  ///
  ///     ⟨HKH, HLH⟩ = Σ_ij K_ij L_ij − 2/m Σ_i r_i s_i + S T/m²,    a_i = K_ii − 2 r_i/m + S/m².
  ///
  /// Where little is left of a factor these differences cancel, and its products are formed from the rows
  /// that are left, centred anew.
  ///
  /// - Precondition: The factors are centred and of unit norm, all samples taken together.
  func centeredProducts(leavingOut leftOut: Int) -> CenteredProducts {
    let kept = groups.indices.filter { groups[$0] != leftOut }
    let size = Double(kept.count)
    var (diagonals, rowSums, centered): ([Double], [Double], [Double]) = ([], [], [])
    var (sums, traces): ([Double], [Double]) = ([], [])
    /// By place the rows that are left of a factor, centred, where there is little in them.
    var scarce: [Int: Matrix] = [:]
    for (place, factor) in factors.enumerated() {
      let rows = factor.selectingRows(kept)
      let ones = Matrix(rows: kept.count, columns: 1) { _, _ in 1 }
      let mine = rows.times(rows.transposeTimes(ones)).elements
      let norms = rows.squaredRowNorms()
      let sum = mine.reduce(0, +)
      let mean = sum / (size * size)
      var diagonal = norms.indices.map { norms[$0] - 2 * mine[$0] / size + mean }
      if diagonal.reduce(0, +) < Self.leastClosedTrace {
        let rest = rows.centered()
        scarce[place] = rest
        diagonal = rest.squaredRowNorms()
      }
      diagonals += norms
      rowSums += mine
      centered += diagonal
      sums.append(sum)
      traces.append(diagonal.reduce(0, +))
    }
    func products(_ elements: [Double]) -> Matrix {
      Matrix(rows: factors.count, columns: kept.count, elements: elements).sampleGram()
    }
    let (ofDiagonals, ofRowSums, ofCentered) = (
      products(diagonals), products(rowSums), products(centered)
    )
    let offDiagonal = offDiagonalSums(leavingOut: leftOut)
    func scaled(_ value: (Int, Int) -> Double) -> Matrix {
      Matrix(rows: factors.count, columns: factors.count) {
        value($0, $1) / (traces[$0] * traces[$1])
      }
    }
    func centeredRows(_ place: Int) -> Matrix {
      scarce[place] ?? factors[place].selectingRows(kept).centered()
    }
    return CenteredProducts(
      samples: kept.count,
      squaredNorms: scaled { x, y in
        guard scarce[x] == nil, scarce[y] == nil else {
          return centeredRows(x).transposeTimes(centeredRows(y)).squaredFrobeniusNorm()
        }
        return offDiagonal[x, y] + ofDiagonals[x, y] - 2 / size * ofRowSums[x, y]
          + sums[x] * sums[y] / (size * size)
      }, rowProducts: scaled { ofCentered[$0, $1] }, varies: traces.map { $0 > Self.leastTrace })
  }

  /// Of factors of unit norm less than this is rounding error.
  private static let leastTrace = 1e-12

  /// With a trace of t left, the closed form is off by about ε/t²: less than 10⁻⁷ above this.
  private static let leastClosedTrace = 1e-4
}

extension CenteredProductMetric {
  /// The similarity of two factors from the samples that are left; NaN where there is none.
  func similarity(_ products: LeaveOutProducts.CenteredProducts, _ a: Int, _ b: Int) -> Double {
    guard let xy = products[a, b], let xx = products[a, a], let yy = products[b, b] else {
      return .nan
    }
    do {
      try check(samples: products.samples)
      try checkSelfProduct(xx, samples: products.samples)
      try checkSelfProduct(yy, samples: products.samples)
      return try similarity(xy, xx: xx, yy: yy, samples: products.samples)
    } catch {
      return .nan
    }
  }
}
