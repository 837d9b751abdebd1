import LinearAlgebra

/// What a reader of the results should know about data that are sound by themselves.
extension Loading {
  /// Notes rows at the end that are zero in every layer of a file: dumps of fixed capacity are padded
  /// that way, and the padding would be compared as if it were samples.
  mutating func notePaddedRows() {
    for (source, layers) in liveSources() {
      let padded =
        layers.map { layer -> Int in
          (try? matrices[layer]?.zeroRowsAtEnd()) ?? 0
        }.min() ?? 0
      guard padded > 1 else { continue }
      notes.add(
        "Rows at the end that are zero in every layer (padding? Write only the rows that count)",
        "\(survey.rowSources[source].label): the last \(padded)")
    }
  }

  /// Notes layers of different models, or of one, whose numbers are all the same.
  ///
  /// - Throws: `SpillError` when values are in a file that cannot be read.
  mutating func noteDuplicateLayers() throws {
    var alike: [[UInt64]: [Int]] = [:]
    for layer in matrices.indices {
      guard let matrix = matrices[layer] else { continue }
      alike[try Self.sketch(of: matrix), default: []].append(layer)
    }
    for members in alike.values.filter({ $0.count > 1 }).sorted(by: { $0[0] < $1[0] }) {
      var classes: [[Int]] = []
      for layer in members {
        let place = try classes.firstIndex { try isSame($0[0], layer) }
        if let place { classes[place].append(layer) } else { classes.append([layer]) }
      }
      for same in classes where same.count > 1 {
        guard try !isConstant(same[0]) else { continue }
        let models = Set(same.map { survey.layers[$0].model })
        notes.add(
          models.count > 1
            ? "Layers of different models with the same numbers (one dump under several names?)"
            : "Layers of one model with the same numbers, each of which counts",
          NoteBook.abridged(same.map { name(of: $0) }, separator: " = "))
      }
    }
  }

  private func isSame(_ a: Int, _ b: Int) throws -> Bool {
    guard let x = matrices[a], let y = matrices[b] else { return false }
    return try x.hasSameNumbers(as: y)
  }

  private func isConstant(_ layer: Int) throws -> Bool {
    guard let matrix = matrices[layer] else { return true }
    return try ColumnScan(matrix).constantCount == matrix.columns
  }

  /// The shape and up to 1,024 evenly spread elements; 0.0 and −0.0 are one number.
  private static func sketch(of matrix: StoredMatrix) throws -> [UInt64] {
    [UInt64(matrix.rows), UInt64(matrix.columns)]
      + (try matrix.spreadElements(atMost: 1024)).map { ($0 + 0).bitPattern }
  }
}
