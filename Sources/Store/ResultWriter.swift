import Dispatch
import GRDB
import Synchronization

/// Writes rows from any thread to the database, a batch at a time, on a queue of its own.
///
/// The first failure ends the writing: what comes later is dropped, and ``finish()`` tells.
final class ResultWriter: Sendable {
  enum Row: Sendable {
    case pair(procedure: Int64, a: Int64, b: Int64, bits: Int64?, reason: String?, mark: Int64)
    case fact(procedure: Int64, representation: Int64, text: String, mark: Int64)

    /// The place in the file.
    var key: (Int64, Int64, Int64) {
      switch self {
      case .pair(let procedure, let a, let b, _, _, _): (procedure, a, b)
      case .fact(let procedure, let representation, _, _): (procedure, representation, 0)
      }
    }
  }

  private struct State {
    var rows: [Row] = []
    var isScheduled = false
    var failure: StoreFailure?
  }

  /// When this many rows wait (about 20 MB), whoever brings the next ones writes them first: a slow
  /// disk must not fill the memory.
  private static let limit = 1 << 18

  /// A commit waits this long for company: two of them a second cost nothing that can be measured.
  private static let delay = DispatchTimeInterval.milliseconds(500)

  private let store: PairStore
  private let state = Mutex(State())
  private let queue = DispatchQueue(label: "universality.store.writer", qos: .utility)

  init(_ store: PairStore) { self.store = store }

  func add(_ rows: [Row]) {
    let (mustWrite, mustSchedule) = state.withLock { state in
      guard state.failure == nil, !rows.isEmpty else { return (false, false) }
      state.rows += rows
      defer { state.isScheduled = true }
      return (state.rows.count >= Self.limit, !state.isScheduled)
    }
    if mustWrite {
      queue.sync { write() }
    } else if mustSchedule {
      queue.asyncAfter(deadline: .now() + Self.delay) { self.write() }
    }
  }

  func finish() -> StoreFailure? {
    queue.sync { write() }
    return state.withLock { $0.failure }
  }

  /// Runs on the queue.
  private func write() {
    var rows = state.withLock { state in
      defer { state.rows = [] }
      state.isScheduled = false
      return state.rows
    }
    guard !rows.isEmpty else { return }
    // Neighbours in the file one after the other. What was kept last stays last.
    rows.sort { $0.key < $1.key }
    do {
      try store.queue.write { database in
        let pair = try database.cachedStatement(
          sql: "INSERT OR REPLACE INTO pair VALUES (?, ?, ?, ?, ?, ?)")
        let fact = try database.cachedStatement(
          sql: "INSERT OR REPLACE INTO fact VALUES (?, ?, ?, ?)")
        for row in rows {
          switch row {
          case .pair(let procedure, let a, let b, let bits, let reason, let mark):
            try pair.execute(arguments: [procedure, a, b, bits, reason, mark])
          case .fact(let procedure, let representation, let text, let mark):
            try fact.execute(arguments: [procedure, representation, text, mark])
          }
        }
      }
    } catch {
      let failure = store.failure(error)
      state.withLock { state in
        state.failure = failure
        state.rows = []
      }
    }
  }
}
