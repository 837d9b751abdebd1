import LinearAlgebra
import Testing

@Suite struct StoredMatrixTests {
  private func gaussian(_ rows: Int, _ columns: Int, offset: Double = 0) -> Matrix {
    var generator = SeededGenerator(seed: 3)
    let matrix = generator.gaussianMatrix(rows: rows, columns: columns)
    return Matrix(rows: rows, columns: columns, elements: matrix.elements.map { $0 + offset })
  }

  /// The definition, column by column.
  private func standardized(_ matrix: Matrix) -> Matrix {
    let means = (0..<matrix.columns).map { column in
      (0..<matrix.rows).reduce(0) { $0 + matrix[$1, column] } / Double(matrix.rows)
    }
    let centered = Matrix(rows: matrix.rows, columns: matrix.columns) {
      matrix[$0, $1] - means[$1]
    }
    return centered.scaled(by: 1 / centered.squaredFrobeniusNorm().squareRoot())
  }

  private func distance(_ x: Matrix, _ y: Matrix) -> Double {
    zip(x.elements, y.elements).reduce(0) { max($0, abs($1.0 - $1.1)) }
  }

  @Test(arguments: [(1000, 7), (5, 300), (300, 1)])
  func standardizingFollowsTheDefinition(_ rows: Int, _ columns: Int) throws {
    let matrix = gaussian(rows, columns, offset: 2)
    let standard = try StandardizedMatrix(StoredMatrix(matrix))
    #expect(distance(try standard.matrix(), standardized(matrix)) <= 1e-15)
    #expect(abs(standard.squaredRowNorms.reduce(0, +) - 1) <= 1e-14)
    for (a, b) in zip(standard.squaredRowNorms, standardized(matrix).squaredRowNorms()) {
      #expect(abs(a - b) <= 1e-15)
    }
  }

