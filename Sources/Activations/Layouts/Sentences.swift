import Foundation
import HDF5

/// One dataset a sample: sentences as ELMo (AllenNLP) and NeuroX write them, with their texts as JSON
/// in `sentence_to_index`, or any datasets called like samples.
extension RestatedFile {
  mutating func restateSampleDatasets() {
    if let list = object("/sentence_to_index") ?? object("/sentence_to_idx") {
      restateSentences(list)
      return
    }
    let all = datasets.filter { $0.isFloat && !$0.shape.isEmpty }
    if all.count >= 4, areSentences(all) {
      restateSentences(nil)
      return
    }
    for group in Set(datasets.map(\.group)).sorted() {
      let members = datasets(in: group).filter { $0.isFloat && !$0.shape.isEmpty }
      guard members.count >= 4, areSamples(members) else { continue }
      let sorted = members.sorted { NaturalOrder.precedes($0.name, $1.name) }
      let name = group == "/" ? "activations" : ContainerPath.last(group)
      let path = (group == "/" ? "" : group) + "/\(name)"
      guard object(path) == nil else { continue }
      let stack = SampleStack(path: path, members: sorted, masks: [])
      guard restate(stack) else { continue }
      addIDs(sorted.map(\.name), in: group)
      absorb(sorted.map(\.path))
    }
  }

  /// Whether sibling datasets are samples instead of layers: by their names, or because what varies
  /// is the number of positions and not that of features.
  private func areSamples(_ members: [ObjectOutline]) -> Bool {
    let shapes = members.map(\.shape)
    guard Set(shapes.map(\.count)).count == 1, Set(shapes.map(\.last)).count == 1 else {
      return shapes.allSatisfy { $0.count == 2 }
        && members.allSatisfy { SampleName.isSample($0.name) }
    }
    let areNamed =
      members.allSatisfy { SampleName.isSample($0.name) }
      || members.allSatisfy { $0.name.allSatisfy(\.isNumber) }
    let rank = shapes[0].count
    if rank == 1 { return areNamed }
    if Set(shapes).count == 1 {
      return members.allSatisfy { SampleName.isSample($0.name) }
    }
    return areNamed || (rank == 3 && Set(shapes.map(\.[0])).count == 1 && members.count >= 8)
  }

  /// Whether all matrices of a file are sentences that go by their texts (`--use-sentence-keys`); a
  /// slash in a sentence makes a group of what stands before it.
  private func areSentences(_ members: [ObjectOutline]) -> Bool {
    let shapes = members.map(\.shape)
    let rank = shapes[0].count
    return (2...3).contains(rank) && Set(shapes.map(\.count)).count == 1
      && Set(shapes.map(\.last)).count == 1 && Set(shapes.map { $0[rank - 2] }).count > 1
      && (rank == 2 || Set(shapes.map { $0[0] }).count == 1)
      && members.count { $0.path.contains(" ") } * 2 > members.count
  }

  private mutating func restateSentences(_ list: ObjectOutline?) {
    var members = datasets.filter { $0.path != list?.path && $0.isFloat && !$0.shape.isEmpty }
    members.sort { NaturalOrder.precedes($0.path, $1.path) }
    let table = list.flatMap { strings($0.path)?.first }.flatMap { RestatedFile.sentences($0) }
    if let list { absorb([list.path]) }
    let all = members.map { String($0.path.dropFirst()) }
    // A sentence without tokens has no activations.
    let empty = members.filter { $0.shape.contains(0) }
    members.removeAll { $0.shape.contains(0) }
    if !empty.isEmpty {
      notes.add(
        "Samples without any position were left out", "\(file.name): \(empty.count) of \(all.count)"
      )
      absorb(empty.map(\.path))
    }
    let keys = members.map { String($0.path.dropFirst()) }
    var texts: [String: [String]] = [:]
    for (sentence, key) in table ?? [:] { texts[key, default: []].append(sentence) }
    let ids = keys.compactMap { key in texts[key]?.count == 1 ? texts[key]?[0] : nil }
    if list != nil && ids.count < keys.count {
      notes.add(
        "Sentences without a text of their own go by their line number",
        "\(file.name): \(keys.count - ids.count) of \(keys.count)")
    }
    let stack = SampleStack(path: "/layers", members: members, masks: [])
    guard members.count > 1 else { return }
    // (layers, tokens, features) or (tokens, features), even if all sentences are equally long.
    let rank = members[0].shape.count
    let isRagged = Set(members.map(\.shape)).count > 1
    if isRagged || rank == 1 || rank > 3 {
      guard restate(stack) else { return }
    } else {
      add(
        "/layers", shape: [members.count] + members[0].shape,
        type: members[0].dataset?.elementType ?? .float64,
        .samples(members.map { source($0) }), like: members[0],
        axes: Axes(
          dims: Dims(rank == 3 ? "n l t d" : "n t d"),
          evidence: "one dataset a sentence: \(rank == 3 ? "layers × " : "")tokens × features"))
    }
    addIDs(ids.count == keys.count ? ids : keys)
    absorb(members.map(\.path))
  }

  /// `{"a sentence": "0", …}`.
  private static func sentences(_ json: String) -> [String: String]? {
    guard let table = try? JSONDecoder().decode([String: SentenceKey].self, from: Data(json.utf8))
    else { return nil }
    return table.mapValues(\.text)
  }

  /// A key that is text with most writers and a number with some.
  private struct SentenceKey: Decodable {
    var text: String

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let number = try? container.decode(Int.self) {
        text = String(number)
      } else {
        text = try container.decode(String.self)
      }
    }
  }
}

/// The last name of a path.
enum ContainerPath {
  static func last(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? "activations"
  }
}
