import Foundation
import GRDB

/// Results of earlier runs in a folder, by content: each pair of representations that was ever
/// compared under a metric, and what came out.
///
/// The file is a SQLite database, `pairs.sqlite`. A row is found by the digests of both
/// representations and by its ``Procedure``; names of files, models and layers play no part, so that
/// a store serves any zoo and any number of runs, also at the same time. Whatever is deleted is
/// computed again: to clear a store, delete its folder.
///
/// - Values come back bit by bit as they were kept.
/// - Each row carries a check over its key and its result. A row that fails it counts as unknown.
/// - A file that is no database or a damaged one is renamed, never used and never deleted. One that
///   belongs to another program is left alone.
/// - A run that is killed has lost at most the last second of its results. After a crash of the machine the last commits may be missing; those
///   that are there are whole (write-ahead log, `synchronous = NORMAL`).
/// - Size: about 30 bytes a pair and metric.
public final class PairStore: Sendable {
  /// The database file.
  public let path: String
  /// What a user should know about the opening: nothing, or which damaged file was set aside.
  public let notes: [String]
  let queue: DatabaseQueue

  /// How long to wait for another process that writes. A batch is written in well under a second.
  private static let patience = 10.0

  /// Opens the store in `folder`, which is made if need be.
  ///
  /// - Parameter isExclusive: Whether no other process uses the store as long as it is open. Then it
  ///   may lie on a file system of several machines: memory that processes share is not needed.
  /// - Throws: ``StoreFailure`` when there can be no store; the caller goes on without.
  public init(folder: String, isExclusive: Bool = false) throws(StoreFailure) {
    let path = folder + "/pairs.sqlite"
    self.path = path
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw .unusable(path: folder, reason: "the folder cannot be made")
    }
    let lock = FolderGate(folder)
    defer { lock.open() }
    do throws(StoreFailure) {
      queue = try Self.open(path, isExclusive: isExclusive)
      notes = []
    } catch {
      guard case .damaged = error else { throw error }
      let moved = Self.setAside(path)
      guard moved != nil else { throw .damaged(path: path, movedTo: nil) }
      notes = [StoreFailure.damaged(path: path, movedTo: moved).description]
      queue = try Self.open(path, isExclusive: isExclusive)
    }
  }

  /// Writes what is in the log into the file and closes it.
  public func close() { try? queue.close() }

  /// Closes it as one file without a log, which can be read where nothing may be written.
  public func seal() throws(StoreFailure) {
    do {
      try queue.writeWithoutTransaction {
        try $0.execute(sql: "PRAGMA journal_mode = DELETE")
      }
      try queue.close()
    } catch {
      throw failure(error)
    }
  }

  private static func open(
    _ path: String, isExclusive: Bool
  ) throws(StoreFailure) -> DatabaseQueue {
    do {
      var configuration = Configuration()
      configuration.busyMode = .timeout(patience)
      configuration.label = "universality.store"
      if isExclusive {
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA locking_mode = EXCLUSIVE") }
      }
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      // Before anything is written: the file may belong to somebody else.
      let isNew = try queue.read { try StoreSchema.isNew($0, path: path) }
      try queue.writeWithoutTransaction { database in
        // 32 MiB of pages, about a million results, so that they need not come in order.
        try database.execute(
          sql: """
            PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -32768
            """)
      }
      if isNew { try queue.write { try StoreSchema.create($0) } }
      return queue
    } catch let failure as StoreFailure {
      throw failure
    } catch  where StoreFailure.isDamage(error) {
      throw .damaged(path: path, movedTo: nil)
    } catch {
      throw .unusable(path, error)
    }
  }

  /// The failure that an error in the middle of the work amounts to; a damaged file is set aside, so
  /// that the next run starts a new one.
  func failure(_ error: any Error) -> StoreFailure {
    if let failure = error as? StoreFailure { return failure }
    guard StoreFailure.isDamage(error) else { return .unusable(path, error) }
    let lock = FolderGate((path as NSString).deletingLastPathComponent)
    defer { lock.open() }
    return .damaged(path: path, movedTo: Self.setAside(path))
  }

  /// Renames the file and its log to the first free name, and returns that.
  ///
  /// The log goes first: beside a new database it would be taken for that one's own.
  private static func setAside(_ path: String) -> String? {
    let files = FileManager.default
    guard
      let name = (1...999).lazy.map({ "\(path).damaged-\($0)" })
        .first(where: { !files.fileExists(atPath: $0) })
    else { return nil }
    for ending in ["-wal", "-shm"] where files.fileExists(atPath: path + ending) {
      guard rename(path + ending, name + ending) == 0 else { return nil }
    }
    return rename(path, name) == 0 ? name : nil
  }
}

/// One process at a time opens or renames the database of a folder.
///
/// A lock of the kernel on the folder itself: it ends with the process, however that ends. On a file
/// system without such locks the gate is always open; then two processes that meet a damaged file in
/// the same millisecond may lose what either of them keeps.
private struct FolderGate {
  private let descriptor: Int32

  /// Waits for the others.
  init(_ folder: String) {
    descriptor = Foundation.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if descriptor >= 0 { _ = flock(descriptor, LOCK_EX) }
  }

  func open() {
    if descriptor >= 0 { close(descriptor) }
  }
}
