import HDF5

extension ViewEvaluation {
  /// Rows of a sparse matrix, zeros included. Values of the same place are added, as SciPy does.
  func dense(_ matrix: SparseMatrix, rows: Range<Int>) throws -> Numbers {
    let columns = matrix.columns
    var result = [Double](repeating: 0, count: rows.count * columns)
    let majors = matrix.isByColumn ? 0..<columns : rows
    let entries = matrix.starts[majors.lowerBound]..<matrix.starts[majors.upperBound]
    let values = try reader.numbers(of: matrix.values, rows: entries).doubles
    let indices = try reader.numbers(of: matrix.indices, rows: entries).doubles
    for major in majors {
      for entry in matrix.starts[major]..<matrix.starts[major + 1] {
        let place = entry - entries.lowerBound
        let minor = try index(indices[place], below: matrix.isByColumn ? matrix.rows : columns)
        if !matrix.isByColumn {
          result[(major - rows.lowerBound) * columns + minor] += values[place]
        } else if rows.contains(minor) {
          result[(minor - rows.lowerBound) * columns + major] += values[place]
        }
      }
    }
    return .double(result)
  }

  /// Samples given by their values and feature numbers.
  func dense(_ samples: [SparseSample], rows: Range<Int>) throws -> Numbers {
    let columns = view.shape[1]
    var result = [Double](repeating: 0, count: rows.count * columns)
    for row in rows {
      let values = try reader.numbers(of: samples[row].values).doubles
      let indices = try reader.numbers(of: samples[row].indices).doubles
      var seen: Set<Int> = []
      for (value, number) in zip(values, indices) {
        let column = try index(number, below: columns)
        guard seen.insert(column).inserted else {
          throw failure("sample \(row) names feature \(column) twice")
        }
        result[(row - rows.lowerBound) * columns + column] = value
      }
    }
    return .double(result)
  }

  private func index(_ number: Double, below count: Int) throws -> Int {
    guard let index = Int(exactly: number), (0..<count).contains(index) else {
      throw failure("the index \(number) does not lie in 0..<\(count)")
    }
    return index
  }
}
