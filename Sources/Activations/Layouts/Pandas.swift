import HDF5

/// pandas HDFStore over PyTables: a data frame is a group with `axis0` (columns), `axis1` (rows) and
/// one matrix for each type of column.
extension RestatedFile {
  mutating func restatePandas() {
    // The indices of PyTables are groups with a leading underscore.
    for group in groups where group.attributes["CLASS"]?.text == "TINDEX" {
      objects.remove(group.path)
      objects.removeAll(below: group.path)
    }
    for group in groups {
      switch group.attributes["pandas_type"]?.text {
      case "frame": restateFrame(group)
      case "frame_table", "appendable_frame":
        leaveOut(
          group.path, "a data frame in the table format, which is one record a row", isFault: true,
          help: "write it with df.to_hdf(..., format=\"fixed\")")
      default: continue
      }
    }
  }

  private mutating func restateFrame(_ group: ObjectOutline) {
    let members = datasets(in: group.path)
    let byName = Dictionary(
      members.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    func member(_ name: String) -> ObjectOutline? { byName[name] }
    guard let rows = member("axis1"), let columns = member("axis0") else { return }
    var blocks: [ObjectOutline] = []
    var names: [String] = []
    for number in 0..<members.count {
      guard let values = member("block\(number)_values") else { break }
      guard values.dataset?.elementType.isNumeric == true, values.shape.count == 2,
        values.shape[0] == rows.shape.first,
        let items = member("block\(number)_items").flatMap({ entries($0) }),
        items.count == values.shape[1]
      else {
        notes.add(
          "Columns of data frames that are no numbers (pickled objects are never read)",
          "\(file.name)\(values.path)")
        continue
      }
      blocks.append(values)
      names += items
    }
    guard let first = blocks.first, let wanted = entries(columns) else { return }
    var place = Dictionary(zip(names, 0...), uniquingKeysWith: { a, _ in a })
    // Columns of the same name cannot be told apart; then the order of the blocks stays.
    let order =
      place.count == names.count
      ? wanted.compactMap { place.removeValue(forKey: $0) } : Array(names.indices)
    let sources = blocks.map { source($0) }
    let ids = entries(rows)
    let isText = rows.isText
    absorb(members.map(\.path))
    add(
      group.path, shape: [first.shape[0], order.count],
      type: blocks.allSatisfy { $0.dataset?.elementType.fitsSinglePrecision == true }
        ? .float32 : .float64,
      .sideBySide(sources, order: order), attributes: group.attributes, like: first,
      axes: Axes(dims: Dims("n d"), evidence: "a data frame of pandas"))
    objects.remove(group.path) { $0.dataset == nil }
    guard let ids else { return }
    if !isText && ids == ids.indices.map({ String($0) }) { return }
    let list = "/ids of \(group.path.dropFirst().split(separator: "/").joined(separator: " "))"
    add(list, shape: [ids.count], type: .string, .words(ids))
    ownIDs[group.path] = list
  }

  /// The entries of a list as text.
  private func entries(_ object: ObjectOutline) -> [String]? {
    object.isText ? strings(object.path) : wholeNumbers(object.path).map { $0.map { "\($0)" } }
  }
}
