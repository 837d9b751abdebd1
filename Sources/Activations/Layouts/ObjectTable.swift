import HDF5

/// The objects of a file in their order, found by path, by group and by name without a search.
///
/// A change costs what it changes, not what the file holds, so that layouts may take out or replace
/// the objects of a large file one by one. Removed objects leave an empty slot.
struct ObjectTable: Sequence {
  /// The datasets directly in a group, in the order of the file.
  private struct Group {
    var datasets: [Int] = []
    /// Those of one axis.
    var lists: [Int] = []
    /// How many hold whole numbers or records, without which nothing tells samples apart.
    var wholeCount = 0
    /// The groups directly below, whether or not the file lists them.
    var below: [String] = []
  }

  private struct Place: Hashable {
    var group: String
    /// In lower case.
    var name: String
  }

  private var slots: [ObjectOutline?] = []
  /// A number for each slot that grows along the file; between two numbers others find room.
  private var ranks: [Double] = []
  /// The slots in the order of the file, also the empty ones.
  private var sequence: [Int] = []
  private var byPath: [String: [Int]] = [:]
  private var byPlace: [Place: [Int]] = [:]
  private var byName: [String: [Int]] = [:]
  private var groups: [String: Group] = [:]
  /// How many objects were put in since the file was read.
  private(set) var additions = 0

  init(_ objects: [ObjectOutline]) {
    for object in objects { store(object, rank: Double(slots.count), at: slots.count) }
  }

  func makeIterator() -> IndexingIterator<[ObjectOutline]> {
    sequence.compactMap { slots[$0] }.makeIterator()
  }

  /// The first object, the root group of a file.
  var first: ObjectOutline? { firstSlot.flatMap { slots[$0] } }
  private var firstSlot: Int? { sequence.first { slots[$0] != nil } }

  /// The first object of a path.
  subscript(path: String) -> ObjectOutline? { byPath[path]?.first.flatMap { slots[$0] } }

  func datasets(in group: String) -> [ObjectOutline] { outlines(groups[group]?.datasets) }

  /// The datasets of one axis in a group.
  func lists(in group: String) -> [ObjectOutline] { outlines(groups[group]?.lists) }

  /// Whether a group holds whole numbers or records.
  func hasWholeNumbers(in group: String) -> Bool { groups[group]?.wholeCount ?? 0 > 0 }

  /// The datasets in a group that have one of some names, given in lower case, in any case.
  func datasets(named names: some Sequence<String>, in group: String) -> [ObjectOutline] {
    let found = Set(names).flatMap { byPlace[Place(group: group, name: $0)] ?? [] }
    return outlines(found.count > 1 ? found.sorted { ranks[$0] < ranks[$1] } : found)
  }

  /// The datasets of a name, given in lower case, in any group.
  func datasets(named name: String) -> [ObjectOutline] { outlines(byName[name]) }

  private func outlines(_ places: [Int]?) -> [ObjectOutline] {
    (places ?? []).compactMap { slots[$0] }
  }
}

// MARK: - Changes

extension ObjectTable {
  /// Puts an object before the first one of a path, or at the end where there is none.
  mutating func insert(_ object: ObjectOutline, before path: String) {
    additions += 1
    guard let next = byPath[path]?.first else {
      store(object, rank: (sequence.last.map { ranks[$0] } ?? -1) + 1, at: sequence.count)
      return
    }
    let place = position(of: next)
    if rank(before: place) == nil {
      for (position, slot) in sequence.enumerated() { ranks[slot] = Double(position) }
    }
    store(object, rank: rank(before: place) ?? ranks[next], at: place)
  }

  /// Changes the first object of a path.
  mutating func update(_ path: String, _ change: (inout ObjectOutline) -> Void) {
    guard let slot = byPath[path]?.first, var object = slots[slot] else { return }
    forget(slot, object)
    change(&object)
    slots[slot] = object
    find(slot, object)
  }

  mutating func updateFirst(_ change: (inout ObjectOutline) -> Void) {
    if let path = first?.path { update(path, change) }
  }

