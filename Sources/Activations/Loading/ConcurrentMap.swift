import Dispatch
import Synchronization

/// `body` of every item, computed on at most `threads` threads; the results come in the order of
/// the items, whatever the order of their completion.
func concurrentMap<Item: Sendable, Output: Sendable>(
  _ items: [Item], threads: Int, _ body: @Sendable (Item) -> Output
) -> [Output] {
  let workers = max(1, min(threads, items.count))
  if workers == 1 { return items.map(body) }
  let next = Atomic<Int>(0)
  let results = Mutex<[Int: Output]>([:])
  DispatchQueue.concurrentPerform(iterations: workers) { _ in
    while true {
      let index = next.add(1, ordering: .relaxed).oldValue
      guard index < items.count else { return }
      let output = body(items[index])
      results.withLock { $0[index] = output }
    }
  }
  return results.withLock { results in items.indices.compactMap { results[$0] } }
}
