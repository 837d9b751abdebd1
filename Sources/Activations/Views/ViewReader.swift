import HDF5

/// Reads views as if they were datasets, everything else through another reader.
struct ViewReader: FileReading {
  let base: any FileReading
  var views: ViewTable

  func outline(of file: String) throws -> FileOutline { try base.outline(of: file) }

  func strings(in dataset: String, of file: String) throws -> [String] {
    switch views[file]?[dataset]?.recipe {
    case nil: return try base.strings(in: dataset, of: file)
    case .words(let words): return words
    case .same(let source): return try strings(of: source)
    case .pieces(let sources): return try sources.flatMap { try strings(of: $0) }
    case .rows(let source, let rows):
      let all = try strings(of: source)
      return try rows.map { row in
        guard all.indices.contains(row) else {
          throw FileFailure(file: file, object: dataset, reason: "row \(row) is missing")
        }
        return all[row]
      }
    default:
      throw FileFailure(file: file, object: dataset, reason: "holds numbers, not text")
    }
  }

  func strings(of source: DatasetView.Source) throws -> [String] {
    source.isStored
      ? try base.strings(in: source.dataset, of: source.file)
      : try strings(in: source.dataset, of: source.file)
  }

  func storedNumbers(
    in dataset: String, of file: String, rows: Range<Int>?
  ) throws -> Numbers {
    guard let view = views[file]?[dataset] else {
      return try base.storedNumbers(in: dataset, of: file, rows: rows)
    }
    let range = rows ?? 0..<(view.shape.first ?? 1)
    guard range.lowerBound >= 0, range.upperBound <= view.shape.first ?? 1 else {
      throw FileFailure(file: file, object: dataset, reason: "it has no rows \(range)")
    }
    let numbers = try ViewEvaluation(reader: self, file: file, dataset: dataset, view: view)
      .numbers(range)
    let expected = range.count * view.shape.dropFirst().reduce(1, *)
    guard numbers.count == expected else {
      throw FileFailure(
        file: file, object: dataset,
        reason: "its parts hold \(numbers.count) numbers where \(expected) were announced")
    }
    return numbers
  }

  /// The numbers of a source of a view.
  func numbers(of source: DatasetView.Source, rows: Range<Int>? = nil) throws -> Numbers {
    let numbers =
      source.isStored
      ? try base.storedNumbers(in: source.dataset, of: source.file, rows: rows)
      : try storedNumbers(in: source.dataset, of: source.file, rows: rows)
    let expected = (rows?.count ?? source.shape.first ?? 1) * source.rowSize
    guard numbers.count == expected else {
      throw FileFailure(
        file: source.file, object: source.dataset,
        reason: "\(numbers.count) numbers where \(expected) were announced")
    }
    return numbers
  }
}

/// Numbers brought together, in single precision as long as that is exact for all of them.
struct NumberCollection {
  private var singles: [Float] = []
  private var doubles: [Double]?

  var numbers: Numbers { doubles.map { .double($0) } ?? .single(singles) }

  mutating func append(_ more: Numbers) {
    switch (more, doubles) {
    case (.single(let values), nil): singles += values
    case (.double(let values), nil):
      doubles = singles.map(Double.init) + values
      singles = []
    default: doubles?.append(contentsOf: more.doubles)
    }
  }
}

extension Numbers {
  /// The numbers at some places, in this order; all must exist.
  func picked(_ places: [Int]) -> Numbers {
    switch self {
    case .single(let values): .single(places.map { values[$0] })
    case .double(let values): .double(places.map { values[$0] })
    }
  }

  /// Some consecutive numbers.
  func part(_ range: Range<Int>) -> Numbers {
    switch self {
    case .single(let values): .single(Array(values[range]))
    case .double(let values): .double(Array(values[range]))
    }
  }
}
