import LinearAlgebra

extension ChanceInvariants {
  /// Of A = F Fᵀ, for a matrix F of n samples with centred columns: no n × n matrix is formed.
  ///
  /// With aᵢ = ‖fᵢ‖², α = Σa/(n − 1) and uᵢ = (aᵢ − (1 − 1/n) α)/(1 − 2/n):
  ///
  ///     A₀ = α H,   A_v = H diag(u) H,   U = F Fᵀ − A₀ − A_v,   v = √(n/(n − 2)) (a − (1 − 1/n) α)
  ///
  /// with H the centring matrix, so that off the diagonal Uᵢⱼ = ⟨fᵢ, fⱼ⟩ + (α + uᵢ + uⱼ)/n. The sums over
  /// U are taken tile by tile; tr U³ comes from FᵀF.
  ///
  /// - Parameter isUCentred: Whether the metric uses U alone (unbiased estimators).
  /// - Complexity: O(n² k + n k² + k³) for k columns; memory of a tile of 256 rows.
  init(gramOf factor: Matrix, isUCentred: Bool = false) throws {
    try self.init(samples: factor.rows)
    let n = Double(samples)
    let norms = factor.squaredRowNorms()
    let trace = norms.reduce(0, +)
    let alpha = trace / (n - 1)
    let deviations = norms.map { $0 - (1 - 1 / n) * alpha }
    let u = deviations.map { $0 / (1 - 2 / n) }
    let v =
      isUCentred
      ? Array(repeating: 0, count: samples)
      : deviations.map { $0 * (n / (n - 2)).squareRoot() }
    if !isUCentred {
      self.trace = trace
      constant = trace / (n - 1).squareRoot()
      add(vector: v)
    }
    addTiles(of: factor, shifts: u.map { (alpha / 2 + $0) / n }, vector: v)
    triangles = Self.triangles(of: factor, norms: norms, alpha: alpha, u: u)
  }

  /// The sums over U, with Uᵢⱼ = ⟨fᵢ, fⱼ⟩ + shiftᵢ + shiftⱼ.
  private mutating func addTiles(of factor: Matrix, shifts: [Double], vector v: [Double]) {
    let transposed = factor.transposed()
    for start in stride(from: 0, to: samples, by: 256) {
      let rows = start..<min(start + 256, samples)
      let columns = 0..<factor.columns
      let products = transposed.block(rows: columns, columns: rows)
        .transposeTimes(transposed.block(rows: columns, columns: start..<samples))
      for row in rows {
        var sums = SymmetricSums()
        let others = products.row(row - start).dropFirst(row - start + 1)
        for (column, product) in zip((row + 1)..., others) {
          sums.add(product + shifts[row] + shifts[column], v[row], v[column])
        }
        add(sums)
      }
    }
  }

  /// tr U³ = tr(K − D)³ with K = F Fᵀ − αH and D = H diag(u) H, expanded:
  ///
  ///     tr K³ = tr(FᵀF − α)³ − (n − 1 − k) α³
  ///     tr K²D = Σ uᵢ (K²)ᵢᵢ,   tr K D² = Σ uᵢ² Kᵢᵢ − uᵀKu/n,   tr D³ = (1 − 3/n) Σ uᵢ³
  private static func triangles(
    of factor: Matrix, norms: [Double], alpha: Double, u: [Double]
  ) -> Double {
    let n = Double(factor.rows)
    let k = factor.columns
    let gram = factor.featureGram()
    func shifted(by shift: Double) -> Matrix {
      Matrix(rows: k, columns: k) { gram[$0, $1] - ($0 == $1 ? shift : 0) }
    }
    let kernel = shifted(by: alpha)
    let cube =
      dot(kernel.sampleGram().elements, kernel.elements)
      - (n - 1 - Double(k)) * alpha * alpha * alpha
    let images = factor.times(shifted(by: 2 * alpha))
    let projection = Matrix(rows: 1, columns: factor.rows, elements: u).times(factor)
    var (squareTerm, diagonalTerm, uSquare, uCube) = (0.0, 0.0, 0.0, 0.0)
    for sample in 0..<factor.rows {
      var squared = alpha * alpha * (1 - 1 / n)
      for (x, y) in zip(factor.row(sample), images.row(sample)) { squared += x * y }
      let value = u[sample]
      squareTerm += value * squared
      diagonalTerm += value * value * (norms[sample] - alpha * (1 - 1 / n))
      uSquare += value * value
      uCube += value * value * value
    }
    let form = projection.squaredFrobeniusNorm() - alpha * uSquare
    return cube - 3 * squareTerm + 3 * (diagonalTerm - form / n) - (1 - 3 / n) * uCube
  }
}
