import Foundation
import HDF5

/// The rows of one model in several files, each written by one process or after one batch.
extension FileAssembly {
  /// `acts_rank0.h5`, `shard-01.h5`, `train_part3.h5`, `x-00001-of-00004.safetensors`.
  private static func shardName(_ path: String) -> (name: NumberedName, number: Int, total: Int?)? {
    let name = lastName(path)
    let dot = name.firstIndex(of: ".") ?? name.endIndex
    var stem = String(name[..<dot])
    var total: Int?
    if let range = stem.range(of: "-of-"), let count = Int(stem[range.upperBound...]) {
      total = count
      stem = String(stem[..<range.lowerBound])
    }
    // The number may stand in the middle: `rank0_acts`.
    let kinds = ["rank", "shard", "part", "chunk", "batch", "proc", "worker", "gpu"]
    let lower = stem.lowercased()
    for kind in kinds {
      guard let range = lower.range(of: kind, options: .backwards) else { continue }
      let before = lower[..<range.lowerBound].last
      guard before == nil || before?.isLetter == false else { continue }
      var rest = lower[range.upperBound...]
      let separator = rest.prefix { "_-=.".contains($0) }
      rest = rest.dropFirst(separator.count)
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      guard !digits.isEmpty, let number = Int(digits) else { continue }
      let head = lower.distance(from: lower.startIndex, to: range.lowerBound)
      let after = stem.dropFirst(head + kind.count + separator.count + digits.count)
      return (
        NumberedName(
          folder: folder(of: path), prefix: String(stem.prefix(head)),
          suffix: String(after) + String(name[dot...])), number, total
      )
    }
    guard total != nil else { return nil }
    let digits = stem.reversed().prefix { $0.isASCII && $0.isNumber }.count
    guard digits > 0, let number = Int(stem.suffix(digits)) else { return nil }
    return (
      NumberedName(
        folder: folder(of: path), prefix: String(stem.dropLast(digits)),
        suffix: String(name[dot...])),
      number, total
    )
  }

  static func shards(_ files: [RestatedFile], _ reader: any FileReading) -> [Group] {
    var families: [NumberedName: [(place: Int, number: Int)]] = [:]
    var totals: [NumberedName: Int] = [:]
    for index in files.indices where !matrices(of: files[index]).isEmpty {
      guard let found = shardName(files[index].file.path) else { continue }
      families[found.name, default: []].append((index, found.number))
      if let total = found.total { totals[found.name] = total }
    }
    return families.sorted { ($0.key.folder, $0.key.prefix) < ($1.key.folder, $1.key.prefix) }
      .compactMap { name, members in
        guard members.count > 1 else { return nil }
        let sorted = members.sorted { $0.number < $1.number }
        return joined(
          sorted.map { files[$0.place] }, numbers: sorted.map(\.number), total: totals[name],
          name: name, reader: reader
        ).map { Group(places: members.map(\.place), file: $0) }
      }
  }

