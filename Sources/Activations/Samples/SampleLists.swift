import HDF5

/// The lists of a file that have an entry a sample: which dataset's rows each of them names.
///
/// A list is looked for in the group of a dataset, in the groups around it and in their children
/// `stimuli`, `samples`, `metadata`, `inputs` and `obs`; the nearest counts most.
struct SampleLists: Sendable {
  private let lists: [SampleList]
  private let byGroup: [String: [SampleList]]
  /// The lists in `stimuli` and the like, by the group around that.
  private let byNeighbour: [String: [SampleList]]

  init(_ lists: [SampleList]) {
    self.lists = lists
    byGroup = Dictionary(grouping: lists, by: \.group)
    let neighbours = lists.filter { list in
      list.group.split(separator: "/").last.map {
        SampleLists.neighbours.contains($0.lowercased())
      } ?? false
    }
    byNeighbour = Dictionary(grouping: neighbours, by: { $0.group.group })
  }

  private static let neighbours: Set<String> = ["stimuli", "samples", "metadata", "inputs", "obs"]

  /// The lists that may speak about a dataset, the most likely first.
  func scope(of candidate: Candidate) -> [SampleList] {
    let names = candidate.components.dropLast()
    var found: [(list: SampleList, distance: Int, rank: Int)] = []
    for count in stride(from: names.count, through: 0, by: -1) {
      let group = "/" + names.prefix(count).joined(separator: "/")
      let distance = (names.count - count) * 2
      for list in byGroup[group] ?? [] { found.append((list, distance, SampleLists.rank(list))) }
      for list in byNeighbour[group] ?? [] where !isWithin(list.group, names) {
        found.append((list, distance + 1, SampleLists.rank(list)))
      }
    }
    return found.sorted { a, b in
      let (x, y) = ((a.distance, a.rank), (b.distance, b.rank))
      return x == y ? NaturalOrder.precedes(a.list.path, b.list.path) : x < y
    }.map(\.list)
  }

  private static func rank(_ list: SampleList) -> Int {
    SampleListName.rank(list.name, isText: list.isText) ?? 9
  }

  /// Whether a group is one of those around a dataset, given by the names of all of these.
  private func isWithin(_ group: String, _ names: ArraySlice<String>) -> Bool {
    let parts = group.split(separator: "/")
    return parts.count <= names.count && zip(parts, names).allSatisfy { $0 == $1 }
  }

  /// The lists that really go with the samples of a file: their length is that of the first axis (or,
  /// for lists that are certain, of any axis) of at least half of the datasets they may speak about.
  /// A list of ten class names is none of them.
  func relevant(for candidates: [Candidate]) -> SampleLists {
    let concerned = concerned(among: candidates)
    return SampleLists(
      lists.filter { list in
        let concerned = concerned[list.path] ?? []
        let matched = concerned.filter { candidates[$0].sampleAxis(for: list) != nil }
        return !matched.isEmpty && matched.count * 2 >= concerned.count
      })
  }
}

extension SampleLists {
  /// For each list, by its path, the indices of the datasets that it may speak about.
  private func concerned(among candidates: [Candidate]) -> [String: [Int]] {
    var result: [String: [Int]] = [:]
    for (index, candidate) in candidates.enumerated() {
      for list in scope(of: candidate) { result[list.path, default: []].append(index) }
    }
    return result
  }

  /// The lists that must be sample ids by their names but have an entry for no axis of the datasets
  /// they may speak about: whoever wrote them meant something that the file does not keep.
  func misfits(for candidates: [Candidate]) -> [SampleList] {
    let concerned = concerned(among: candidates)
    return lists.filter { list in
      let concerned = concerned[list.path] ?? []
      return SampleListName.isCertain(list) && !concerned.isEmpty
        && concerned.allSatisfy { candidates[$0].sampleAxis(for: list) == nil }
    }
  }
}

extension Candidate {
  /// The axis along which a list has an entry each: the first if its length fits, else another one
  /// if the list counts samples for certain.
  func sampleAxis(for list: SampleList) -> Int? {
    if shape[0] == list.length { return 0 }
    return SampleListName.isCertain(list) ? shape.firstIndex(of: list.length) : nil
  }
}

/// The ids of the samples of a list, read and checked.
struct SampleIDs: Sendable, Equatable {
  var values: [String]

  /// The first id that occurs more than once, as a sentence, or `nil`.
  var duplicate: String? {
    var rows: [String: [Int]] = [:]
    for (row, value) in values.enumerated() { rows[value, default: []].append(row) }
    let repeated = rows.filter { $0.value.count > 1 }
    guard let first = repeated.min(by: { $0.value[0] < $1.value[0] }) else { return nil }
    let shown = first.value.prefix(3).map(String.init).joined(separator: ", ")
    let more = first.value.count > 3 ? ", …" : ""
    let others = repeated.count > 1 ? "; so do \(repeated.count - 1) other ids" : ""
    return
      "sample id '\(first.key)' occurs \(first.value.count) times (rows \(shown)\(more))\(others)"
  }

  /// Reads a list. Whole numbers become decimal strings.
  ///
  /// - Throws: ``FileFailure``, also for whole numbers beyond 2^53, which are not told apart after
  ///   conversion to double precision.
  init(_ list: SampleList, of file: String, reader: any FileReading) throws {
    if list.isText {
      values = try reader.strings(in: list.path, of: file)
    } else {
      values = try SampleIDs.wholeNumbers(in: list.path, of: file, reader: reader).map {
        String($0)
      }
    }
    guard values.count == list.length else {
      throw FileFailure(
        file: file, object: list.path,
        reason: "\(values.count) entries where \(list.length) were announced")
    }
  }

  init(values: [String]) { self.values = values }

  /// The whole numbers of a dataset.
  static func wholeNumbers(
    in dataset: String, of file: String, reader: any FileReading
  ) throws -> [Int] {
    try reader.numbers(in: dataset, of: file, rows: nil).map { number in
      guard abs(number) <= 9_007_199_254_740_992, let whole = Int(exactly: number) else {
        throw FileFailure(
          file: file, object: dataset,
          reason: "\(number) is beyond the whole numbers that double precision tells apart (2^53)",
          help: "write such ids as strings")
      }
      return whole
    }
  }
}
