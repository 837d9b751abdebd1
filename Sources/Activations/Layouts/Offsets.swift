import HDF5

/// Which rows of a long matrix belong to which sample.
struct SegmentList: Equatable {
  var ranges: [Range<Int>]
  /// For each sample its number, where the list gives it.
  var items: [Int]?

  /// From one number a sample (or one more): ends, beginnings or lengths.
  ///
  /// - Parameter count: The number of samples, where ids or the like tell it.
  /// - Returns: `nil` if the numbers fit no reading, or more than one.
  init?(numbers: [Int], total: Int, count: Int?) {
    guard numbers.count > 1, numbers.allSatisfy({ $0 >= 0 }) else { return nil }
    let rises = zip(numbers, numbers.dropFirst()).allSatisfy { $0 <= $1 }
    var readings: [[Range<Int>]] = []
    if rises && numbers[0] == 0 && numbers.last == total {
      readings.append(zip(numbers, numbers.dropFirst()).map { $0..<$1 })
    }
    if rises && numbers.last == total {
      readings.append(zip([0] + numbers.dropLast(), numbers).map { $0..<$1 })
    }
    if rises && numbers[0] == 0 && numbers[numbers.count - 1] < total {
      readings.append(zip(numbers, numbers.dropFirst() + [total]).map { $0..<$1 })
    }
    if numbers.reduce(0, +) == total {
      var start = 0
      readings.append(
        numbers.map { length in
          defer { start += length }
          return start..<start + length
        })
    }
    if let count { readings.removeAll { $0.count != count } }
    // A first sample without rows makes ends look like boundaries; nothing but a count tells.
    let distinct = readings.reduce(into: [[Range<Int>]]()) {
      if !$0.contains($1) { $0.append($1) }
    }
    // Boundaries from 0 are the rule where no count speaks against them.
    if distinct.count == 2, count == nil, numbers[0] == 0, numbers.last == total {
      ranges = distinct[0]
      return
    }
    guard distinct.count == 1 else { return nil }
    ranges = distinct[0]
  }

  /// From (start, end) or (start, length).
  init?(pairs: [[Int]], total: Int) {
    func valid(_ ranges: [(Int, Int)]) -> [Range<Int>]? {
      guard ranges.allSatisfy({ $0.0 >= 0 && $0.0 <= $0.1 && $0.1 <= total }) else { return nil }
      let list = ranges.map { $0.0..<$0.1 }
      // Every row belongs to one sample.
      return list.reduce(0, { $0 + $1.count }) == total ? list : nil
    }
    let ends = valid(pairs.map { ($0[0], $0[1]) })
    let lengths = valid(
      pairs.map { ($0[0], $0[0] > total || $0[1] > total ? -1 : $0[0] + $0[1]) })
    switch (ends, lengths) {
    case (let list?, nil), (nil, let list?): ranges = list
    case (let a?, let b?) where a == b: ranges = a
    default: return nil
    }
  }

  /// From (item, start, length) or (item, start, end).
  init?(triples: [[Int]], total: Int) {
    guard let pairs = SegmentList(pairs: triples.map { [$0[1], $0[2]] }, total: total) else {
      return nil
    }
    let items = triples.map { $0[0] }
    guard Set(items).count == items.count else { return nil }
    self = pairs
    self.items = items
  }
}

/// Samples of different lengths laid end to end in one matrix, with a list that says where each one
/// begins, ends or how long it is.
extension RestatedFile {
  private static let listNames: Set<String> = [
    "offsets", "offset", "lengths", "length", "row_splits", "splits", "boundaries", "ptr", "indptr",
    "cu_seqlens", "seq_lens", "seq_lengths", "n_tokens", "num_tokens", "starts", "ends", "cumsum",
  ]

