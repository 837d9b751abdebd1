import Foundation
import GRDB
import Testing

@testable import Store

@Suite struct PairStoreTests {
  private let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("store-tests-\(UUID().uuidString)").path
  private var path: String { folder + "/pairs.sqlite" }

  private let cka = Procedure(
    metric: "cka", conventions: "columns centred", precision: "double", implementation: "1")
  private let svcca = Procedure(
    metric: "svcca", conventions: "columns centred", precision: "double", implementation: "1")

  private func digests(_ count: Int, from first: Int = 0) throws -> [ContentDigest] {
    try (first..<first + count).map { number in
      try withUnsafeBytes(of: Double(number)) {
        try ContentDigest(rows: 1, columns: 1, elementType: .float64, bytes: $0)
      }
    }
  }

  private func entries(_ table: PairTable) throws -> [PairTable.Entry] {
    var entries: [PairTable.Entry] = []
    try table.entries { entries.append($0) }
    return entries.sorted { ($0.procedure, $0.a, $0.b) < ($1.procedure, $1.a, $1.b) }
  }

  private func clean() { try? FileManager.default.removeItem(atPath: folder) }

  /// Opens the store, keeps entries about three representations, and closes it.
  private func keep(_ entries: [PairTable.Entry]) throws {
    let store = try PairStore(folder: folder)
    let table = try PairTable(of: store, procedures: [cka, svcca], digests: digests(3))
    table.keep(entries)
    #expect(table.finish() == nil)
    store.close()
  }

