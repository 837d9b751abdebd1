import Foundation
import GRDB

extension PairStore {
  /// Adds all results of the store in another folder; those that are there already stay.
  ///
  /// Both are found again by what they were kept under: content and procedure. The checks of the rows
  /// come along. Nothing is written to the other folder.
  ///
  /// - Precondition: No process writes to the other store.
  /// - Throws: ``StoreFailure`` when the other store is none, or is damaged.
  /// - Complexity: O(r log r) for r results of the other store.
  public func add(contentsOf folder: String) throws(StoreFailure) {
    let other = folder + "/pairs.sqlite"
    guard FileManager.default.fileExists(atPath: other) else {
      throw .unusable(path: other, reason: "the file is missing")
    }
    do {
      try queue.writeWithoutTransaction { database in
        try database.execute(sql: "ATTACH DATABASE ? AS other", arguments: [other])
        defer { try? database.execute(sql: "DETACH DATABASE other") }
        try database.execute(sql: "PRAGMA other.locking_mode = EXCLUSIVE")
        if try StoreSchema.isNew(database, schema: "other", path: other) {
          throw StoreFailure.unusable(path: other, reason: "the file is empty")
        }
        try database.inTransaction {
          try database.execute(sql: Self.union)
          return .commit
        }
      }
    } catch let failure as StoreFailure {
      throw failure
    } catch  where StoreFailure.isDamage(error) {
      throw .unusable(path: other, reason: "the file is damaged")
    } catch {
      throw .unusable(other, error)
    }
  }

  /// Procedures and representations have other numbers in each store.
  private static let union = """
    INSERT OR IGNORE INTO main.procedure (metric, conventions, precision, implementation)
      SELECT metric, conventions, precision, implementation FROM other.procedure ORDER BY id;
    INSERT OR IGNORE INTO main.representation (digest)
      SELECT digest FROM other.representation ORDER BY id;
    CREATE TEMP TABLE procedures AS
      SELECT theirs.id AS theirs, ours.id AS ours
      FROM other.procedure AS theirs JOIN main.procedure AS ours
      USING (metric, conventions, precision, implementation);
    CREATE TEMP TABLE representations (theirs INTEGER PRIMARY KEY, ours INTEGER NOT NULL);
    INSERT INTO representations
      SELECT theirs.id, ours.id
      FROM other.representation AS theirs JOIN main.representation AS ours USING (digest);
    INSERT OR IGNORE INTO main.pair
      SELECT procedures.ours, first.ours, second.ours, bits, reason, mark
      FROM other.pair
      JOIN procedures ON procedures.theirs = procedure
      JOIN representations AS first ON first.theirs = a
      JOIN representations AS second ON second.theirs = b;
    INSERT OR IGNORE INTO main.fact
      SELECT procedures.ours, representations.ours, text, mark
      FROM other.fact
      JOIN procedures ON procedures.theirs = procedure
      JOIN representations ON representations.theirs = representation;
    DROP TABLE procedures;
    DROP TABLE representations;
    """
}
