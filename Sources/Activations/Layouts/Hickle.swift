import HDF5

/// hickle (github.com/telegraphic/hickle): a Python object below `/data`, the keys of dictionaries in
/// double quotes, lists of strings as one small dataset an entry.
extension RestatedFile {
  mutating func restateHickle() {
    guard rootAttributes.values["HICKLE_VERSION"] != nil else { return }
    absorb(objects.map(\.path).filter { $0.hasPrefix("/hickle_types_table") })
    restateHickleLists()
    for object in objects where object.path.hasPrefix("/data") {
      let path = RestatedFile.withoutQuotes(object.path)
      guard path != object.path else { continue }
      guard object.dataset != nil, self.object(path) == nil else {
        if object.dataset == nil { absorb([object.path]) }
        continue
      }
      if let view = views[object.path] {
        views[path] = view
        views[object.path] = nil
        rename(object, to: path)
      } else {
        let source = source(object)
        rename(object, to: path)
        views[path] = DatasetView(recipe: .same(source), shape: object.shape)
      }
    }
  }

  /// `/data/"blocks"/"conv1"` → `/blocks/conv1`; `/data` stays.
  private static func withoutQuotes(_ path: String) -> String {
    let names = path.split(separator: "/").map { name -> String in
      let isQuoted = name.count >= 2 && name.hasPrefix("\"") && name.hasSuffix("\"")
      return String(isQuoted ? name.dropFirst().dropLast() : name)
    }
    var own = names.count > 1 ? Array(names.dropFirst()) : names
    // Earlier versions keep the array in a dataset below the key.
    if own.count > 1, own.last == "data_0" || own.last == "data" { own.removeLast() }
    return "/" + own.joined(separator: "/")
  }

  private mutating func restateHickleLists() {
    for group in groups where group.attributes["num_items"] != nil {
      let items = datasets(in: group.path)
      guard !items.isEmpty, items.allSatisfy({ $0.attributes["str_type"] != nil }) else { continue }
      guard items.count <= 20_000 else {
        leaveOut(group.path, "a list of \(items.count) strings, one dataset each: not read")
        continue
      }
      let sorted = items.sorted {
        ($0.attributes["item_index"]?.wholeNumber ?? 0)
          < ($1.attributes["item_index"]?.wholeNumber ?? 0)
      }
      // Each string is an array of single characters.
      let words = sorted.compactMap { strings($0.path)?.joined() }
      absorb(items.map(\.path) + [group.path])
      guard words.count == items.count else {
        skipped.append(
          SkippedInput(file: file.path, object: group.path, reason: "its strings cannot be read"))
        continue
      }
      add(group.path, shape: [words.count], type: .string, .words(words))
    }
  }
}
