import Foundation
import GRDB
import Testing

@testable import Store

/// Files that are not, or no longer, what the store wrote.
@Suite struct DamageTests {
  private let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("store-damage-\(UUID().uuidString)").path
  private var path: String { folder + "/pairs.sqlite" }
  private let procedure = Procedure(
    metric: "cka", conventions: "", precision: "double", implementation: "1")

  private func clean() { try? FileManager.default.removeItem(atPath: folder) }

  private func failure(_ body: () throws -> Void) -> StoreFailure? {
    do {
      try body()
      return nil
    } catch { return error as? StoreFailure }
  }

  private func digests(_ count: Int) throws -> [ContentDigest] {
    try (0..<count).map { number in
      try withUnsafeBytes(of: Double(number)) {
        try ContentDigest(rows: 1, columns: 1, elementType: .float64, bytes: $0)
      }
    }
  }

  @Test func aFileThatIsNoDatabaseIsSetAside() throws {
    defer { clean() }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let text = Data(String(repeating: "no database at all\n", count: 400).utf8)
    for round in 1...2 {
      try text.write(to: URL(fileURLWithPath: path))
      let store = try PairStore(folder: folder)
      #expect(store.notes == ["\(path) is damaged; it is now \(path).damaged-\(round)"])
      #expect(FileManager.default.contents(atPath: "\(path).damaged-\(round)") == text)
      let table = try PairTable(of: store, procedures: [procedure], digests: digests(2))
      table.keep([.init(procedure: 0, a: 0, b: 1, result: .value(1))])
      #expect(table.finish() == nil)
      store.close()
    }
  }

  /// Wherever the damage is, the run goes on: at once, or at the next opening.
  @Test func aDatabaseWithOverwrittenPagesIsSetAside() throws {
    defer { clean() }
    let digests = try digests(120)
    var wasDamaged = 0
    for page in [0, 1, 3, 5, 8, 13] {
      let store = try PairStore(folder: folder)
      let table = try PairTable(of: store, procedures: [procedure], digests: digests)
      table.keep(
        (0..<14_400).map { .init(procedure: 0, a: $0 / 120, b: $0 % 120, result: .value(0.5)) })
      #expect(table.finish() == nil)
      store.close()
      let file = try #require(FileHandle(forUpdatingAtPath: path))
      try file.seek(toOffset: UInt64(4096 * page + (page == 0 ? 100 : 0)))
      try file.write(contentsOf: Data(repeating: 0xA5, count: 1024))
      try file.close()
      let failure = failure {
        let store = try PairStore(folder: folder)
        wasDamaged += store.notes.count
        defer { store.close() }
        let table = try PairTable(of: store, procedures: [procedure], digests: digests)
        try table.entries { #expect($0.result == .value(0.5)) }
      }
      if let failure {
        guard case .damaged(path, .some) = failure else {
          Issue.record("page \(page): \(failure)")
          continue
        }
        wasDamaged += 1
      }
      clean()
    }
    #expect(wasDamaged >= 3)
  }

  @Test func aDatabaseOfAnotherProgramIsLeftAlone() throws {
    defer { clean() }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let other = try DatabaseQueue(path: path)
    try other.write { try $0.execute(sql: "CREATE TABLE precious (x)") }
    try other.close()
    let before = FileManager.default.contents(atPath: path)
    #expect(failure { _ = try PairStore(folder: folder) } == .foreign(path: path))
    #expect(FileManager.default.contents(atPath: path) == before)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["pairs.sqlite"])
  }

  @Test func aFileOfALaterVersionIsLeftAlone() throws {
    defer { clean() }
    try PairStore(folder: folder).close()
    let later = try DatabaseQueue(path: path)
    try later.write { try $0.execute(sql: "PRAGMA user_version = 2") }
    try later.close()
    #expect(failure { _ = try PairStore(folder: folder) } == .newer(path: path, schema: 2))
  }

  @Test func aFolderThatCannotBeMadeIsSaid() throws {
    defer { clean() }
    try Data().write(to: URL(fileURLWithPath: folder))
    let failure = try #require(failure { _ = try PairStore(folder: folder + "/cache") })
    #expect(failure.description.contains("cannot be made"))
    #expect(failure.help.contains("--no-cache"))
  }

  @Test func aFileThatCannotBeWrittenIsSaid() throws {
    defer { clean() }
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: true)
    guard case .unusable(path, _)? = failure({ _ = try PairStore(folder: folder) }) else {
      Issue.record("a folder was taken for a database")
      return
    }
  }
}
