import Foundation
import GRDB

/// The part of a store that concerns one run: its procedures and its representations, by index.
///
/// Results are looked up all at once and kept one by one or in blocks, from any thread.
public final class PairTable: Sendable {
  /// The result of one pair.
  public struct Entry: Sendable, Equatable {
    /// The index of the procedure.
    public var procedure: Int
    /// The indices of the representations. (a, b) and (b, a) are two entries.
    public var a: Int
    public var b: Int
    public var result: StoredResult

    public init(procedure: Int, a: Int, b: Int, result: StoredResult) {
      self.procedure = procedure
      self.a = a
      self.b = b
      self.result = result
    }
  }

  /// Something known about one representation under a procedure, as text.
  public struct Fact: Sendable, Equatable {
    public var procedure: Int
    public var representation: Int
    public var text: String

    public init(procedure: Int, representation: Int, text: String) {
      self.procedure = procedure
      self.representation = representation
      self.text = text
    }
  }

  private let store: PairStore
  private let digests: [ContentDigest]
  private let procedureIDs: [Int64]
  private let representationIDs: [Int64]
  /// The check of a row starts with the procedure and the first representation.
  private let marks: [CheckMark]
  private let writer: ResultWriter

  /// Makes the procedures and representations known to the store.
  ///
  /// - Precondition: No digest and no procedure occurs twice.
  public init(
    of store: PairStore, procedures: [Procedure], digests: [ContentDigest]
  ) throws(StoreFailure) {
    precondition(Set(digests).count == digests.count, "a digest occurs twice")
    precondition(Set(procedures).count == procedures.count, "a procedure occurs twice")
    self.store = store
    self.digests = digests
    do {
      (procedureIDs, representationIDs) = try store.queue.write { database in
        (
          try procedures.map { try Self.identifier(of: $0, in: database) },
          try digests.map { try Self.identifier(of: $0, in: database) }
        )
      }
    } catch {
      throw store.failure(error)
    }
    marks = procedures.map { procedure in
      var mark = CheckMark()
      mark.add(procedure)
      return mark
    }
    writer = ResultWriter(store)
  }

  /// Hands over every result that is known about the pairs of this table. `body` must not call the
  /// table or its store.
  ///
  /// - Complexity: about 1 µs a result.
  public func entries(_ body: (Entry) -> Void) throws(StoreFailure) {
    let indices = Dictionary(
      uniqueKeysWithValues: representationIDs.enumerated().map { ($1, $0) })
    do {
      try store.queue.read { database in
        let statement = try database.makeStatement(
          sql: "SELECT b, bits, reason, mark FROM pair WHERE procedure = ? AND a = ?")
        for procedure in procedureIDs.indices {
          for a in digests.indices {
            let rows = try Row.fetchCursor(
              statement, arguments: [procedureIDs[procedure], representationIDs[a]])
            while let row = try rows.next() {
              guard let b = indices[row[0]], let result = Self.result(bits: row[1], reason: row[2])
              else { continue }
              let entry = Entry(procedure: procedure, a: a, b: b, result: result)
              if mark(entry) == row[3] { body(entry) }
            }
          }
        }
      }
    } catch {
      throw store.failure(error)
    }
  }

  /// Hands over every fact that is known about the representations of this table. `body` must not
  /// call the table or its store.
  public func facts(_ body: (Fact) -> Void) throws(StoreFailure) {
    do {
      try store.queue.read { database in
        let statement = try database.makeStatement(
          sql: "SELECT text, mark FROM fact WHERE procedure = ? AND representation = ?")
        for procedure in procedureIDs.indices {
          for index in digests.indices {
            guard
              let row = try Row.fetchOne(
                statement, arguments: [procedureIDs[procedure], representationIDs[index]])
            else { continue }
            let fact = Fact(procedure: procedure, representation: index, text: row[0])
            if mark(fact) == row[1] { body(fact) }
          }
        }
      }
    } catch {
      throw store.failure(error)
    }
  }

  /// Keeps results. They are on their way to the disk within half a second, in one transaction with
  /// whatever else has come by then. The caller does not wait, unless the disk is far behind.
  public func keep(_ entries: [Entry]) {
    writer.add(
      entries.map { entry in
        let (bits, reason): (Int64?, String?) =
          switch entry.result {
          case .value(let value): (Int64(bitPattern: value.bitPattern), nil)
          case .missing(let reason): (nil, reason)
          }
        return .pair(
          procedure: procedureIDs[entry.procedure], a: representationIDs[entry.a],
          b: representationIDs[entry.b], bits: bits, reason: reason, mark: mark(entry))
      })
  }

  /// Keeps facts, in the same way as results.
  public func keep(_ facts: [Fact]) {
    writer.add(
      facts.map { fact in
        .fact(
          procedure: procedureIDs[fact.procedure],
          representation: representationIDs[fact.representation], text: fact.text, mark: mark(fact))
      })
  }

  /// Waits until everything is written.
  ///
  /// - Returns: why results could not be kept, or `nil` when all were.
  public func finish() -> StoreFailure? { writer.finish() }

  private static func result(bits: Int64?, reason: String?) -> StoredResult? {
    switch (bits, reason) {
    case (let bits?, nil): .value(Double(bitPattern: UInt64(bitPattern: bits)))
    case (nil, let reason?): .missing(reason: reason)
    default: nil
    }
  }

  private func mark(_ entry: Entry) -> Int64 {
    var mark = marks[entry.procedure]
    mark.add(digests[entry.a])
    mark.add(digests[entry.b])
    switch entry.result {
    case .value(let value): mark.add(value.bitPattern)
    case .missing(let reason): mark.add(reason)
    }
    return mark.value
  }

  private func mark(_ fact: Fact) -> Int64 {
    var mark = marks[fact.procedure]
    mark.add(digests[fact.representation])
    mark.add(fact.text)
    return mark.value
  }

  private static func identifier(of procedure: Procedure, in database: Database) throws -> Int64 {
    let arguments: StatementArguments = [
      procedure.metric, procedure.conventions, procedure.precision, procedure.implementation,
    ]
    let known = try Int64.fetchOne(
      database,
      sql: """
        SELECT id FROM procedure
        WHERE metric = ? AND conventions = ? AND precision = ? AND implementation = ?
        """, arguments: arguments)
    if let known { return known }
    try database.execute(
      sql: """
        INSERT INTO procedure (metric, conventions, precision, implementation)
        VALUES (?, ?, ?, ?)
        """, arguments: arguments)
    return database.lastInsertedRowID
  }

  private static func identifier(of digest: ContentDigest, in database: Database) throws -> Int64 {
    let bytes = Data(digest.bytes)
    let known = try database.cachedStatement(
      sql: "SELECT id FROM representation WHERE digest = ?")
    if let id = try Int64.fetchOne(known, arguments: [bytes]) { return id }
    try database.cachedStatement(sql: "INSERT INTO representation (digest) VALUES (?)")
      .execute(arguments: [bytes])
    return database.lastInsertedRowID
  }
}
