import HDF5

extension ViewEvaluation {
  /// Reduces the positions of an array; every other axis stays, in its order.
  ///
  /// The mean is the sum in C order, in double precision, divided by the number of positions. Where
  /// there is no position at all the result is NaN.
  ///
  /// - Parameter isValid: Whether the position at an index counts.
  static func reduced(
    _ values: ArraySlice<Double>, shape: [Int], letters: [Character], pooling: Pooling,
    isValid: ([Int]) -> Bool
  ) -> [Double] {
    var strides = Array(repeating: 0, count: shape.count)
    var size = 1
    for axis in shape.indices.reversed() where !Dims.isPosition(letters[axis]) {
      strides[axis] = size
      size *= shape[axis]
    }
    var result = [Double](repeating: 0, count: size)
    var counts = [Int](repeating: 0, count: size)
    guard !values.isEmpty else { return result.map { _ in .nan } }
    // Elements along the last axis share a position, unless that axis is one of positions.
    let hasRuns = letters.last.map { !Dims.isPosition($0) } ?? false
    let run = hasRuns ? shape[shape.count - 1] : 1
    var index = Array(repeating: 0, count: shape.count)
    for start in stride(from: values.startIndex, to: values.endIndex, by: run) {
      if isValid(index) {
        let place = zip(index, strides).reduce(0) { $0 + $1.0 * $1.1 }
        for offset in 0..<run {
          let value = values[start + offset]
          let target = place + offset
          switch pooling {
          case .max where counts[target] > 0:
            if value > result[target] || value.isNaN { result[target] = value }
          case .first where counts[target] > 0: break
          case .last, .max, .first: result[target] = value
          case .mean, .flatten, .positions: result[target] += value
          }
          counts[target] += 1
        }
      }
      var axis = shape.count - (hasRuns ? 2 : 1)
      while axis >= 0 {
        index[axis] += 1
        if index[axis] < shape[axis] { break }
        index[axis] = 0
        axis -= 1
      }
    }
    for place in result.indices {
      if counts[place] == 0 {
        result[place] = .nan
      } else if pooling == .mean {
        result[place] /= Double(counts[place])
      }
    }
    return result
  }

  func reduced(
    _ sources: [DatasetView.Source], masks: [DatasetView.Source]?, _ reduction: SampleReduction,
    _ range: Range<Int>
  ) throws -> Numbers {
    var result: [Double] = []
    for sample in range {
      let values = try reader.numbers(of: sources[sample]).doubles
      let mask = try masks.map { try reader.numbers(of: $0[sample]).doubles }
      result += Self.reduced(
        values[...], shape: sources[sample].shape, letters: reduction.letters,
        pooling: reduction.pooling
      ) { index in
        guard let mask, let axis = reduction.maskedAxis, index[axis] < mask.count else {
          return true
        }
        return mask[index[axis]] != 0
      }
    }
    return .double(result)
  }

  /// How many numbers are read at once.
  private static let blockNumbers = 8 << 20

  func segments(
    _ source: DatasetView.Source, _ ranges: [Range<Int>], _ pooling: Pooling
  ) throws -> Numbers {
    var result: [Double] = []
    let letters: [Character] = ["t"] + Array(repeating: "d", count: source.shape.count - 1)
    var next = 0
    while next < ranges.count {
      // As many samples at once as lie close together.
      var span = ranges[next]
      var end = next + 1
      while end < ranges.count {
        let wider =
          min(
            span.lowerBound, ranges[end].lowerBound)..<max(
            span.upperBound, ranges[end].upperBound)
        if wider.count * source.rowSize > Self.blockNumbers { break }
        span = wider
        end += 1
      }
      let block = span.isEmpty ? [] : try reader.numbers(of: source, rows: span).doubles
      for range in ranges[next..<end] {
        let from = (range.lowerBound - span.lowerBound) * source.rowSize
        let part = block[from..<from + range.count * source.rowSize]
        result += Self.reduced(
          part, shape: [range.count] + source.shape.dropFirst(), letters: letters,
          pooling: pooling
        ) { _ in true }
      }
      next = end
    }
    return .double(result)
  }

  func masked(
    _ source: DatasetView.Source, mask: DatasetView.Source, _ axes: MaskedAxes, rows: Range<Int>
  ) throws -> Numbers {
    let values = try reader.numbers(of: source, rows: rows).doubles
    guard let samples = axes.letters.firstIndex(of: "n") else { throw failure("no samples") }
    let flags = try reader.numbers(of: mask, rows: samples == 0 ? rows : nil).doubles
    let width = mask.shape[1]
    var letters = axes.letters
    // Axes other than positions stay, whatever they mean.
    for axis in letters.indices where !Dims.isPosition(letters[axis]) { letters[axis] = "d" }
    return .double(
      Self.reduced(
        values[...], shape: [rows.count] + source.shape.dropFirst(), letters: letters,
        pooling: axes.pooling
      ) { index in flags[index[samples] * width + index[axes.positions]] != 0 })
  }

  func variableLength(
    _ source: DatasetView.Source, _ reduction: SampleReduction, rows: Range<Int>
  ) throws -> Numbers {
    let stored =
      source.isStored
      ? try reader.base.numbers(in: source.dataset, of: source.file, rows: rows)
      : try reader.numbers(in: source.dataset, of: source.file, rows: rows)
    let lists = try VariableRows(stored, count: rows.count, file: file, dataset: dataset)
    let fixed = reduction.lengths.filter { $0 > 0 }.reduce(1, *)
    var result: [Double] = []
    for (row, list) in zip(rows, lists.ranges) {
      guard list.count % fixed == 0 else {
        throw failure("row \(row) has \(list.count) entries, which \(fixed) does not divide")
      }
      let shape = reduction.lengths.map { $0 > 0 ? $0 : list.count / fixed }
      guard shape.reduce(1, *) == list.count else {
        throw failure("row \(row) has \(list.count) entries instead of \(shape.reduce(1, *))")
      }
      result += Self.reduced(
        stored[list], shape: shape, letters: reduction.letters, pooling: reduction.pooling
      ) { _ in true }
    }
    return .double(result)
  }
}

/// Where the rows lie in what a reader delivers of a dataset of rows of varying length.
struct VariableRows {
  let ranges: [Range<Int>]

  init(_ stored: [Double], count: Int, file: String, dataset: String) throws {
    var ranges: [Range<Int>] = []
    var place = 0
    while place < stored.count {
      guard let length = Int(exactly: stored[place]), length >= 0,
        length < stored.count - place
      else { break }
      ranges.append(place + 1..<place + 1 + length)
      place += 1 + length
    }
    guard ranges.count == count, place == stored.count else {
      throw FileFailure(file: file, object: dataset, reason: "its rows do not fit their lengths")
    }
    self.ranges = ranges
  }
}
