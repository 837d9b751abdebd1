/// How the rows of several sources are brought into one order.
struct SampleJoin: Sendable, Equatable {
  /// The rows of one source: how many, which ids, and how much depends on them.
  struct Source: Sendable, Equatable {
    /// The file as notes name it.
    var label: String
    /// Sources of one file count once where files are counted.
    var file: Int
    var count: Int
    var ids: [String]?
    /// The number of representations with these rows.
    var layers: Int
  }

  /// Why a source takes no part.
  struct Refusal: Sendable, Equatable {
    var source: Int
    var reason: String
    var help: String?
  }

  /// The ids in the common order, `nil` where there are none.
  var ids: [String]?
  var count: Int
  /// For each source its row for each sample, or `nil` if it takes no part.
  var rows: [[Int]?]
  /// The label of the source whose order is kept.
  var reference = ""
  var refusals: [Refusal] = []
  var notes: [String] = []

  /// Row i is the same stimulus everywhere.
  ///
  /// The number of samples that more than half of the files have wins, else the one that most
  /// representations have; sources with another number are refused.
  ///
  /// - Throws: ``ReadingError/nothingUsable(reason:help:skipped:)`` on a tie.
  static func positional(_ sources: [Source]) throws -> SampleJoin {
    var files: [Int: Set<Int>] = [:]
    var layers: [Int: Int] = [:]
    for source in sources {
      files[source.count, default: []].insert(source.file)
      layers[source.count, default: 0] += source.layers
    }
    let total = Set(sources.map(\.file)).count
    let majority = files.filter { $0.value.count * 2 > total }.keys
    var winner = majority.count == 1 ? majority.first : nil
    if winner == nil, let most = layers.values.max() {
      let best = layers.filter { $0.value == most }.keys
      if best.count == 1 { winner = best.first }
    }
    guard let winner else {
      let sides = files.keys.sorted(by: >).map { count in
        let names = sources.filter { $0.count == count }.map(\.label)
        return "\(count) samples in \(NoteBook.abridged(names, separator: ", "))"
      }
      throw ReadingError.nothingUsable(
        reason: "the files differ in the number of samples and carry no ids to join them: "
          + sides.joined(separator: ", "),
        help: "write sample ids into the dumps, or leave one side out", skipped: [])
    }
    var join = SampleJoin(ids: nil, count: winner, rows: [])
    for (index, source) in sources.enumerated() {
      guard source.count == winner else {
        join.rows.append(nil)
        join.refusals.append(
          Refusal(
            source: index,
            reason:
              "\(source.count) samples where the others have \(winner), and no ids to join them",
            help: "write sample ids into the dumps"))
        continue
      }
      join.rows.append(Array(0..<winner))
    }
    return join
  }

  /// The sequence of ids whose samples most files have: of those that agree with equally many files
  /// the most common one, by files, then by representations, then the first.
  ///
  /// - Parameter minimum: How many ids two files share at least if they agree.
  static func reference(of sources: [Source], minimum: Int = 1) -> Int? {
    let company = company(of: sources, minimum: minimum)
    var files: [[String]: Set<Int>] = [:]
    var layers: [[String]: Int] = [:]
    for source in sources {
      guard let ids = source.ids else { continue }
      files[ids, default: []].insert(source.file)
      layers[ids, default: 0] += source.layers
    }
    var best: Int?
    var weight = (0, 0, 0)
    for (index, source) in sources.enumerated() {
      guard let ids = source.ids else { continue }
      let own = (company[index], files[ids]?.count ?? 0, layers[ids] ?? 0)
      if best == nil || own > weight { (best, weight) = (index, own) }
    }
    return best
  }

  /// For each source the number of files that share samples with it, itself included.
  private static func company(of sources: [Source], minimum: Int) -> [Int] {
    // Files with the same samples in another order count as one set.
    var sets: [Set<String>] = []
    var places: [Set<String>: Int] = [:]
    let kinds = sources.map { source -> Int? in
      guard let ids = source.ids else { return nil }
      let set = Set(ids)
      if let place = places[set] { return place }
      places[set] = sets.count
      sets.append(set)
      return sets.count - 1
    }
    let files = sets.indices.map { kind in
      Set(sources.indices.filter { kinds[$0] == kind }.map { sources[$0].file })
    }
    let agreeing = sets.indices.map { a in
      sets.indices.filter { b in
        a == b
          || sets[a].intersection(sets[b]).count
            >= max(1, min(minimum, sets[a].count, sets[b].count))
      }.reduce(into: Set<Int>()) { $0.formUnion(files[$1]) }.count
    }
    return kinds.map { $0.map { agreeing[$0] } ?? 0 }
  }

