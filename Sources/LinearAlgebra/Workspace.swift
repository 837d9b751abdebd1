import Synchronization

/// Memory for `count` elements that need no particular values before they are written.
///
/// It begins at a multiple of 64 bytes: routines of BLAS that do not copy their operands first round
/// differently at other addresses, and equal runs are to give equal bits.
///
/// Unchecked: whoever makes it, or takes it from a ``WorkspacePool``, is alone with it.
final class Workspace<Element: BLASScalar>: @unchecked Sendable {
  let start: UnsafeMutablePointer<Element>
  let count: Int

  init(_ count: Int) {
    self.count = count
    start = UnsafeMutableRawPointer.allocate(
      byteCount: max(1, count) * MemoryLayout<Element>.stride, alignment: 64
    ).bindMemory(to: Element.self, capacity: max(1, count))
  }

  deinit { UnsafeMutableRawPointer(start).deallocate() }
}

/// Workspaces of one size that go from one piece of work to the next: memory that is new to a process
/// costs more than what is computed in it.
final class WorkspacePool<Element: BLASScalar>: Sendable {
  private let count: Int
  private let idle = Mutex<[Workspace<Element>]>([])

  init(_ count: Int) { self.count = count }

  /// Calls `body` with a workspace that nobody else has.
  func with<Result>(_ body: (Workspace<Element>) throws -> Result) rethrows -> Result {
    let workspace = idle.withLock { $0.popLast() } ?? Workspace(count)
    defer { idle.withLock { $0.append(workspace) } }
    return try body(workspace)
  }
}
