import HDF5
import LinearAlgebra

/// Reduces a dataset of any number of axes to samples × features, row block by row block.
///
/// Every element goes to one place of the result, and that place is a sum over axes (index × stride):
/// positions have stride 0 where they are reduced. The elements are visited in C order, so a mean
/// is the sum in C order, in double precision, divided by the number of positions.
struct PooledReading {
  let file: String
  let dataset: String
  let shape: [Int]
  let dims: Dims
  let pooling: Pooling
  /// The number of rows of the first axis in a chunk of the file; blocks are multiples of it.
  var rowsPerChunk = 1

  /// How many bytes of a dataset are in memory at a time, besides the result.
  static let blockBytes = 64 << 20
  /// The same on the way to a temporary file, where memory is short.
  static let spillBytes = 8 << 20

  var samples: Int { dims.sampleAxis.map { shape[$0] } ?? 1 }
  var features: Int {
    dims.features(of: shape) * (pooling == .flatten ? dims.positions(of: shape) : 1)
  }
  var rows: Int { samples * (pooling == .positions ? dims.positions(of: shape) : 1) }

  /// One matrix for each of `slices` along the layer axis (`[nil]` for a dataset without one).
  ///
  /// - Throws: ``FileFailure`` of the reader.
  func matrices(
    slices: [Int?], reader: any FileReading, spill: SpillFile? = nil
  ) throws -> [StoredMatrix] {
    if dims.letters.first == "n", shape.count == 2, dims.layerAxis == nil,
      !Dims.isPosition(dims.letters[1])
    {
      // Samples × features as they lie in the file.
      if let spill { return [try spilled(to: spill, reader: reader)] }
      let numbers = try reader.storedNumbers(in: dataset, of: file, rows: nil)
      try check(count: numbers.count, announced: shape[0] * shape[1])
      return [StoredMatrix(rows: shape[0], columns: shape[1], numbers)]
    }
    let layerAxis = dims.layerAxis
    let place = Dictionary(
      slices.enumerated().map { ($1 ?? 0, $0) }, uniquingKeysWith: { first, _ in first })
    let size = rows * features
    var output = [Double](
      repeating: pooling == .max ? -.infinity : 0, count: size * slices.count)
    let wanted: [Range<Int>] =
      layerAxis == 0
      ? slices.compactMap { $0 }.sorted().map { $0..<$0 + 1 } : [0..<shape[0]]
    let rowSize = shape.dropFirst().reduce(1, *)
    var step = max(1, PooledReading.blockBytes / 8 / max(1, rowSize))
    if step > rowsPerChunk && rowsPerChunk > 1 { step -= step % rowsPerChunk }
    let walk = Walk(self, size: size, place: place)
    var isSingle = true
    for range in wanted {
      for start in stride(from: range.lowerBound, to: range.upperBound, by: step) {
        let block = start..<min(start + step, range.upperBound)
        let isAll = block == 0..<shape[0]
        let numbers = try reader.storedNumbers(in: dataset, of: file, rows: isAll ? nil : block)
        try check(count: numbers.count, announced: block.count * rowSize)
        if case .double = numbers { isSingle = false }
        walk.add(numbers.doubles, rows: block, to: &output)
      }
    }
    let count = dims.positions(of: shape)
    if pooling == .mean && count > 1 {
      let divisor = Double(count)
      for index in output.indices { output[index] /= divisor }
    }
    // All but a mean are numbers of the file.
    let isExactlySingle = isSingle && (pooling != .mean || count <= 1)
    return try slices.indices.map { index in
      let elements = output[index * size..<(index + 1) * size]
      let matrix =
        isExactlySingle
        ? StoredMatrix(rows: rows, columns: features, elements: elements.map(Float.init))
        : StoredMatrix(rows: rows, columns: features, elements: Array(elements))
      return try spill.map { try matrix.spilled(to: $0) } ?? matrix
    }
  }

  /// Block by block from the dump to the temporary file.
  private func spilled(to spill: SpillFile, reader: any FileReading) throws -> StoredMatrix {
    var step = max(1, Self.spillBytes / 4 / max(1, shape[1]))
    if step > rowsPerChunk { step -= step % rowsPerChunk }
    var writer = SpillWriter(to: spill, rows: shape[0], columns: shape[1])
    for start in stride(from: 0, to: shape[0], by: step) {
      let block = start..<min(start + step, shape[0])
      let numbers = try reader.storedNumbers(in: dataset, of: file, rows: block)
      try check(count: numbers.count, announced: block.count * shape[1])
      try writer.append(StoredMatrix(rows: block.count, columns: shape[1], numbers))
    }
    return writer.finished()
  }

  private func check(count: Int, announced: Int) throws {
    guard count == announced else {
      throw FileFailure(
        file: file, object: dataset,
        reason: "\(count) numbers where \(announced) were announced")
    }
  }