  /// Joins sources that all have ids, each of them unique within its source.
  ///
  /// - Parameter minimum: With fewer samples in common, the sources that share the fewest ids with
  ///   the most common sequence are refused, until enough remain.
  /// - Throws: ``ReadingError/nothingUsable(reason:help:skipped:)`` when files without any common
  ///   sample are as many on either side: which of them to keep is not ours to say.
  static func byID(_ sources: [Source], join mode: Join, minimum: Int) throws -> SampleJoin {
    guard let reference = reference(of: sources, minimum: minimum),
      let order = sources[reference].ids
    else {
      return SampleJoin(ids: [], count: 0, rows: sources.map { _ in nil })
    }
    let wanted = Set(order)
    let sets = sources.map { Set($0.ids ?? []) }
    let shared = sets.map { $0.intersection(wanted).count }
    let company = company(of: sources, minimum: minimum)
    if let other = sources.indices.first(where: {
      shared[$0] == 0 && !sets[$0].isEmpty && company[$0] == company[reference]
    }) {
      throw ReadingError.nothingUsable(
        reason: "\(sources[reference].label) and \(sources[other].label) have no sample in common "
          + "('\(order.first ?? "")' here, '\(sources[other].ids?.first ?? "")' there), and as many "
          + "files agree with the one as with the other",
        help: "are the ids of the same stimuli written in the same way? Leave one side out, or "
          + "compare row by row with `--ids positional`", skipped: [])
    }
    var result = SampleJoin(
      ids: [], count: 0, rows: [], reference: sources[reference].label)
    var members = Set(sources.indices)
    func refuse(_ index: Int, _ help: String) {
      members.remove(index)
      let reason =
        shared[index] == 0
        ? "none of its \(sets[index].count) sample ids occurs in \(sources[reference].label) "
          + "('\(sources[index].ids?.first ?? "")' here, '\(order.first ?? "")' there)"
        : "only \(shared[index]) of its \(sets[index].count) sample ids are among the "
          + "\(order.count) of \(sources[reference].label)"
      result.refusals.append(Refusal(source: index, reason: reason, help: help))
    }
    if mode == .exact {
      for index in sources.indices where sets[index] != wanted {
        refuse(index, "`--join intersect` keeps the samples that all have")
      }
    }
    var common: [String] = []
    while true {
      common = order.filter { id in members.allSatisfy { sets[$0].contains(id) } }
      if common.count >= min(minimum, order.count) { break }
      let others = members.filter { sets[$0] != wanted }
      guard let fewest = others.map({ shared[$0] }).min() else { break }
      for index in others.sorted() where shared[index] == fewest {
        refuse(index, "are the ids of the same stimuli written in the same way?")
      }
    }
    result.ids = common
    result.count = common.count
    for (index, source) in sources.enumerated() {
      guard members.contains(index), let ids = source.ids else {
        result.rows.append(nil)
        continue
      }
      let rows = Dictionary(ids.enumerated().map { ($1, $0) }, uniquingKeysWith: { a, _ in a })
      result.rows.append(common.compactMap { rows[$0] })
    }
    result.refusals.sort { $0.source < $1.source }
    let strangers = result.refusals.count { shared[$0.source] == 0 }
    if strangers > 0 {
      result.notes.append(
        "The files fall into groups without common samples; the largest that agrees was kept: that of "
          + "\(sources[reference].label) (\(members.count) kept, \(strangers) left out).")
    }
    result.noteLosses(sources, members: members, sets: sets)
    return result
  }

  /// Says which samples were left out and because of whom, and who was reordered.
  private mutating func noteLosses(_ sources: [Source], members: Set<Int>, sets: [Set<String>]) {
    let all = members.reduce(into: Set<String>()) { $0.formUnion(sets[$1]) }
    let lost = all.count - count
    if lost > 0 {
      let causes = members.sorted().filter { sets[$0].count < all.count }.map { index in
        "\(sources[index].label) lacks \(all.count - sets[index].count)"
      }
      notes.append(
        "\(count) of \(all.count) samples are in all files and kept; \(lost) were left out: "
          + "\(NoteBook.abridged(causes)).")
    }
    let reordered = members.sorted().filter { index in
      guard let rows = rows[index] else { return false }
      return zip(rows, rows.dropFirst()).contains { $0 > $1 }
    }
    if !reordered.isEmpty {
      notes.append(
        "Rows brought into the common order by sample id: "
          + "\(NoteBook.abridged(reordered.map { sources[$0].label })).")
    }
  }
}