  mutating func restateOffsets() {
    for object in datasets where isFloatMatrix(object) && axes[object.path] == nil {
      guard objects.hasWholeNumbers(in: object.group) else { continue }
      let total = object.shape[0]
      let own = object.name.lowercased()
      let general = Self.listNames.union(["index"])
      let beside = objects.datasets(
        named: general.union(general.map { "\(own)_\($0)" }), in: object.group)
      let table = beside.first {
        $0.dataset?.elementType == .compound && general.contains($0.name.lowercased())
      }
      if let table {
        leaveOut(
          object.path, "\(table.path), which may tell its samples apart, is a table of records",
          isFault: true, help: "write it as a matrix of whole numbers: item, start, length")
        continue
      }
      let named = beside.filter { list in
        let name = list.name.lowercased()
        return list.isWhole && list.shape.first ?? 0 > 1 && list.shape.count <= 2
          && (Self.listNames.contains(name)
            || Self.listNames.contains { name == "\(own)_\($0)" }
            || name == "\(own)_index"
            || (name == "index" && (list.shape.count == 2 || list.shape[0] != total)))
      }
      for list in named where list.path != object.path {
        let ids = objects.lists(in: object.group).first {
          $0.path != list.path && $0.shape[0] != total
            && SampleListName.rank($0.name, isText: $0.isText) != nil
        }
        let count = ids?.shape.first
        guard let numbers = wholeNumbers(list.path) else { continue }
        let segments: SegmentList?
        switch list.shape.count == 1 ? 1 : list.shape[1] {
        case 1: segments = SegmentList(numbers: numbers, total: total, count: count)
        case 2:
          segments = SegmentList(
            pairs: stride(from: 0, to: numbers.count, by: 2).map { Array(numbers[$0..<$0 + 2]) },
            total: total)
        case 3:
          segments = SegmentList(
            triples: stride(from: 0, to: numbers.count, by: 3).map { Array(numbers[$0..<$0 + 3]) },
            total: total)
        default: segments = nil
        }
        // A list of as many entries as the matrix has rows may be about something else.
        if segments == nil && list.shape == [total] { continue }
        restate(object, segments: segments, by: list)
        break
      }
    }
  }

  /// Makes samples of the rows that belong together.
  mutating func restate(_ object: ObjectOutline, segments: SegmentList?, by list: ObjectOutline) {
    guard var segments else {
      leaveOut(
        object.path,
        "\(list.path) does not say in one way which of its \(object.shape[0]) rows belong to which "
          + "sample", isFault: true,
        help: "write the end of each sample, (item, start, length), or one row a sample")
      return
    }
    guard isPoolable(object) else { return }
    // Samples come in the order of their numbers, if these number them all.
    if let items = segments.items, Set(items) == Set(0..<items.count) {
      segments.ranges = items.indices.sorted { items[$0] < items[$1] }.map { segments.ranges[$0] }
      segments.items = nil
    }
    let count = segments.ranges.count
    let empty = segments.ranges.count { $0.isEmpty }
    if empty > 0 {
      notes.add("Samples without any row have no activations", "\(label(object)): \(empty)")
    }
    noteReduction(object, by: list.path)
    let pooling = pooling
    replace(object, shape: [count] + object.shape.dropFirst(), type: .float64) {
      .segments($0, segments.ranges, pooling)
    }
    axes[object.path] = Axes(
      dims: Dims(
        ["n"] + (object.shape.count > 2 ? ["l"] : []) + ["d"]
          + "xyz".prefix(max(0, object.shape.count - 3))),
      evidence: "samples of different lengths by \(list.path), \(pooling.rawValue) over positions")
    if let items = segments.items { addIDs(items.map { String($0) }, in: object.group) }
  }

  /// Whether positions can be reduced while reading; if not, leaves the dataset out.
  mutating func isPoolable(_ object: ObjectOutline) -> Bool {
    guard pooling == .flatten || pooling == .positions else { return true }
    leaveOut(
      object.path,
      "its samples differ in the number of positions, so that --pool "
        + "\(pooling.rawValue) is not possible", isFault: true,
      help: "use --pool mean, max, first or last")
    return false
  }

  mutating func noteReduction(_ object: ObjectOutline, by list: String) {
    notes.add(
      "Samples of different lengths were reduced by their \(pooling.rawValue) over positions",
      "\(label(object)) (\(list))")
  }
}
