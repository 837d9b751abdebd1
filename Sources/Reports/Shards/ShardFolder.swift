import Foundation
public import Zoo

/// The folder of one shard, `shard-2-of-7` in the folder of the batch: its results, and at the end its
/// record.
public struct ShardFolder: Sendable, Equatable {
  public let path: String
  public let number: ShardNumber

  static let record = "shard.json"

  /// The folder of a shard in that of its batch.
  public init(_ number: ShardNumber, in batch: String) {
    let digits = String(number.index)
    let width = String(number.count).count
    let index = String(repeating: "0", count: width - digits.count) + digits
    path = "\(batch)/shard-\(index)-of-\(number.count)"
    self.number = number
  }

  /// The folder at a path, if its name is that of a shard.
  public init?(_ path: String) {
    let url = URL(fileURLWithPath: path).standardizedFileURL
    guard
      let match = url.lastPathComponent.wholeMatch(of: /shard-0*([0-9]{1,9})-of-([0-9]{1,9})/),
      let index = Int(match.1), let count = Int(match.2),
      let number = ShardNumber(index, of: count)
    else { return nil }
    self.path = path
    self.number = number
  }

  /// The folders of shards at a path: it may be one, or hold some.
  ///
  /// - Throws: ``ShardError`` when there is none.
  public static func all(at path: String) throws -> [ShardFolder] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw ShardError("\(path) does not exist", help: "name the folder that -o named")
    }
    if let folder = ShardFolder(path), isFolder.boolValue { return [folder] }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    let folders = names.sorted().compactMap { ShardFolder(path + "/" + $0) }
    guard !folders.isEmpty else {
      throw ShardError(
        "\(path) holds no shards (folders with names such as shard-2-of-7)",
        help: "name the folder that -o named when the shards were made")
    }
    return folders
  }

  /// Whether the shard has finished.
  public var isFinished: Bool {
    FileManager.default.fileExists(atPath: path + "/" + Self.record)
  }

  /// Writes the record, as the last thing a shard does.
  public func write(_ record: ShardRecord) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let staging = try Staging(in: path)
    try SyncedFile.write(
      String(decoding: try encoder.encode(record), as: UTF8.self) + "\n",
      to: staging.file(Self.record))
    try staging.publish(Self.record)
    SyncedFile.syncFolder(path)
  }

  /// Reads the record.
  ///
  /// - Throws: ``ShardError`` when it is none.
  public func readRecord() throws -> ShardRecord {
    guard let data = FileManager.default.contents(atPath: path + "/" + Self.record) else {
      throw ShardError(
        "\(path) has not finished", help: "run it again; what it has found is kept")
    }
    guard let record = try? JSONDecoder().decode(ShardRecord.self, from: data), record.schema == 1,
      record.isConsistent
    else {
      throw ShardError(
        "\(path)/\(Self.record) is no record of a shard, or one of another version",
        help: "run the shard again")
    }
    guard record.shard == number.index, record.shards == number.count else {
      throw ShardError(
        "\(path) holds shard \(record.shard)/\(record.shards)",
        help: "give the folder its name back: shard-\(record.shard)-of-\(record.shards)")
    }
    return record
  }
}

extension ShardRecord {
  /// Whether its parts fit together: a record is a file that anybody can have changed.
  fileprivate var isConsistent: Bool {
    layers.allSatisfy { models.indices.contains($0.model) }
  }
}

/// Shards that cannot be put together: what and where, and what to do about it.
public struct ShardError: Error, Sendable, Equatable, CustomStringConvertible {
  public let description: String
  public let help: String

  init(_ description: String, help: String) {
    self.description = description
    self.help = help
  }
}
