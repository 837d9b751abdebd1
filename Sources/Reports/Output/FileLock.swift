import Foundation

/// A lock of the kernel (`flock`) on a file or a folder. It ends with its process, however that
/// ends: nothing is left behind that a later run would have to judge.
struct FileLock {
  enum State {
    /// It is ours.
    case held
    /// Another process has it.
    case taken
    /// This file system has none.
    case unsupported
  }

  let descriptor: Int32
  let state: State

  /// Tries to get the lock without waiting. `nil` when the file cannot be opened; `errno` says why.
  init?(_ path: String, flags: Int32) {
    descriptor = open(path, flags | O_NOFOLLOW | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { return nil }
    var result: Int32
    repeat { result = flock(descriptor, LOCK_EX | LOCK_NB) } while result != 0 && errno == EINTR
    state = result == 0 ? .held : errno == EWOULDBLOCK ? .taken : .unsupported
  }

  func release() { close(descriptor) }

  /// Whether the file still has this name: another process may have removed it before we had the
  /// lock.
  func isLock(of path: String) -> Bool {
    var (mine, named) = (stat(), stat())
    return fstat(descriptor, &mine) == 0 && lstat(path, &named) == 0
      && mine.st_dev == named.st_dev && mine.st_ino == named.st_ino
  }
}
