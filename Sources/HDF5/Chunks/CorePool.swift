import Dispatch
import Synchronization

/// The cores that reading may use, shared by all that read at the same time.
///
/// Whoever asks gets its own thread, and as many more as are not in use.
final class CorePool: Sendable {
  private let count: Int
  private let inUse = Mutex(0)

  /// - Parameter count: The most threads in use at a time, as long as no more ask.
  init(count: Int) {
    precondition(count > 0, "\(count) cores")
    self.count = count
  }

  /// The failures of items, of which the one with the lowest index counts.
  final class Failures: Sendable {
    private let first = Mutex<(index: Int, failure: LibraryFailure)?>(nil)

    func add(_ failure: LibraryFailure, at index: Int) {
      first.withLock { first in
        if index < first?.index ?? .max { first = (index, failure) }
      }
    }

    var isEmpty: Bool { first.withLock { $0 == nil } }
    var lowest: LibraryFailure? { first.withLock { $0?.failure } }
  }

  /// Runs `body` on this thread and on free cores.
  ///
  /// Items are handed out in order, one at a time, so that long and short ones balance. After a
  /// failure no new items are handed out; as the earlier ones are finished, the failure that is
  /// thrown does not depend on the number of threads.
  ///
  /// - Parameters:
  ///   - count: The number of items.
  ///   - body: Takes items, by index, until there are none.
  func forEach(
    count items: Int, _ body: @Sendable (_ next: () -> Int?, _ failures: Failures) -> Void
  ) throws(LibraryFailure) {
    guard items > 0 else { return }
    let extra = inUse.withLock { inUse in
      let extra = max(0, min(count - inUse - 1, items - 1))
      inUse += 1 + extra
      return extra
    }
    defer { inUse.withLock { $0 -= 1 + extra } }
    let failures = Failures()
    let taken = Atomic<Int>(0)
    let next: @Sendable () -> Int? = {
      guard failures.isEmpty else { return nil }
      let index = taken.wrappingAdd(1, ordering: .relaxed).oldValue
      return index < items ? index : nil
    }
    if extra == 0 {
      // Without starting a thread, which the reading process must not.
      body(next, failures)
    } else {
      DispatchQueue.concurrentPerform(iterations: 1 + extra) { _ in body(next, failures) }
    }
    if let failure = failures.lowest { throw failure }
  }
}

/// Memory that several threads fill, each a part of its own.
///
/// Unchecked, because the compiler cannot see that the parts are disjoint: chunks of one grid, or
/// pieces of one range.
struct SharedBuffer<Element>: @unchecked Sendable {
  let elements: UnsafeMutableBufferPointer<Element>

  init(_ elements: UnsafeMutableBufferPointer<Element>) { self.elements = elements }
}
