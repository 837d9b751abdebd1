import GRDB

/// The tables of the store, version 1.
enum StoreSchema {
  /// "UniP" (universality, pairs): the application id that SQLite keeps in bytes 68 to 71.
  static let applicationID: Int32 = 0x556E_6950
  static let version = 1

  /// Whether the database is empty.
  ///
  /// - Throws: ``StoreFailure`` when it is not ours to use.
  static func isNew(
    _ database: Database, schema name: String = "main", path: String
  ) throws -> Bool {
    let application = try Int32.fetchOne(database, sql: "PRAGMA \(name).application_id") ?? 0
    let schema = try Int.fetchOne(database, sql: "PRAGMA \(name).user_version") ?? 0
    let objects = try Int.fetchOne(database, sql: "SELECT count(*) FROM \(name).sqlite_master") ?? 0
    if objects == 0, application == 0, schema == 0 { return true }
    guard application == applicationID else { throw StoreFailure.foreign(path: path) }
    guard schema <= version else { throw StoreFailure.newer(path: path, schema: schema) }
    return false
  }

  /// Doubles are kept as integers with the same bits: SQLite's own REAL forgets the sign of zero.
  /// `IF NOT EXISTS`: another process may have made them since we looked.
  static func create(_ database: Database) throws {
    try database.execute(
      sql: """
        PRAGMA application_id = \(applicationID);
        PRAGMA user_version = \(version);
        CREATE TABLE IF NOT EXISTS procedure (
          id INTEGER PRIMARY KEY, metric TEXT NOT NULL, conventions TEXT NOT NULL,
          precision TEXT NOT NULL, implementation TEXT NOT NULL,
          UNIQUE (metric, conventions, precision, implementation));
        CREATE TABLE IF NOT EXISTS representation (
          id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE);
        CREATE TABLE IF NOT EXISTS pair (
          procedure INTEGER NOT NULL, a INTEGER NOT NULL, b INTEGER NOT NULL,
          bits INTEGER, reason TEXT, mark INTEGER NOT NULL,
          PRIMARY KEY (procedure, a, b)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS fact (
          procedure INTEGER NOT NULL, representation INTEGER NOT NULL,
          text TEXT NOT NULL, mark INTEGER NOT NULL,
          PRIMARY KEY (procedure, representation)) WITHOUT ROWID;
        """)
  }
}
