import HDF5

/// Layouts that keep the rows of one matrix in a larger one, or in several.
extension RestatedFile {
  /// A number beside a matrix that says how many of its rows were filled: the rest is padding.
  mutating func restateValidRows() {
    let names = [
      "count", "n_valid", "num_valid", "valid_count", "n_samples", "num_samples", "length",
    ]
    for object in datasets
    where object.isWhole && object.shape.reduce(1, *) == 1
      && names.contains(object.name.lowercased())
    {
      guard let count = wholeNumbers(object.path)?.first else { continue }
      let members = datasets(in: object.group).filter {
        $0.path != object.path && !$0.shape.isEmpty && !$0.shape.contains(0)
      }
      let capacity = members.filter(isFloatMatrix).map { $0.shape[0] }.max() ?? 0
      guard capacity > 0, count != capacity else { continue }
      let matrices = members.filter { isFloatMatrix($0) && $0.shape[0] == capacity }
      // A length may be that of a sequence; only zeros beyond it bear out that it counts rows. The
      // few-shot lineage (all_feats, all_labels, count) leaves no doubt.
      let isKnown = object.name == "count" && members.contains { $0.name == "all_feats" }
      guard (1..<capacity).contains(count),
        isKnown || matrices.allSatisfy({ isZero($0, beyond: count) })
      else {
        let says = "\(object.path) is \(count) beside \(capacity) rows"
        guard ["count", "n_valid", "num_valid", "valid_count"].contains(object.name.lowercased())
        else {
          notes.add("Numbers that do not count the rows beside them", "\(file.name): \(says)")
          continue
        }
        for member in matrices {
          leaveOut(
            member.path, "\(says), and the rows beyond it are not empty", isFault: true,
            help: "write the rows that count, or a count that is true")
        }
        continue
      }
      for member in members where member.shape[0] == capacity {
        guard let type = member.dataset?.elementType else { continue }
        replace(member, shape: [count] + member.shape.dropFirst(), type: type) {
          .rows($0, Array(0..<count))
        }
      }
      notes.add(
        "Rows beyond the number of filled ones were left out",
        "\(file.name): \(count) of \(capacity) (\(object.path))")
    }
  }

  /// Whether all rows from a place on are zero.
  private func isZero(_ object: ObjectOutline, beyond count: Int) -> Bool {
    let rest = try? viewReader.numbers(
      in: object.path, of: file.path, rows: count..<object.shape[0])
    return rest?.allSatisfy { $0 == 0 } ?? false
  }

  /// Pieces of one matrix: `features_01`, `features_02` …, or datasets called batch, part, shard.
  mutating func restatePieces() {
    for group in Set(datasets.map(\.group)).sorted() {
      var families: [String: [(number: Int, object: ObjectOutline)]] = [:]
      for object in datasets(in: group) where !object.shape.isEmpty && !object.shape.contains(0) {
        guard let piece = PieceName(object.name) else { continue }
        families[piece.stem, default: []].append((piece.number, object))
      }
      for (stem, members) in families.sorted(by: { $0.key < $1.key }) where members.count > 1 {
        join(members.sorted { $0.number < $1.number }, as: stem, in: group)
      }
    }
  }

  private mutating func join(
    _ members: [(number: Int, object: ObjectOutline)], as stem: String, in group: String
  ) {
    let path = (group == "/" ? "" : group) + "/\(stem)"
    guard let first = members.first?.object, object(path) == nil,
      let type = first.dataset?.elementType,
      members.allSatisfy({
        $0.object.dataset?.elementType == type
          && $0.object.shape.dropFirst() == first.shape.dropFirst()
      }), type == .string || type.isNumeric
    else { return }
    let numbers = members.map(\.number)
    guard zip(numbers, numbers.dropFirst()).allSatisfy({ $1 == $0 + 1 }), numbers[0] <= 1 else {
      for member in members {
        leaveOut(
          member.object.path, "pieces of '\(stem)' are missing (there are \(numbers))",
          isFault: true, help: "write all pieces")
      }
      return
    }
    let rows = members.reduce(0) { $0 + $1.object.shape[0] }
    let sources = members.map { source($0.object) }
    notes.add(
      "Pieces joined in the order of their numbers", "\(file.name)\(path) (\(members.count) pieces)"
    )
    add(
      path, shape: [rows] + first.shape.dropFirst(), type: type, .pieces(sources),
      attributes: first.attributes, like: first)
    absorb(members.map(\.object.path))
  }

  /// Features of regions of images (bottom-up attention): boxes beside them tell that the second
  /// axis counts regions, or which rows belong to which image.
  mutating func restateRegions() {
    guard let object = object("/image_features"), object.isFloat else { return }
    let boxes = ["/image_bb", "/spatial_features", "/pos_boxes"].compactMap { self.object($0) }
    guard !boxes.isEmpty else { return }
    if object.shape.count == 3,
      boxes.contains(where: { Array($0.shape.prefix(2)) == Array(object.shape.prefix(2)) })
    {
      axes[object.path] = Axes(
        dims: Dims("n t d"), evidence: "images × regions × features, as the boxes beside it have it"
      )
    }
    if object.shape.count == 2, let positions = self.object("/pos_boxes"),
      positions.shape.count == 2, positions.shape[1] == 2, let ends = wholeNumbers(positions.path)
    {
      let pairs = stride(from: 0, to: ends.count, by: 2).map { [ends[$0], ends[$0 + 1]] }
      restate(object, segments: SegmentList(pairs: pairs, total: object.shape[0]), by: positions)
    }
    for box in boxes where self.object(box.path) != nil {
      leaveOut(box.path, "coordinates of boxes, not a layer")
    }
  }
}

/// A name that ends in the number of a piece.
struct PieceName {
  var stem: String
  var number: Int

  /// `features_01` → features, 1; `acts_batch_3` → acts, 3; `batch0` → batch, 0.
  init?(_ name: String) {
    let digits = name.reversed().prefix(while: { $0.isASCII && $0.isNumber }).count
    guard digits > 0, let number = Int(name.suffix(digits)) else { return nil }
    var words = name.dropLast(digits).split(
      omittingEmptySubsequences: false, whereSeparator: { "_- .".contains($0) }
    ).map(String.init)
    let hadSeparator = words.last == ""
    if hadSeparator { words.removeLast() }
    let kinds = ["batch", "chunk", "part", "shard", "split", "piece"]
    if let last = words.last, kinds.contains(last.lowercased()) {
      if words.count > 1 { words.removeLast() }
    } else {
      // Two digits or more after an underscore, as thingsvision writes them.
      guard hadSeparator, digits >= 2, words.last?.lowercased() == "features" else { return nil }
    }
    stem = words.joined(separator: "_")
    self.number = number
  }
}
