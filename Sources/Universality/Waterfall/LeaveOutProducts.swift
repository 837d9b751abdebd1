import LinearAlgebra

/// The inner products of all pairs of sample Gram matrices K = XXᵀ off the diagonal, from all
/// samples and without each group of a jackknife.
///
/// With the groups g and the block sums B_gh = Σ_{i∈g, j∈h, i≠j} K_ij L_ij, the product without
/// group g is Σ B − 2 Σ_h B_gh + B_gg. So the row blocks of the Gram matrices are visited once,
/// whatever the number of groups, and no Gram matrix is ever held as a whole.
///
/// - Complexity: for P representations of n samples with D ≤ P n columns in all, O(n² (D + P²)),
///   about what one comparison of all pairs costs; the replicates add O(P² n C) each for C classes.
struct LeaveOutProducts: Sendable {
  /// Samples × columns, one a representation; any centring of the columns.
  let factors: [Matrix]
  /// For each sample the group it belongs to.
  let groups: [Int]
  /// Σ_{i≠j} K_ij L_ij: first over all samples, then without each group.
  private let sums: [Matrix]

  /// Numbers that a thread holds at a time: 32 MB.
  private static let blockElements = 1 << 22

  /// - Parameter groupCount: At least 1; with one group there are no replicates.
  init(factors: [Matrix], groups: [Int], groupCount: Int, threads: Int) throws {
    self.factors = factors
    self.groups = groups
    let count = factors.count
    let blocks = try Parallel.map(count: groupCount, threads: threads) { group in
      Self.blockSums(factors, rows: groups.indices.filter { groups[$0] == group })
    }
    var total = Matrix(rows: count, columns: count)
    for block in blocks { total = total.adding(block.all, times: 1) }
    let all = total
    sums =
      [all]
      + (groupCount > 1
        ? blocks.map { all.adding($0.all, times: -2).adding($0.inside, times: 1) } : [])
  }

  /// Σ_{i≠j} K_ij L_ij over the samples that are left.
  func offDiagonalSums(leavingOut group: Int?) -> Matrix { sums[group.map { $0 + 1 } ?? 0] }

  /// How many times ``products(classes:leavingOut:)`` can leave a group out.
  var replicateCount: Int { sums.count - 1 }

  /// Σ_h B_gh and B_gg for the group g of the samples `rows`.
  private static func blockSums(_ factors: [Matrix], rows: [Int]) -> (all: Matrix, inside: Matrix) {
    let samples = factors.first?.rows ?? 0
    let count = factors.count
    var all = Matrix(rows: count, columns: count)
    var inside = all
    let step = max(1, blockElements / max(1, count * samples))
    for start in stride(from: 0, to: rows.count, by: step) {
      let chunk = Array(rows[start..<min(start + step, rows.count)])
      var elements: [Double] = []
      elements.reserveCapacity(count * chunk.count * samples)
      var insideElements: [Double] = []
      for factor in factors {
        var gram = factor.selectingRows(chunk).timesTransposed(factor)
        for (place, row) in chunk.enumerated() { gram[place, row] = 0 }
        insideElements += gram.selectingColumns(rows).elements
        elements += gram.elements
      }
      all = all.adding(
        Matrix(rows: count, columns: chunk.count * samples, elements: elements).sampleGram(),
        times: 1)
      inside = inside.adding(
        Matrix(rows: count, columns: chunk.count * rows.count, elements: insideElements)
          .sampleGram(), times: 1)
    }
    return (all, inside)
  }

  /// The inner products of all pairs of Gram matrices after their projection.
  struct Products: Sendable {
    /// ⟨A, B⟩ with A and B centred within classes; with one class D(X, Y) of debiased CKA.
    var centered: Matrix
    /// The mean of the U-centred ⟨A, B⟩ when the samples of one side are exchanged within classes,
    /// over all such exchanges.
    var exchanged: Matrix
  }