  private static func joined(
    _ members: [RestatedFile], numbers: [Int], total: Int?, name: NumberedName,
    reader: any FileReading
  ) -> RestatedFile? {
    let first = members[0]
    let layers = matrices(of: first).filter { hasSamplesFirst($0, in: first) }
    guard !layers.isEmpty, members.allSatisfy({ fits($0, layers) }) else { return nil }
    let rows = members.map { $0.object(layers[0].path)?.shape.first ?? 0 }
    let lists = first.datasets.filter { list in
      list.shape.count == 1 && (list.isText || list.isWhole)
        && zip(members, rows).allSatisfy { member, count in
          member.object(list.path)?.shape == [count]
        }
    }
    let indexList = lists.first { $0.isWhole && isRowNumbers($0.name) }
    let places = indexList.map { list in
      members.map {
        (try? SampleIDs.wholeNumbers(in: list.path, of: $0.file.path, reader: reader)) ?? []
      }
    }
    let idList = lists.first {
      $0.path != indexList?.path && SampleListName.rank($0.name, isText: $0.isText) != nil
    }
    // Files that hold the same samples are models, not shards.
    if let idList {
      let ids = members.map { member in
        (try? SampleIDs(
          SampleList(
            path: idList.path, group: idList.group, name: idList.name,
            length: member.object(idList.path)?.shape.first ?? 0, isText: idList.isText),
          of: member.file.path, reader: reader))?.values ?? []
      }
      guard Set(ids.flatMap { $0 }).count * 10 > ids.flatMap({ $0 }).count * 9 else { return nil }
    }
    let range = "{\(numbers.first ?? 0)…\(numbers.last ?? 0)}"
    let kind = lastName(first.file.path).dropFirst(name.prefix.count)
      .prefix { !$0.isNumber }
    let path = [name.folder, name.prefix + kind + range + name.suffix]
      .filter { !$0.isEmpty }.joined(separator: "/")
    let stem = (name.prefix + (name.suffix.firstIndex(of: ".").map { name.suffix[..<$0] } ?? ""))
      .trimmingCharacters(in: CharacterSet(charactersIn: "_-. "))
    var result = union(
      members, path: path, stem: stem.isEmpty ? lastName(name.folder) : stem)
    let isComplete =
      numbers == Array(numbers[0]..<numbers[0] + numbers.count) && numbers[0] <= 1
      && (total == nil || total == numbers.count)
    if !isComplete {
      result.skipped.append(
        SkippedInput(
          file: path,
          reason: "shards are missing (there are \(numbers)"
            + (total.map { " of \($0)" } ?? "") + ")", help: "add the other shards"))
      if places == nil && idList == nil { return result }
    }
    let order = rowOrder(places, &result)
    let ownLists = lists.filter { $0.isWhole && isRowNumbers($0.name) }.map(\.path)
    for object in layers + lists where !ownLists.contains(object.path) {
      // A layer may have row numbers of its own.
      var own = order
      if let list = ownLists.first(where: { $0.hasPrefix(object.path + "_") }),
        list != indexList?.path
      {
        own = rowOrder(
          members.map {
            (try? SampleIDs.wholeNumbers(in: list, of: $0.file.path, reader: reader)) ?? []
          }, &result)
      }
      add(object, of: members, rows: own, to: &result)
    }
    if let places, let order, idList == nil {
      let flat = places.flatMap { $0 }
      result.addIDs(order.map { String(flat[$0]) })
    }
    result.notes.add(
      places == nil && idList == nil
        ? "Shards without row numbers or ids were joined in the order of their numbers"
        : "Shards read as one", "\(path) (\(members.count) files)")
    return result
  }

  /// Whether a file has all of some layers, with the same axes but the first.
  private static func fits(_ file: RestatedFile, _ layers: [ObjectOutline]) -> Bool {
    let own = Dictionary(grouping: matrices(of: file), by: \.path)
    return own.count >= layers.count
      && layers.allSatisfy { layer in
        (own[layer.path] ?? []).contains {
          $0.shape.count == layer.shape.count
            && $0.shape.dropFirst() == layer.shape.dropFirst()
            && $0.dataset?.elementType == layer.dataset?.elementType
        }
      }
  }

  private static func isRowNumbers(_ name: String) -> Bool {
    let name = name.lowercased()
    return ["inds", "indices", "idx", "index", "rows", "global_index", "global_idx"].contains {
      name == $0 || name.hasSuffix("_" + $0)
    } || name.contains("_inds")
  }

  /// The rows of all shards in the order of their numbers, each number once.
  private static func rowOrder(_ places: [[Int]]?, _ result: inout RestatedFile) -> [Int]? {
    guard let flat = places?.flatMap({ $0 }), !flat.isEmpty else { return nil }
    var seen: Set<Int> = []
    let kept = flat.indices.filter { seen.insert(flat[$0]).inserted }
    if kept.count < flat.count {
      result.notes.add(
        "Rows that several shards hold (a sampler that fills up ranks): the first was kept",
        "\(result.file.name): \(flat.count - kept.count)")
    }
    return kept.sorted { flat[$0] < flat[$1] }
  }

  /// Adds a dataset of all members, its rows joined and brought into an order.
  private static func add(
    _ object: ObjectOutline, of members: [RestatedFile], rows order: [Int]?,
    to result: inout RestatedFile
  ) {
    let sources = members.compactMap { member in
      member.object(object.path).map { source($0, of: member) }
    }
    guard sources.count == members.count, let type = object.dataset?.elementType else { return }
    let count = sources.reduce(0) { $0 + $1.shape[0] }
    let rest = Array(object.shape.dropFirst())
    let axes = members[0].axes[object.path]
    guard let order else {
      result.add(
        object.path, shape: [count] + rest, type: type, .pieces(sources),
        attributes: object.attributes, like: object, axes: axes)
      return
    }
    let hidden = object.path + "/\u{0}"
    result.views[hidden] = DatasetView(recipe: .pieces(sources), shape: [count] + rest)
    let whole = DatasetView.Source(
      file: result.file.path, dataset: hidden, shape: [count] + rest, isStored: false)
    result.add(
      object.path, shape: [order.count] + rest, type: type, .rows(whole, order),
      attributes: object.attributes, like: object, axes: axes)
  }
}
