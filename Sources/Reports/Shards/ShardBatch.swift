public import Activations
import Foundation
import LinearAlgebra

/// All shards of a batch, found to belong together and to be complete.
public struct ShardBatch: Sendable {
  /// In order: shard 1 first.
  public let folders: [ShardFolder]
  /// In the same order.
  public let records: [ShardRecord]
  /// By layer of the zoo: the digest of its content, or `nil` where it was left out.
  public let contents: [String?]

  /// All files, with the digests that the shards have found.
  private let inputs: [InputFile]

  /// What was asked for, in the words of the first shard.
  public var request: ShardRecord.Request { records[0].request }
  public var program: ShardRecord.Program { records[0].program }

  /// Finds the shards of a batch and checks them against each other.
  ///
  /// - Parameter paths: Folders of shards, or folders that hold some.
  /// - Throws: ``ShardError`` when one is missing, there twice, unfinished, or of another batch. It
  ///   says which.
  public init(paths: [String]) throws {
    var places: Set<String> = []
    let found = try paths.flatMap { try ShardFolder.all(at: $0) }.filter {
      places.insert(URL(fileURLWithPath: $0.path).resolvingSymlinksInPath().path).inserted
    }
    folders = found.sorted { ($0.number.index, $0.path) < ($1.number.index, $1.path) }
    try Self.checkNumbers(folders)
    let records = try folders.map { try $0.readRecord() }
    // What the shards so far know together.
    var common = records[0]
    for (folder, record) in zip(folders, records).dropFirst() {
      if let difference = record.difference(from: common) {
        throw ShardError(
          "the shards do not belong together: \(folder.path) \(difference), unlike those before "
            + "it (\(folders[0].path))",
          help: "put shards of one batch together; run those that differ again")
      }
      common.absorb(record)
    }
    contents = try common.contents()
    inputs = common.inputs
    self.records = records
  }

  /// The zoo without its numbers: what the matrices of the shards are about.
  public var activations: ActivationSet {
    let first = records[0]
    let live = first.layers.indices.filter { contents[$0] != nil }
    let models = Set(live.map { first.layers[$0].model }).sorted()
    let place = Dictionary(uniqueKeysWithValues: models.enumerated().map { ($1, $0) })
    return ActivationSet(
      models: models.map { first.models[$0] },
      representations: live.compactMap { index in
        let layer = first.layers[index]
        return place[layer.model].map { model in
          Representation(
            matrix: Matrix(rows: 0, columns: 0), model: model, layer: layer.name,
            order: layer.order, depth: layer.depth, isOutput: layer.isOutput, source: layer.source)
        }
      },
      alignment: first.alignment, notes: Self.distinct(records.flatMap(\.notes)),
      skipped: Self.distinct(records.flatMap(\.skipped)), inputs: inputs)
  }

  private static func checkNumbers(_ folders: [ShardFolder]) throws {
    let first = folders[0]
    if let other = folders.first(where: { $0.number.count != first.number.count }) {
      throw ShardError(
        "shards of two batches: \(first.path) and \(other.path)", help: "name one of them")
    }
    for (folder, next) in zip(folders, folders.dropFirst())
    where folder.number.index == next.number.index {
      throw ShardError(
        "shard \(folder.number) is there twice: \(folder.path) and \(next.path)",
        help: "name one of them")
    }
    let finished = Set(folders.filter(\.isFinished).map(\.number.index))
    let missing = (1...first.number.count).filter { !finished.contains($0) }
    guard missing.isEmpty else {
      let begun = folders.filter { !$0.isFinished }.map(\.number.index)
      throw ShardError(
        "shard\(missing.count == 1 ? "" : "s") \(Self.abridged(missing)) of \(first.number.count) "
          + "\(missing.count == 1 ? "is" : "are") missing"
          + (begun.isEmpty ? "" : " (begun, but not finished: \(Self.abridged(begun)))"),
        help: "run \(missing.count == 1 ? "it" : "them") with --shard "
          + "\(missing[0])/\(first.number.count)\(missing.count == 1 ? "" : " …") and the other "
          + "options as before; what a shard has found is kept")
    }
  }

  /// Such as `2, 5–7`.
  private static func abridged(_ numbers: [Int]) -> String {
    var ranges: [ClosedRange<Int>] = []
    for number in numbers {
      if let last = ranges.last, last.upperBound + 1 == number {
        ranges[ranges.count - 1] = last.lowerBound...number
      } else {
        ranges.append(number...number)
      }
    }
    return ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)–\($0.upperBound)" }
      .joined(separator: ", ")
  }

  private static func distinct<Item: Hashable>(_ list: [Item]) -> [Item] {
    var seen: Set<Item> = []
    return list.filter { seen.insert($0).inserted }
  }
}

extension ShardRecord {
  /// Adds what another shard of the batch knows.
  fileprivate mutating func absorb(_ other: ShardRecord) {
    for index in layers.indices where layers[index].state == .elsewhere {
      layers[index].state = other.layers[index].state
    }
    for index in inputs.indices where inputs[index].sha256.isEmpty {
      inputs[index] = other.inputs[index]
    }
  }

  /// The digest of each layer, or `nil` where it was left out.
  fileprivate func contents() throws -> [String?] {
    try layers.indices.map { index in
      switch layers[index].state {
      case .read(let content): content
      case .leftOut: nil
      case .elsewhere:
        throw ShardError(
          "no shard has read \(name(ofLayer: index))",
          help: "the records of the shards were changed; run them again")
      }
    }
  }
}
