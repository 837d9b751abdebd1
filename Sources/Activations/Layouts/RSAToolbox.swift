import HDF5

/// rsatoolbox: `measurements` of observations × channels (× time), with descriptors of each.
extension RestatedFile {
  mutating func restateRSAToolbox() {
    guard rootAttributes["rsatoolbox_version"] != nil, let object = object("/measurements") else {
      return
    }
    axes["/measurements"] = Axes(
      dims: Dims(object.shape.count == 3 ? "n d t" : "n d"),
      evidence: "rsatoolbox: observations × channels\(object.shape.count == 3 ? " × time" : "")")
    let lists = datasets(in: "/obs_descriptors").filter { $0.shape == [object.shape[0]] }
    let others = objects.map(\.path).filter { path in
      ["/channel_descriptors", "/time_descriptors", "/descriptors"].contains {
        path == $0 || path.hasPrefix($0 + "/")
      }
    }
    // Texts before numbers; a list names observations if no entry occurs twice.
    let ranked = lists.sorted { a, b in
      (a.isText ? 0 : 1, SampleListName.rank(a.name, isText: a.isText) ?? 9, a.name)
        < (b.isText ? 0 : 1, SampleListName.rank(b.name, isText: b.isText) ?? 9, b.name)
    }
    for list in ranked where list.isText || list.isWhole {
      let values =
        list.isText
        ? strings(list.path) : wholeNumbers(list.path).map { $0.map { "\($0)" } }
      guard let values, Set(values).count == values.count else { continue }
      absorb([list.path])
      addIDs(values)
      break
    }
    absorb(others)
  }
}
