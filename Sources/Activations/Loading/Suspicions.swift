import LinearAlgebra

/// What a reader of the results should know about data that are sound by themselves.
extension Loading {
  /// Notes rows at the end that are zero in every layer of a file: dumps of fixed capacity are padded
  /// that way, and the padding would be compared as if it were samples.
  mutating func notePaddedRows() {
    for (source, layers) in liveSources() {
      let padded =
        layers.map { layer -> Int in
          guard let matrix = matrices[layer] else { return 0 }
          return (0..<matrix.rows).reversed().prefix { row in
            (0..<matrix.columns).allSatisfy { matrix[row, $0] == 0 }
          }.count
        }.min() ?? 0
      guard padded > 1 else { continue }
      notes.add(
        "Rows at the end that are zero in every layer (padding? Write only the rows that count)",
        "\(survey.rowSources[source].label): the last \(padded)")
    }
  }

  /// Notes layers of different models, or of one, whose numbers are all the same.
  mutating func noteDuplicateLayers() {
    var alike: [[UInt64]: [Int]] = [:]
    for layer in matrices.indices {
      guard let matrix = matrices[layer] else { continue }
      alike[Self.sketch(of: matrix), default: []].append(layer)
    }
    for members in alike.values.filter({ $0.count > 1 }).sorted(by: { $0[0] < $1[0] }) {
      var classes: [[Int]] = []
      for layer in members {
        let place = classes.firstIndex { matrices[$0[0]] == matrices[layer] }
        if let place { classes[place].append(layer) } else { classes.append([layer]) }
      }
      for same in classes where same.count > 1 && !isConstant(same[0]) {
        let models = Set(same.map { survey.layers[$0].model })
        notes.add(
          models.count > 1
            ? "Layers of different models with the same numbers (one dump under several names?)"
            : "Layers of one model with the same numbers, each of which counts",
          NoteBook.abridged(same.map { name(of: $0) }, separator: " = "))
      }
    }
  }

  private func isConstant(_ layer: Int) -> Bool {
    guard let matrix = matrices[layer] else { return true }
    return (0..<matrix.columns).allSatisfy { column in
      (0..<matrix.rows).allSatisfy { matrix[$0, column] == matrix[0, column] }
    }
  }

  /// The shape and up to 1,024 evenly spread elements.
  private static func sketch(of matrix: Matrix) -> [UInt64] {
    let count = matrix.rows * matrix.columns
    let step = max(1, count / 1024)
    return [UInt64(matrix.rows), UInt64(matrix.columns)]
      + stride(from: 0, to: count, by: step).map { place in
        (matrix[place / matrix.columns, place % matrix.columns] + 0).bitPattern
      }
  }
}
