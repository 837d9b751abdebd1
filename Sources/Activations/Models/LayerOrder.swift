import HDF5

/// The order and depth of the layers of one model.
enum LayerOrder {
  struct Entry {
    var name: String
    var attributes: Attributes
    var inCreationOrder: Bool
    /// The place in the file.
    var position: Int
    /// The index along the layer axis of a stack, 0 otherwise.
    var slice: Int

    var isOutput: Bool { LayerOrder.isOutput(name: name, kind: attributes["kind"]?.text) }
  }

  /// For each layer its place from 0 and its relative depth from 0 to 1.
  ///
  /// Order: attribute `order`, `index` or `layer_index` if all layers have it, else the order of
  /// creation if the file tracks it, else the natural order of names with outputs last. Depth: attribute `depth` if
  /// all have it within 0…1, else the place divided by the last place; 1 for a single layer.
  static func placed(_ entries: [Entry]) -> [(order: Int, depth: Double)] {
    let given = entries.map { $0.attributes["order", "index", "layer_index"]?.realNumber }
    let isNumbered = given.allSatisfy { $0 != nil }
    let isTracked = entries.allSatisfy(\.inCreationOrder)
    let sorted = entries.indices.sorted { a, b in
      let (x, y) = (entries[a], entries[b])
      if isNumbered, let p = given[a], let q = given[b], p != q { return p < q }
      if isTracked && !isNumbered && x.position != y.position { return x.position < y.position }
      if x.position == y.position { return x.slice < y.slice }
      if !isNumbered && x.isOutput != y.isOutput { return y.isOutput }
      return NaturalOrder.precedes(x.name, y.name)
    }
    var places = Array(repeating: 0, count: entries.count)
    for (place, index) in sorted.enumerated() { places[index] = place }
    let depths = entries.map { $0.attributes["depth"]?.realNumber }
    let hasStack = Set(entries.map(\.position)).count < entries.count
    let areGiven = !hasStack && depths.allSatisfy { $0.map { (0...1).contains($0) } ?? false }
    return entries.indices.map { index in
      let relative =
        entries.count > 1 ? Double(places[index]) / Double(entries.count - 1) : 1
      return (places[index], areGiven ? depths[index] ?? relative : relative)
    }
  }

  /// Whether only names order the layers of a model although they are not numbered throughout, so
  /// that the order is unlikely to be that of the network.
  static func isDoubtful(_ entries: [Entry]) -> Bool {
    let isNumbered = entries.allSatisfy {
      $0.attributes["order", "index", "layer_index", "depth"]?.realNumber != nil
    }
    if isNumbered || entries.allSatisfy(\.inCreationOrder) { return false }
    let kinds = Set(entries.filter { !$0.isOutput }.map { $0.name.filter { !$0.isNumber } })
    return kinds.count > 1
  }

  /// Whether a layer is the output of its model, by attribute `kind` or by the last part of its name
  /// (parts are apart by `/` or `.`).
  static func isOutput(name: String, kind: String?) -> Bool {
    if let kind, ["logits", "output"].contains(kind) { return true }
    let last = name.split { $0 == "/" || $0 == "." }.last?.lowercased() ?? ""
    return ["logits", "output", "fc_out", "head", "classifier"].contains(last)
  }
}
