import LinearAlgebra

extension Loading {
  /// Brings the rows of all sources into one order.
  mutating func align() throws {
    let live = liveSources()
    guard !live.isEmpty else { throw nothingLeft() }
    var sources = live.map { entry in
      let rows = survey.rowSources[entry.source]
      return SampleJoin.Source(
        label: rows.label, file: rows.file, count: rows.count,
        ids: isPositional ? nil : rows.ids, layers: entry.layers.count)
    }
    let named = sources.indices.filter { sources[$0].ids != nil }
    rows = Array(repeating: nil, count: survey.rowSources.count)
    let join: SampleJoin
    var members = Array(sources.indices)
    if named.isEmpty {
      join = try withSkipped { try SampleJoin.positional(sources) }
      alignment = .positional(samples: join.count)
      notes.add(
        isPositional
          ? "Row i was taken to be the same stimulus everywhere, as --ids positional demands."
          : "No sample ids: row i was taken to be the same stimulus everywhere.")
    } else {
      if named.count < sources.count { members = nameRows(of: &sources, live.map(\.layers)) }
      // Files with ids come first: theirs is the order that is kept.
      let isNamed = Set(named)
      members = members.filter(isNamed.contains) + members.filter { !isNamed.contains($0) }
      join = try withSkipped {
        try SampleJoin.byID(
          members.map { sources[$0] }, join: survey.options.join, minimum: Loading.fewestSamples)
      }
    }
    for refusal in join.refusals {
      refuse(live[members[refusal.source]].source, refusal.reason, help: refusal.help)
    }
    for (member, list) in zip(members, join.rows) { rows[live[member].source] = list }
    for note in join.notes { notes.add(note) }
    ids = join.ids
    if !named.isEmpty {
      var dropped: [String: Int] = [:]
      for (member, list) in zip(members, join.rows) where list != nil {
        let file = survey.files[survey.rowSources[live[member].source].file].path
        dropped[file] = max(dropped[file] ?? 0, sources[member].count - join.count)
      }
      alignment = .joined(onIDsOf: join.reference, samples: join.count, dropped: dropped)
    }
    guard matrices.indices.contains(where: takesPart) else { throw nothingLeft() }
    guard join.count >= Loading.fewestSamples else { throw tooFew(join.count) }
  }

  /// Adds what was left out before to the error of a join that is impossible.
  private func withSkipped(_ join: () throws -> SampleJoin) throws -> SampleJoin {
    do {
      return try join()
    } catch ReadingError.nothingUsable(let reason, let help, _) {
      throw ReadingError.nothingUsable(reason: reason, help: help, skipped: skipped)
    }
  }

  /// Gives ids to the sources without any, where the data bear out which sequence of ids their rows
  /// follow; refuses the others.
  ///
  /// - Returns: The indices of the sources that take part.
  private mutating func nameRows(
    of sources: inout [SampleJoin.Source], _ layers: [[Int]]
  ) -> [Int] {
    let sequences = Dictionary(
      grouping: sources.indices.filter { sources[$0].ids != nil }, by: { sources[$0].ids ?? [] })
    func files(_ members: [Int]) -> Int { Set(members.map { sources[$0].file }).count }
    // The most common first; ties keep the order of the files.
    let ranked = sequences.sorted {
      let (a, b) = (files($0.value), files($1.value))
      return a == b ? $0.value[0] < $1.value[0] : a > b
    }
    var members: [Int] = []
    var assigned: [Int: [String]] = [:]
    for index in sources.indices {
      if sources[index].ids != nil {
        members.append(index)
        continue
      }
      let count = sources[index].count
      let fitting = ranked.filter { $0.key.count == count }.prefix(4)
      let checks = fitting.map { sequence in
        PositionalCheck(
          examples(layers[index]), examples(sequence.value.prefix(3).flatMap { layers[$0] }))
      }
      let help = "write sample ids into the dump, or compare row by row with `--ids positional`"
      let passing = checks.indices.filter { checks[$0].isConfirmed }
      guard let best = passing.max(by: { checks[$0].value < checks[$1].value }) else {
        let most = checks.max { $0.deviations < $1.deviations }
        refuse(
          survey.layers[layers[index][0]].rows,
          most.map {
            "no sample ids, and the data do not bear out that its rows are in the order of the "
              + "other files (debiased CKA \($0.summary))"
          } ?? "no sample ids, and no file with ids has \(count) samples",
          help: help)
        continue
      }
      // Orders that the data cannot tell apart: only the clearly most common one is not arbitrary.
      let alike = passing.filter { checks[$0].value >= 0.9 * checks[best].value }
      let choice = alike.min() ?? best
      let rivals = alike.filter {
        $0 != choice && files(fitting[$0].value) == files(fitting[choice].value)
      }
      if !rivals.isEmpty {
        refuse(
          survey.layers[layers[index][0]].rows,
          "no sample ids, and the files with ids follow different orders that fit alike",
          help: help)
        continue
      }
      assigned[index] = fitting[choice].key
      members.append(index)
      notes.add(
        "No sample ids, so row i was taken for stimulus i of other files, which the data bear out",
        "\(sources[index].label) as \(sources[fitting[choice].value[0]].label) "
          + "(debiased CKA \(checks[choice].summary))")
    }
    for (index, ids) in assigned { sources[index].ids = ids }
    return members
  }

