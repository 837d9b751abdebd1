import Foundation
import GRDB
import Testing

@testable import Store

@Suite struct StoreUnionTests {
  private let root = FileManager.default.temporaryDirectory
    .appendingPathComponent("union-tests-\(UUID().uuidString)").path

  private func clean() { try? FileManager.default.removeItem(atPath: root) }

  private func procedure(_ metric: String, _ implementation: String = "1") -> Procedure {
    Procedure(
      metric: metric, conventions: "", precision: "double", implementation: implementation)
  }

  private func digests(_ numbers: [Double]) throws -> [ContentDigest] {
    try numbers.map { number in
      try withUnsafeBytes(of: number) {
        try ContentDigest(rows: 1, columns: 1, elementType: .float64, bytes: $0)
      }
    }
  }

  /// Keeps values i of pairs (i, i + 1) in a store of its own, and a fact about each.
  private func fill(_ name: String, _ metrics: [String], _ numbers: [Double]) throws {
    let store = try PairStore(folder: root + "/" + name, isExclusive: true)
    let table = try PairTable(
      of: store, procedures: metrics.map { procedure($0) }, digests: try digests(numbers))
    for metric in metrics.indices {
      table.keep(
        (0..<numbers.count - 1).map {
          .init(
            procedure: metric, a: $0, b: $0 + 1, result: .value(numbers[$0] + Double(metric) / 3))
        })
      table.keep(
        numbers.indices.map { .init(procedure: metric, representation: $0, text: "\(numbers[$0])") }
      )
    }
    #expect(table.finish() == nil)
    try store.seal()
  }

  @Test func allResultsAreFoundAgainBitByBit() throws {
    defer { clean() }
    // Other orders of procedures and contents, so that every number differs.
    try fill("a", ["cka", "svcca"], [1, 2, 3])
    try fill("b", ["svcca"], [7, 3, 2, 0.1])
    let store = try PairStore(folder: root + "/all")
    try store.add(contentsOf: root + "/b")
    try store.add(contentsOf: root + "/a")
    try store.add(contentsOf: root + "/a")
    let table = try PairTable(
      of: store, procedures: [procedure("cka"), procedure("svcca"), procedure("svcca", "2")],
      digests: try digests([0.1, 1, 2, 3, 7]))
    var found: [PairTable.Entry] = []
    try table.entries { found.append($0) }
    let expected: [(Int, Int, Int, Double)] = [
      (0, 1, 2, 1), (0, 2, 3, 2), (1, 1, 2, 1 + 1.0 / 3), (1, 2, 3, 2 + 1.0 / 3),
      (1, 4, 3, 7), (1, 3, 2, 3), (1, 2, 0, 2),
    ]
    #expect(found.count == expected.count)
    for (metric, a, b, value) in expected {
      #expect(
        found.contains(.init(procedure: metric, a: a, b: b, result: .value(value))),
        "\(metric) \(a) \(b)")
    }
    var facts = 0
    try table.facts { fact in
      facts += 1
      #expect(fact.text == "\([0.1, 1, 2, 3, 7][fact.representation])")
    }
    #expect(facts == 8)
  }

  @Test func aSealedStoreIsOneFileThatNeedsNoWriting() throws {
    defer {
      chmod(root + "/a", 0o755)
      clean()
    }
    try fill("a", ["cka"], [1, 2])
    #expect(try FileManager.default.contentsOfDirectory(atPath: root + "/a") == ["pairs.sqlite"])
    let before = try Data(contentsOf: URL(fileURLWithPath: root + "/a/pairs.sqlite"))
    chmod(root + "/a", 0o555)
    chmod(root + "/a/pairs.sqlite", 0o444)
    try PairStore(folder: root + "/all").add(contentsOf: root + "/a")
    #expect(try FileManager.default.contentsOfDirectory(atPath: root + "/a") == ["pairs.sqlite"])
    #expect(try Data(contentsOf: URL(fileURLWithPath: root + "/a/pairs.sqlite")) == before)
  }

  @Test func whatIsNoStoreIsRefusedAndLeftAlone() throws {
    defer { clean() }
    let store = try PairStore(folder: root + "/all")
    func refusal(_ name: String, _ bytes: Data?) throws -> String {
      let folder = root + "/" + name
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let file = URL(fileURLWithPath: folder + "/pairs.sqlite")
      try bytes?.write(to: file)
      let error = #expect(throws: StoreFailure.self) { try store.add(contentsOf: folder) }
      #expect((try? Data(contentsOf: file)) == bytes)
      return error?.description ?? ""
    }
    #expect(try refusal("none", nil).contains("missing"))
    #expect(try refusal("empty", Data()).contains("empty"))
    #expect(try refusal("text", Data("no database, just words\n".utf8)).contains("damaged"))
    try fill("a", ["cka"], [1, 2, 3])
    var pages = try Data(contentsOf: URL(fileURLWithPath: root + "/a/pairs.sqlite"))
    pages.replaceSubrange(
      4096..<pages.count, with: Data(repeating: 0xA5, count: pages.count - 4096))
    #expect(try refusal("damaged", pages).contains("damaged"))
    let foreign = try DatabaseQueue(path: root + "/foreign.sqlite")
    try foreign.write { try $0.execute(sql: "CREATE TABLE bookmarks (url TEXT)") }
    try foreign.close()
    #expect(
      try refusal("other", Data(contentsOf: URL(fileURLWithPath: root + "/foreign.sqlite")))
        .contains("another program"))
    // The store itself is still good.
    try store.add(contentsOf: root + "/a")
  }

  @Test func aDigestIsRestoredFromItsDescription() throws {
    let digest = try #require(try digests([4]).first)
    #expect(ContentDigest(hexadecimal: digest.description) == digest)
    #expect(ContentDigest(hexadecimal: String(digest.description.dropLast())) == nil)
    #expect(ContentDigest(hexadecimal: "g" + digest.description.dropFirst()) == nil)
    #expect(ContentDigest(hexadecimal: digest.description + "0") == nil)
  }
}