  @Test func valuesComeBackBitByBitAndReasonsWordByWord() throws {
    defer { clean() }
    let values = [0.1 + 0.2, -0.0, 1, .leastNonzeroMagnitude, -.greatestFiniteMagnitude, 1 / 3]
    let kept =
      values.enumerated().map {
        PairTable.Entry(procedure: $0 / 3, a: 2, b: $0 % 3, result: .value($1))
      } + [.init(procedure: 1, a: 0, b: 1, result: .missing(reason: "„constant“ at sample 3"))]
    try keep(kept)
    let store = try PairStore(folder: folder)
    #expect(store.notes.isEmpty)
    let table = try PairTable(of: store, procedures: [cka, svcca], digests: digests(3))
    let found = try entries(table)
    #expect(found.count == kept.count)
    for entry in kept {
      let other = try #require(
        found.first { ($0.procedure, $0.a, $0.b) == (entry.procedure, entry.a, entry.b) })
      switch (entry.result, other.result) {
      case (.value(let x), .value(let y)): #expect(x.bitPattern == y.bitPattern)
      default: #expect(entry.result == other.result)
      }
    }
  }

  @Test func anythingElseInTheKeyIsAnotherResult() throws {
    defer { clean() }
    try keep([.init(procedure: 0, a: 0, b: 1, result: .value(0.5))])
    let store = try PairStore(folder: folder)
    var others = [cka, cka, cka, cka]
    others[0].metric = "cka-debiased"
    others[1].conventions = "rows centred"
    others[2].precision = "single"
    others[3].implementation = "2"
    let table = try PairTable(of: store, procedures: others, digests: digests(3))
    #expect(try entries(table).isEmpty)
    let strangers = try PairTable(of: store, procedures: [cka], digests: digests(3, from: 1))
    #expect(try entries(strangers).isEmpty)
    // The same pair at other places of another run, and not in the other order.
    let reordered = try PairTable(
      of: store, procedures: [svcca, cka], digests: digests(3).reversed())
    #expect(
      try entries(reordered) == [.init(procedure: 1, a: 2, b: 1, result: .value(0.5))])
  }

  @Test func theLaterResultReplacesTheEarlier() throws {
    defer { clean() }
    try keep([.init(procedure: 0, a: 0, b: 1, result: .missing(reason: "not yet"))])
    try keep([.init(procedure: 0, a: 0, b: 1, result: .value(0.25))])
    let store = try PairStore(folder: folder)
    let table = try PairTable(of: store, procedures: [cka], digests: digests(2))
    #expect(try entries(table) == [.init(procedure: 0, a: 0, b: 1, result: .value(0.25))])
  }

  @Test func factsComeBack() throws {
    defer { clean() }
    let store = try PairStore(folder: folder)
    let table = try PairTable(of: store, procedures: [cka, svcca], digests: digests(3))
    let kept = [
      PairTable.Fact(procedure: 0, representation: 2, text: "{\"rank\": 3}"),
      PairTable.Fact(procedure: 1, representation: 0, text: "17"),
    ]
    table.keep(kept)
    #expect(table.finish() == nil)
    var found: [PairTable.Fact] = []
    try table.facts { found.append($0) }
    #expect(found == kept)
  }

  /// Bits that turn over inside a value are nothing that SQLite could notice.
  @Test func aRowThatFailsItsCheckIsUnknown() throws {
    defer { clean() }
    try keep([
      .init(procedure: 0, a: 0, b: 1, result: .value(0.25)),
      .init(procedure: 0, a: 0, b: 2, result: .value(0.75)),
      .init(procedure: 0, a: 1, b: 2, result: .missing(reason: "constant")),
    ])
    let database = try DatabaseQueue(path: path)
    try database.write { database in
      try database.execute(sql: "UPDATE pair SET bits = bits + 1 WHERE a = 1 AND b = 2")
      try database.execute(sql: "UPDATE pair SET reason = 'instant' WHERE reason IS NOT NULL")
    }
    try database.close()
    let store = try PairStore(folder: folder)
    let table = try PairTable(of: store, procedures: [cka], digests: digests(3))
    #expect(try entries(table) == [.init(procedure: 0, a: 0, b: 2, result: .value(0.75))])
  }

  @Test func resultsReachTheDiskWithoutAWordFromTheCaller() throws {
    defer { clean() }
    let store = try PairStore(folder: folder)
    let table = try PairTable(of: store, procedures: [cka], digests: digests(2))
    table.keep([.init(procedure: 0, a: 0, b: 1, result: .value(0.5))])
    // Another connection sees what was committed, and nothing else.
    let other = try DatabaseQueue(path: path)
    var count = 0
    for _ in 0..<600 where count == 0 {
      usleep(50_000)
      count = try other.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM pair") ?? 0 }
    }
    #expect(count == 1)
  }

  @Test func manyThreadsAndTwoStoresOnOneFileLoseNothing() throws {
    defer { clean() }
    let stores = try (0..<2).map { _ in try PairStore(folder: folder) }
    let digests = try digests(100)
    let tables = try stores.map {
      try PairTable(of: $0, procedures: [cka], digests: digests)
    }
    DispatchQueue.concurrentPerform(iterations: 100) { a in
      tables[a % 2].keep(
        (0..<100).map { .init(procedure: 0, a: a, b: $0, result: .value(Double(100 * a + $0))) })
    }
    for table in tables { #expect(table.finish() == nil) }
    let found = try entries(tables[0])
    #expect(found.count == 10_000)
    #expect(found.allSatisfy { $0.result == .value(Double(100 * $0.a + $0.b)) })
  }

  @Test func aFullDiskEndsTheKeepingAndNothingElse() throws {
    defer { clean() }
    let store = try PairStore(folder: folder)
    let digests = try digests(100)
    let table = try PairTable(of: store, procedures: [cka], digests: digests)
    try store.queue.writeWithoutTransaction { database in
      let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
      try database.execute(sql: "PRAGMA max_page_count = \(pages)")
    }
    table.keep(
      (0..<10_000).map { .init(procedure: 0, a: $0 / 100, b: $0 % 100, result: .value(0.5)) })
    let failure = table.finish()
    #expect(failure?.description.contains("full") == true)
    #expect(failure?.help.contains("disk space") == true)
    table.keep([.init(procedure: 0, a: 0, b: 0, result: .value(1))])
    #expect(table.finish() == failure)
    #expect(try entries(table).isEmpty)
  }
}
