import GRDB

/// Why results are not kept, or not found again. It never changes a result: whoever meets it goes on
/// without the store.
public enum StoreFailure: Error, Sendable, Equatable, CustomStringConvertible {
  /// The folder or the file in it cannot be made, opened or written.
  case unusable(path: String, reason: String)
  /// The file is a database of another program.
  case foreign(path: String)
  /// The file was written by a later version of this program.
  case newer(path: String, schema: Int)
  /// The file is no database, or a damaged one; it now has the name `movedTo`, or could not be moved.
  case damaged(path: String, movedTo: String?)
  /// OpenSSL made no digest.
  case noDigest

  public var description: String {
    switch self {
    case .unusable(let path, let reason): "\(path) cannot be used: \(reason)"
    case .foreign(let path): "\(path) is a database of another program"
    case .newer(let path, let schema):
      "\(path) was written by a later version (schema \(schema)) of this program"
    case .damaged(let path, let movedTo?): "\(path) is damaged; it is now \(movedTo)"
    case .damaged(let path, nil): "\(path) is damaged and cannot be moved out of the way"
    case .noDigest: "no digest of the activations could be made"
    }
  }

  /// What to do about it.
  public var help: String {
    switch self {
    case .unusable(_, let reason) where reason.contains("full"):
      "free some disk space, or choose another folder with --cache"
    case .unusable, .foreign: "choose another folder with --cache, or run with --no-cache"
    case .newer: "choose another folder with --cache, or delete the file"
    case .damaged: "delete it unless you want to look into it; all that is lost is time"
    case .noDigest: "run with --no-cache"
    }
  }
}

extension StoreFailure {
  /// Whether an error of SQLite says that the file itself is broken.
  static func isDamage(_ error: any Error) -> Bool {
    guard let error = error as? DatabaseError else { return false }
    return error.resultCode == .SQLITE_CORRUPT || error.resultCode == .SQLITE_NOTADB
  }

  /// The failure in the words of SQLite.
  static func unusable(_ path: String, _ error: any Error) -> StoreFailure {
    guard let error = error as? DatabaseError else {
      return .unusable(path: path, reason: "\(error)")
    }
    return .unusable(path: path, reason: error.message ?? error.resultCode.description)
  }
}