  @Test func singlePrecisionIsItsOwnUpcast() throws {
    let single = StoredMatrix(rounding: gaussian(500, 20))
    let upcast = StoredMatrix(try single.matrix())
    #expect(single.isSingle && !upcast.isSingle)
    #expect(
      try StandardizedMatrix(single).matrix() == StandardizedMatrix(upcast).matrix())
  }

  /// An offset of 10⁶ costs the digits that the stored numbers lost, and no more.
  @Test func aLargeOffsetCostsNoDigits() throws {
    let shifted = gaussian(400, 6, offset: 1e6)
    let unshifted = Matrix(
      rows: 400, columns: 6, elements: shifted.elements.map { $0 - 1e6 })
    let a = try StandardizedMatrix(StoredMatrix(shifted)).matrix()
    let b = try StandardizedMatrix(StoredMatrix(unshifted)).matrix()
    #expect(distance(a, b) <= 1e-15)
  }

  @Test(arguments: [1e-300, 1e-160, 1e160, 1e300])
  func extremeScalesChangeNothing(_ scale: Double) throws {
    let matrix = gaussian(100, 5)
    let a = try StandardizedMatrix(StoredMatrix(matrix))
    let b = try StandardizedMatrix(StoredMatrix(matrix.scaled(by: scale)))
    #expect(distance(try a.matrix(), try b.matrix()) <= 1e-15)
    #expect(abs(b.centeredNorm / scale - a.centeredNorm) <= 1e-12 * a.centeredNorm)
  }

  @Test(arguments: [Float(1e-25), 1e25])
  func extremeScalesOfSinglePrecisionChangeNothing(_ scale: Float) throws {
    let matrix = gaussian(100, 5)
    let scaled = StoredMatrix(
      rows: 100, columns: 5, elements: matrix.elements.map { Float($0) * scale })
    let a = try StandardizedMatrix(StoredMatrix(rounding: matrix)).matrix()
    #expect(distance(a, try StandardizedMatrix(scaled).matrix()) <= 1e-7)
  }

  /// Beside a constant that dwarfs it, the spread still counts.
  @Test(arguments: [(1, 1e-170), (1e300, 1), (1, 1e-250)])
  func aConstantColumnHidesNoSpread(_ constant: Double, _ spread: Double) throws {
    let matrix = gaussian(60, 3)
    let beside = Matrix(rows: 60, columns: 4) { row, column in
      column == 3 ? constant : matrix[row, column] * spread
    }
    let alone = try StandardizedMatrix(StoredMatrix(matrix)).matrix()
    let found = try StandardizedMatrix(StoredMatrix(beside)).matrix()
    for row in 0..<60 {
      for column in 0..<3 { #expect(abs(found[row, column] - alone[row, column]) <= 1e-13) }
      #expect(found[row, 3] == 0)
    }
  }

  @Test func constantColumnsBecomeZeroAndAreCounted() throws {
    var matrix = gaussian(300, 4)
    for row in 0..<300 {
      matrix[row, 1] = 0.1
      matrix[row, 3] = 0
    }
    let standard = try StandardizedMatrix(StoredMatrix(matrix))
    #expect(standard.constantColumns == 2)
    let values = try standard.matrix()
    #expect((0..<300).allSatisfy { values[$0, 1] == 0 && values[$0, 3] == 0 })
  }

  @Test func whatCannotBeStandardizedIsSaid() {
    let constant = Matrix(rows: 50, columns: 3) { _, column in 0.1 * Double(column) }
    #expect(throws: StandardizationError.constant) {
      try StandardizedMatrix(StoredMatrix(constant))
    }
    var infinite = gaussian(50, 3)
    infinite[7, 2] = .infinity
    #expect(throws: StandardizationError.notFinite(row: 7, column: 2)) {
      try StandardizedMatrix(StoredMatrix(infinite))
    }
    #expect(throws: StandardizationError.notFinite(row: 7, column: 2)) {
      try StandardizedMatrix(StoredMatrix(rounding: infinite))
    }
  }

  @Test func gramMatricesComeBlockByBlock() throws {
    let standard = try StandardizedMatrix(StoredMatrix(rounding: gaussian(600, 300)))
    let whole = try standard.matrix()
    #expect(distance(try standard.featureGram(), whole.featureGram()) <= 1e-15)
    #expect(distance(try standard.sampleGram(), whole.sampleGram()) <= 1e-15)
    let other = gaussian(9, 300)
    #expect(
      distance(try standard.timesTransposed(other), whole.times(other.transposed())) <= 1e-14)
  }

  /// Rows in a temporary file, in another order, give what they give in memory.
  @Test(arguments: [true, false])
  func rowsInAFileEqualRowsInMemory(_ isSingle: Bool) throws {
    let matrix = gaussian(700, 30)
    let inMemory = isSingle ? StoredMatrix(rounding: matrix) : StoredMatrix(matrix)
    let file = try SpillFile()
    _ = try StoredMatrix(gaussian(3, 3)).spilled(to: file)
    let spilled = try inMemory.spilled(to: file)
    #expect(spilled.isInFile && spilled.isSingle == isSingle)
    let order = (0..<650).map { ($0 * 13) % 700 }
    for (a, b) in [
      (inMemory, spilled), (inMemory.selectingRows(order), spilled.selectingRows(order)),
    ] {
      #expect(try a.matrix() == b.matrix())
      #expect(try StandardizedMatrix(a).matrix() == StandardizedMatrix(b).matrix())
      #expect(try a.selectingColumns([3, 1]).matrix() == b.selectingColumns([3, 1]).matrix())
    }
  }

  @Test func aFolderThatIsNotThereIsNamed() {
    #expect {
      try SpillFile(in: "/no/such/folder")
    } throws: { error in
      "\(error)".contains("/no/such/folder")
    }
  }

  @Test func whatIsNotFiniteIsFound() throws {
    var matrix = gaussian(600, 5)
    matrix[400, 2] = .nan
    matrix[401, 4] = -.infinity
    for row in 0..<600 { matrix[row, 0] = -0.0 }
    matrix[0, 0] = 0
    let scan = try ColumnScan(StoredMatrix(matrix))
    #expect(scan.notFinite == [2, 4])
    #expect(scan.constantCount == 1)
    var seen: [[Int]] = []
    try StoredMatrix(matrix).forEachNotFinite(in: scan.notFinite) { row, column, isNaN in
      seen.append([row, column, isNaN ? 1 : 0])
    }
    #expect(seen == [[400, 2, 1], [401, 4, 0]])
  }

  /// Pieces side by side, in memory and in a file, more rows than a block.
  @Test func productsOfPiecesAreThoseOfTheWhole() throws {
    let whole = gaussian(10_000, 6)
    let file = try SpillFile()
    let pieces = [
      StoredMatrix(whole.selectingColumns([0, 1])),
      try StoredMatrix(whole.selectingColumns([2])).spilled(to: file),
      StoredMatrix(whole.selectingColumns([3, 4, 5])),
    ]
    let exact = whole.featureGram()
    var triangle = try crossProduct(of: pieces, with: nil)
    triangle.mirrorUpperTriangle()
    #expect(distance(triangle, exact) <= 1e-13 * 10_000)
    #expect(distance(try crossProduct(of: pieces, with: pieces), exact) <= 1e-13 * 10_000)
    let single = try crossProduct(of: pieces, with: pieces, precision: .single)
    #expect(distance(single, exact) <= 3e-6 * 10_000)
    #expect(distance(single, exact) > 0)
  }

  @Test func innerProductsOfManyVectors() throws {
    let vectors: [StoredMatrix?] = (0..<5).map { index in
      index == 3 ? nil : StoredMatrix(gaussian(40_000, 1).scaled(by: Double(index + 1)))
    }
    let products = try innerProducts(of: vectors, threads: 3)
    #expect(try innerProducts(of: vectors, threads: 1) == products)
    for (i, x) in vectors.enumerated() {
      for (j, y) in vectors.enumerated() {
        guard let x = try x?.matrix(), let y = try y?.matrix() else {
          #expect(products[i, j] == 0)
          continue
        }
        let expected = dot(x.elements, y.elements)
        #expect(abs(products[i, j] - expected) <= 1e-13 * abs(expected))
      }
    }
  }

  @Test func leadingEigenvectorsAreThoseOfTheWholeDecomposition() throws {
    let gram = gaussian(40, 25).featureGram()
    let whole = try SymmetricEigen(gram)
    let leading = try SymmetricEigen(leadingOf: gram) { $0.count / 3 }
    #expect(leading.values == whole.values)
    // Equal runs give equal bits, wherever their memory lies.
    for count in 1...20 {
      let offset = [Double](repeating: 0, count: count)
      #expect(try SymmetricEigen(gram).values == whole.values, "\(offset.count)")
    }
    #expect(leading.vectors.rows == 8)
    for row in 0..<8 {
      let overlap = dot(Array(leading.vectors.row(row)), Array(whole.vectors.row(row)))
      #expect(abs(abs(overlap) - 1) <= 1e-13)
    }
    #expect(try SymmetricEigen(leadingOf: gram) { _ in 0 }.vectors.rows == 0)
  }
}