  /// The way of the elements of a block into the result.
  private struct Walk {
    var shape: [Int]
    var strides: [Int] = []
    var pooling: Pooling
    var isPosition: [Bool]
    var layerAxis: Int?
    /// Where the matrix of a slice begins in the result; slices that are not wanted are missing.
    var offsets: [Int: Int]

    init(_ reading: PooledReading, size: Int, place: [Int: Int]) {
      pooling = reading.pooling
      offsets = place.mapValues { $0 * size }
      // Neighbouring position axes are one axis to the walk. The first stays as it is: blocks are
      // ranges along it.
      shape = []
      var letters: [Character] = []
      for (letter, length) in zip(reading.dims.letters, reading.shape) {
        if letters.count > 1, let last = letters.last, Dims.isPosition(last),
          Dims.isPosition(letter)
        {
          shape[shape.count - 1] *= length
        } else {
          letters.append(letter)
          shape.append(length)
        }
      }
      isPosition = letters.map(Dims.isPosition)
      layerAxis = letters.firstIndex(of: "l")
      strides = Array(repeating: 0, count: shape.count)
      var feature = 1
      for axis in shape.indices.reversed() where letters[axis] != "n" && letters[axis] != "l" {
        if !isPosition[axis] || pooling == .flatten {
          strides[axis] = feature
          feature *= shape[axis]
        }
      }
      var position = 1
      for axis in shape.indices.reversed() where isPosition[axis] && pooling == .positions {
        strides[axis] = position * feature
        position *= shape[axis]
      }
      for axis in shape.indices where letters[axis] == "n" { strides[axis] = feature * position }
    }

    func add(_ numbers: [Double], rows: Range<Int>, to output: inout [Double]) {
      numbers.withUnsafeBufferPointer { numbers in
        output.withUnsafeMutableBufferPointer { output in
          add(numbers, rows: rows, to: output)
        }
      }
    }

    private func add(
      _ numbers: UnsafeBufferPointer<Double>, rows: Range<Int>,
      to output: UnsafeMutableBufferPointer<Double>
    ) {
      let last = shape.count - 1
      let inner = shape[last]
      var index = Array(repeating: 0, count: shape.count)
      index[0] = rows.lowerBound
      for start in stride(from: 0, to: numbers.count, by: inner) {
        if let base = base(of: index) {
          put(UnsafeBufferPointer(rebasing: numbers[start..<start + inner]), to: output, at: base)
        }
        var axis = last - 1
        while axis >= 0 {
          index[axis] += 1
          if index[axis] < (axis == 0 ? rows.upperBound : shape[axis]) { break }
          index[axis] = axis == 0 ? rows.lowerBound : 0
          axis -= 1
        }
      }
    }

    /// Where the elements that run along the last axis go, `nil` if they are not wanted.
    private func base(of index: [Int]) -> Int? {
      var base = 0
      for axis in 0..<shape.count - 1 {
        if axis == layerAxis {
          guard let offset = offsets[index[axis]] else { return nil }
          base += offset
        } else {
          base += index[axis] * strides[axis]
        }
        guard isPosition[axis] else { continue }
        if pooling == .first && index[axis] != 0 { return nil }
        if pooling == .last && index[axis] != shape[axis] - 1 { return nil }
      }
      return base
    }

    /// Puts the elements along the last axis where they belong.
    private func put(
      _ run: UnsafeBufferPointer<Double>, to output: UnsafeMutableBufferPointer<Double>,
      at base: Int
    ) {
      let last = shape.count - 1
      let stride = strides[last]
      if layerAxis == last {
        for (slice, offset) in offsets { put(run[slice], to: output, at: base + offset) }
      } else if isPosition[last] && pooling == .first {
        output[base] = run[0]
      } else if isPosition[last] && pooling == .last {
        output[base] = run[run.count - 1]
      } else if pooling == .mean && stride == 0 {
        var sum = output[base]
        for value in run { sum += value }
        output[base] = sum
      } else {
        for (offset, value) in run.enumerated() {
          put(value, to: output, at: base + offset * stride)
        }
      }
    }

    private func put(
      _ value: Double, to output: UnsafeMutableBufferPointer<Double>, at place: Int
    ) {
      switch pooling {
      case .mean: output[place] += value
      case .max:
        // Not a number stays not a number, so that the data checks see it.
        if value > output[place] || value.isNaN { output[place] = value }
      case .flatten, .first, .last, .positions: output[place] = value
      }
    }
  }
}

extension StoredMatrix {
  init(rows: Int, columns: Int, _ numbers: Numbers) {
    switch numbers {
    case .single(let values): self.init(rows: rows, columns: columns, elements: values)
    case .double(let values): self.init(rows: rows, columns: columns, elements: values)
    }
  }
}