  /// Up to six of some layers, evenly spread, with one row a sample; of a large one only as much as a
  /// ``PositionalCheck`` looks at.
  private func examples(_ layers: [Int]) -> [Matrix] {
    let count = layers.count
    let picks = count <= 6 ? Array(0..<count) : (0..<6).map { $0 * (count - 1) / 5 }
    return picks.compactMap { pick in
      guard let matrix = matrices[layers[pick]] else { return nil }
      let samples = PositionalCheck.rows(of: matrix.rows / positions)
      let features = PositionalCheck.features(of: matrix.columns)
      return try? matrix.selectingRows(samples.map { $0 * positions })
        .selectingColumns(features).matrix()
    }
  }

  /// Sources whose labels contradict those of most representations on the joined samples are left
  /// out: their rows are in another order than they claim.
  mutating func compareLabels() {
    let live = liveSources().compactMap { entry -> (source: Int, labels: [Int], layers: Int)? in
      guard let labels = survey.rowSources[entry.source].labels, let rows = rows[entry.source]
      else { return nil }
      return (entry.source, rows.map { labels[$0] }, entry.layers.count)
    }
    var votes: [[Int]: Int] = [:]
    for entry in live {
      votes[entry.labels, default: 0] += 1
    }
    guard let first = live.first else { return }
    var reference = first.labels
    for entry in live where (votes[entry.labels] ?? 0) > (votes[reference] ?? 0) {
      reference = entry.labels
    }
    labels = reference
    for entry in live where entry.labels != reference {
      let disagreeing = zip(entry.labels, reference).count { $0 != $1 }
      refuse(
        entry.source,
        "row order differs: \(disagreeing) of \(reference.count) labels disagree with the other files",
        help: "write sample ids into the dumps, or the labels in the same coding")
    }
  }

  func tooFew(_ count: Int) -> ReadingError {
    .nothingUsable(
      reason:
        "\(count) sample\(count == 1 ? "" : "s"); at least \(Loading.fewestSamples) are needed, "
        + "and hundreds for results that mean something",
      help: "dump the activations on more stimuli", skipped: skipped)
  }

  func nothingLeft() -> ReadingError {
    let faults = skipped.filter(\.isFault)
    let first = faults.last
    let place = first.map { "\($0.file)\($0.object.map { ": \($0)" } ?? ""): \($0.reason)" }
    let more = faults.count > 1 ? " (and \(faults.count - 1) more left out)" : ""
    return .nothingUsable(
      reason: "no usable activations: \(place ?? "all layers were left out")\(more)",
      help: first?.help ?? "`universality inspect` lists what each file holds", skipped: skipped)
  }
}

extension PositionalCheck {
  /// Such as `0.93, 400 sd above chance`.
  var summary: String {
    guard value.isFinite else { return "undefined" }
    let rounded = (value * 100).rounded() / 100
    return "\(rounded), \(Int(deviations.rounded())) sd above chance"
  }
}