  /// Takes out the objects of a path that meet a condition.
  mutating func remove(_ path: String, where isGone: (ObjectOutline) -> Bool = { _ in true }) {
    for slot in byPath[path] ?? [] {
      guard let object = slots[slot], isGone(object) else { continue }
      forget(slot, object)
      slots[slot] = nil
    }
  }

  /// Takes out all objects below a group.
  mutating func removeAll(below path: String) {
    // No path begins with two slashes.
    guard path != "/", let group = groups[path] else { return }
    for object in outlines(group.datasets) { remove(object.path) }
    for inner in group.below {
      remove(inner)
      removeAll(below: inner)
    }
  }

  private mutating func store(_ object: ObjectOutline, rank: Double, at position: Int) {
    slots.append(object)
    ranks.append(rank)
    sequence.insert(slots.count - 1, at: position)
    find(slots.count - 1, object)
  }

  private func position(of slot: Int) -> Int {
    sequence.partitioningIndex { ranks[$0] >= ranks[slot] }
  }

  /// A rank between those of two neighbours, `nil` if double precision has none.
  private func rank(before position: Int) -> Double? {
    let upper = ranks[sequence[position]]
    let lower = position > 0 ? ranks[sequence[position - 1]] : upper - 1
    let middle = (lower + upper) / 2
    return lower < middle && middle < upper ? middle : nil
  }

  /// Enters an object under its path, its group and its name.
  private mutating func find(_ slot: Int, _ object: ObjectOutline) {
    Self.add(slot, to: &byPath[object.path, default: []], ranks)
    let group = object.group
    register(object.dataset == nil ? object.path : group)
    guard object.dataset != nil else { return }
    Self.add(slot, to: &groups[group, default: Group()].datasets, ranks)
    if object.shape.count == 1 { Self.add(slot, to: &groups[group, default: Group()].lists, ranks) }
    if object.isWholeOrRecords { groups[group, default: Group()].wholeCount += 1 }
    let name = object.name.lowercased()
    Self.add(slot, to: &byPlace[Place(group: group, name: name), default: []], ranks)
    Self.add(slot, to: &byName[name, default: []], ranks)
  }

  private mutating func forget(_ slot: Int, _ object: ObjectOutline) {
    Self.remove(slot, from: &byPath[object.path, default: []], ranks)
    guard object.dataset != nil else { return }
    let group = object.group
    Self.remove(slot, from: &groups[group, default: Group()].datasets, ranks)
    if object.shape.count == 1 {
      Self.remove(slot, from: &groups[group, default: Group()].lists, ranks)
    }
    if object.isWholeOrRecords { groups[group, default: Group()].wholeCount -= 1 }
    let name = object.name.lowercased()
    Self.remove(slot, from: &byPlace[Place(group: group, name: name), default: []], ranks)
    Self.remove(slot, from: &byName[name, default: []], ranks)
  }

  /// Makes a group and those around it known to each other.
  private mutating func register(_ group: String) {
    guard groups[group] == nil else { return }
    groups[group] = Group()
    guard group != "/" else { return }
    register(group.group)
    groups[group.group]?.below.append(group)
  }

  private static func add(_ slot: Int, to list: inout [Int], _ ranks: [Double]) {
    guard let last = list.last, ranks[last] > ranks[slot] else { return list.append(slot) }
    list.insert(slot, at: list.partitioningIndex { ranks[$0] > ranks[slot] })
  }

  private static func remove(_ slot: Int, from list: inout [Int], _ ranks: [Double]) {
    let place = list.partitioningIndex { ranks[$0] >= ranks[slot] }
    if place < list.count, list[place] == slot { list.remove(at: place) }
  }
}

extension Array {
  /// The first index whose element meets a condition that holds for all elements after it.
  func partitioningIndex(where belongsInSecond: (Element) -> Bool) -> Int {
    var (low, high) = (startIndex, endIndex)
    while low < high {
      let middle = low + (high - low) / 2
      if belongsInSecond(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

extension String {
  /// The path of the group around an object of this path.
  var group: String {
    guard let slash = lastIndex(of: "/"), slash != startIndex else { return "/" }
    return String(self[..<slash])
  }
}

extension ObjectOutline {
  fileprivate var isWholeOrRecords: Bool { isWhole || dataset?.elementType == .compound }
}
