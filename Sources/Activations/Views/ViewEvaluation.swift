import HDF5

/// The numbers of one view.
struct ViewEvaluation {
  let reader: ViewReader
  let file: String
  let dataset: String
  let view: DatasetView

  /// The numbers of a range along axis 0, in C order.
  func numbers(_ range: Range<Int>) throws -> Numbers {
    let rowSize = view.shape.dropFirst().reduce(1, *)
    switch view.recipe {
    case .words: throw failure("holds text, not numbers")
    case .numbers(let values):
      guard range.upperBound <= values.count else { throw failure("it has no rows \(range)") }
      return .double(Array(values[range]))
    case .same(let source):
      if source.shape == view.shape { return try reader.numbers(of: source, rows: range) }
      let all = try reader.numbers(of: source)
      guard all.count == (view.shape.first ?? 1) * rowSize else {
        throw failure("\(all.count) numbers do not fill its shape")
      }
      return all.part(range.lowerBound * rowSize..<range.upperBound * rowSize)
    case .decoded(let source, let format):
      let bits = try reader.numbers(of: source, rows: range).doubles
      return .single(
        try bits.map { number in
          guard let pattern = UInt16(exactly: number) else { throw failure("no bit patterns") }
          return format.value(bitPattern: pattern)
        })
    case .scaled(let source, let scaling):
      return .double(
        scaled(
          try reader.numbers(of: source, rows: range).doubles, scaling, shape: source.shape,
          firstRow: range.lowerBound))
    case .pieces(let sources): return try pieces(sources, range)
    case .rows(let source, let rows): return try picked(Array(rows[range]), of: source)
    case .columns(let source, let columns):
      return try picked(columns: columns, of: source, rows: range)
    case .sideBySide(let sources, let order):
      return try sideBySide(sources, order: order, rows: range)
    case .samples(let sources):
      var result = NumberCollection()
      for sample in range { result.append(try reader.numbers(of: sources[sample])) }
      return result.numbers
    case .reducedSamples(let sources, let masks, let reduction):
      return try reduced(sources, masks: masks, reduction, range)
    case .segments(let source, let ranges, let pooling):
      return try segments(source, Array(ranges[range]), pooling)
    case .masked(let source, let mask, let axes):
      return try masked(source, mask: mask, axes, rows: range)
    case .sparse(let matrix): return try dense(matrix, rows: range)
    case .sparseSamples(let samples): return try dense(samples, rows: range)
    case .variableLength(let source, let reduction):
      return try variableLength(source, reduction, rows: range)
    }
  }

  func failure(_ reason: String) -> FileFailure {
    FileFailure(file: file, object: dataset, reason: reason)
  }

  private func pieces(_ sources: [DatasetView.Source], _ range: Range<Int>) throws -> Numbers {
    var result = NumberCollection()
    var start = 0
    for source in sources {
      let rows = source.shape.first ?? 0
      let wanted = range.clamped(to: start..<start + rows)
      if !wanted.isEmpty {
        let own = wanted.lowerBound - start..<wanted.upperBound - start
        result.append(try reader.numbers(of: source, rows: own.count == rows ? nil : own))
      }
      start += rows
    }
    return result.numbers
  }

  private func picked(_ rows: [Int], of source: DatasetView.Source) throws -> Numbers {
    guard let first = rows.min(), let last = rows.max() else { return .single([]) }
    guard first >= 0, last < source.shape.first ?? 0 else {
      throw failure("row \(last) is missing")
    }
    let block = try reader.numbers(of: source, rows: first..<last + 1)
    let size = source.rowSize
    if rows == Array(first...last) { return block }
    return block.picked(
      rows.flatMap { row in (row - first) * size..<(row - first + 1) * size })
  }

  private func picked(
    columns: [Int], of source: DatasetView.Source, rows: Range<Int>
  ) throws -> Numbers {
    let all = try reader.numbers(of: source, rows: rows)
    guard source.shape.count >= 2, columns.allSatisfy({ (0..<source.shape[1]).contains($0) })
    else { throw failure("its columns are missing") }
    let inner = source.shape.dropFirst(2).reduce(1, *)
    return all.picked(
      (0..<rows.count).flatMap { row in
        columns.flatMap { column in
          let start = (row * source.shape[1] + column) * inner
          return start..<start + inner
        }
      })
  }

  private func sideBySide(
    _ sources: [DatasetView.Source], order: [Int], rows: Range<Int>
  ) throws -> Numbers {
    let blocks = try sources.map { try reader.numbers(of: $0, rows: rows) }
    var all = NumberCollection()
    for block in blocks { all.append(block) }
    // For each column of the blocks laid end to end: where its block begins, its place in it.
    var places: [(start: Int, column: Int, width: Int)] = []
    var start = 0
    for source in sources {
      for column in 0..<source.rowSize { places.append((start, column, source.rowSize)) }
      start += source.rowSize * rows.count
    }
    guard order.allSatisfy(places.indices.contains) else { throw failure("a column is missing") }
    return all.numbers.picked(
      (0..<rows.count).flatMap { row in
        order.map { places[$0].start + row * places[$0].width + places[$0].column }
      })
  }

  private func scaled(
    _ stored: [Double], _ scaling: Scaling, shape: [Int], firstRow: Int
  ) -> [Double] {
    let inner = shape.dropFirst(scaling.axis + 1).reduce(1, *)
    let length = shape.isEmpty ? 1 : shape[scaling.axis]
    let offset = scaling.axis == 0 ? firstRow : 0
    func parameter(_ list: [Double], _ place: Int) -> Double {
      list.count == 1 ? list[0] : list[place]
    }
    return stored.enumerated().map { index, value in
      if value == scaling.fill { return .nan }
      let place = (index / inner + offset) % length
      return (value - parameter(scaling.zero, place)) * parameter(scaling.scale, place)
        + parameter(scaling.offset, place)
    }
  }
}