  /// The products of the Gram matrices centred within classes.
  ///
  /// Each block of K that pairs class c with another class c′ is double-centred, and each block of
  /// a class with itself is U-centred off the diagonal. That is an orthogonal projection; it leaves
  /// what the Gram matrix of the deviations from the class means has, and is 0 on average for
  /// deviations that are unrelated. With one class it is the U-centring of Székely & Rizzo (Annals
  /// of Statistics 2014). With nc the size of class c, r the sums of the rows of K over a class and
  /// S those of a block,
  ///
  ///     ⟨A, B⟩ = Σ_{i≠j} K_ij L_ij − Σ_i Σ_c w_ic r_ic s_ic + Σ_cc′ v_cc′ S_cc′ T_cc′,
  ///     w = 2/nc (other class), 2/(nc − 2) (own);  v = 1/(nc nc′), 1/((nc − 1)(nc − 2)).
  ///
  /// - Parameters:
  ///   - classes: For each sample its class, from 0.
  ///   - leftOut: The group that is left out, or `nil`.
  func products(classes: [Int], classCount: Int, leavingOut leftOut: Int?) -> Products {
    let kept = groups.indices.filter { groups[$0] != leftOut }
    var sizes = [Double](repeating: 0, count: classCount)
    for sample in kept { sizes[classes[sample]] += 1 }
    let memberships = Matrix(rows: groups.count, columns: classCount) { sample, name in
      groups[sample] != leftOut && classes[sample] == name ? 1 : 0
    }
    let classSums = factors.map { $0.transposeTimes(memberships) }
    let count = factors.count
    var centered = offDiagonalSums(leavingOut: leftOut)
    var blocks = Matrix(rows: count, columns: classCount * classCount)
    let step = max(1, Self.blockElements / max(1, count * classCount))
    for start in stride(from: 0, to: kept.count, by: step) {
      let chunk = Array(kept[start..<min(start + step, kept.count)])
      var elements: [Double] = []
      elements.reserveCapacity(count * chunk.count * classCount)
      for (place, factor) in factors.enumerated() {
        let rows = factor.selectingRows(chunk)
        var rowSums = rows.times(classSums[place])
        let norms = rows.squaredRowNorms()
        for (row, sample) in chunk.enumerated() {
          let own = classes[sample]
          rowSums[row, own] -= norms[row]
          for other in 0..<classCount {
            let sum = rowSums[row, other]
            blocks[place, own * classCount + other] += sum
            elements.append(sum * Self.rowWeight(sizes[other], isOwn: own == other).squareRoot())
          }
        }
      }
      centered = centered.adding(
        Matrix(rows: count, columns: chunk.count * classCount, elements: elements).sampleGram(),
        times: -1)
    }
    let weighted = Matrix(rows: count, columns: classCount * classCount) { place, block in
      let (own, other) = block.quotientAndRemainder(dividingBy: classCount)
      return blocks[place, block]
        * Self.blockWeight(sizes[own], sizes[other], isOwn: own == other).squareRoot()
    }
    return Products(
      centered: centered.adding(weighted.sampleGram(), times: 1),
      exchanged: Self.exchanged(blocks, sizes))
  }

  private static func rowWeight(_ size: Double, isOwn: Bool) -> Double {
    guard isOwn else { return size > 0 ? 2 / size : 0 }
    // Of two samples nothing is left after centring: the weight that takes their product away.
    return size >= 3 ? 2 / (size - 2) : size == 2 ? 1 : 0
  }

  private static func blockWeight(_ a: Double, _ b: Double, isOwn: Bool) -> Double {
    guard isOwn else { return a > 0 && b > 0 ? 1 / (a * b) : 0 }
    return a >= 3 ? 1 / ((a - 1) * (a - 2)) : 0
  }

  /// ⟨PA, PB⟩ with P the mean over each block of classes of the U-centred matrix, off the diagonal:
  /// the exact mean over all exchanges within classes.
  ///
  /// - Parameter blocks: Representations × (classes · classes), the sums of K.
  private static func exchanged(_ blocks: Matrix, _ sizes: [Double]) -> Matrix {
    let classes = sizes.count
    let samples = sizes.reduce(0, +)
    var elements: [Double] = []
    for place in 0..<blocks.rows {
      let sums = (0..<classes).map { own in
        (0..<classes).reduce(0) { $0 + blocks[place, own * classes + $1] }
      }
      let total = sums.reduce(0, +)
      // The sums over a class of the mᵢ that U-centring takes from row and column i.
      let offsets = (0..<classes).map { name in
        sums[name] / (samples - 2)
          - sizes[name] * total / (2 * (samples - 1) * (samples - 2))
      }
      for own in 0..<classes {
        for other in 0..<classes {
          let sum = blocks[place, own * classes + other]
          let (a, b) = (sizes[own], sizes[other])
          let isOwn = own == other
          let count = isOwn ? a * (a - 1) : a * b
          let taken =
            isOwn ? 2 * (a - 1) * offsets[own] : b * offsets[own] + a * offsets[other]
          elements.append(count > 0 ? (sum - taken) / count.squareRoot() : 0)
        }
      }
    }
    return Matrix(rows: blocks.rows, columns: classes * classes, elements: elements).sampleGram()
  }
}

extension Matrix {
  /// This matrix plus `factor` times another of the same shape.
  fileprivate func adding(_ other: Matrix, times factor: Double) -> Matrix {
    precondition(rows == other.rows && columns == other.columns)
    return Matrix(
      rows: rows, columns: columns,
      elements: zip(elements, other.elements).map { $0 + factor * $1 })
  }
}
