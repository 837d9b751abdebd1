import CIsolation
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The reading process as seen by the program that started it (``ReadingProcess`` is its own view).
final class ReadingServer: Sendable {
  private struct Running: ~Copyable {
    let control: Channel
    let process: pid_t
    let confinement: Confinement

    deinit {
      kill(process, SIGKILL)
      var status: Int32 = 0
      while waitpid(process, &status, 0) < 0, errno == EINTR {}
    }
  }

  private struct State: ~Copyable {
    var running: Running?
  }

  private let executable: String
  private let state = Mutex(State())

  /// - Parameter executable: A program that calls ``ReadingProcess/serveIfAsked()``. It is started
  ///   when it is first needed.
  init(executable: String) { self.executable = executable }

  /// A process that reads a file.
  struct Started: ~Copyable {
    let channel: Channel
    let process: pid_t
  }

  /// Starts a process that reads an open file.
  func start(_ file: OpenFile) throws(LibraryFailure) -> Started {
    guard let pair = Channel.pair() else {
      throw Self.cannotStart(String(cString: strerror(errno)))
    }
    let order = ServerOrder.read(
      file: file.descriptor, connection: pair.other.descriptor,
      seconds: ReadingLimits.seconds(fileSize: file.size))
    let process = try state.withLock { (state) throws(LibraryFailure) -> Int in
      if let answer = try self.answer(to: order, &state) { return answer }
      // It may have been ended from outside: once more with a new one.
      state.running = nil
      guard let answer = try self.answer(to: order, &state) else {
        throw Self.cannotStart("it ended")
      }
      return answer
    }
    guard process > 0, let process = pid_t(exactly: process) else {
      throw Self.cannotStart("no more processes")
    }
    return Started(channel: pair.own, process: process)
  }

  /// Ends a process that was started here.
  ///
  /// - Returns: The signal that ended it, 0 if it ended itself, `nil` if that is not known.
  func end(_ process: pid_t) -> Int? {
    state.withLock { state in
      guard state.running != nil else { return nil }
      do throws(LibraryFailure) {
        return try answer(to: .end(process), &state)
      } catch {
        return nil
      }
    }
  }

  /// Ends a process that was started here and is not needed any more.
  func forget(_ process: pid_t) {
    state.withLock { state in
      guard state.running != nil else { return }
      do throws(LibraryFailure) {
        _ = try answer(to: .forget(process), &state)
      } catch {
        // Then it is gone already.
      }
    }
  }

  /// What confines the reading process.
  func confinement() throws(LibraryFailure) -> Confinement {
    try state.withLock { (state) throws(LibraryFailure) -> Confinement in
      try run(&state)
      guard let confinement = state.running?.confinement else { throw Self.cannotStart("it ended") }
      return confinement
    }
  }

  /// - Returns: `nil` if the process is gone.
  private func answer(
    to order: ServerOrder, _ state: inout State
  ) throws(LibraryFailure) -> Int? {
    try run(&state)
    guard let control = state.running?.control.descriptor, order.send(over: control) else {
      return nil
    }
    return Self.receive(Int.self, &state)
  }

  private static func receive<Value: Message>(
    _ type: Value.Type, _ state: inout State
  ) -> Value? {
    do {
      guard let frame = try state.running?.control.receive(atMost: 64, within: 60) else {
        return nil
      }
      var reader = MessageReader(frame)
      return try reader.next(type)
    } catch {
      return nil
    }
  }

  private func run(_ state: inout State) throws(LibraryFailure) {
    guard state.running == nil else { return }
    let (process, descriptor) = try spawned()
    let own = Channel(descriptor)
    do {
      var reader = MessageReader(try own.receive(atMost: 64, within: 60))
      let confinement = try reader.next(Confinement.self)
      state.running = Running(control: own, process: process, confinement: confinement)
    } catch {
      kill(process, SIGKILL)
      waitpid(process, nil, 0)
      throw Self.cannotStart("\(executable) does not answer")
    }
  }

  /// The process and this program's end of the connection to it; the other end is left to it alone,
  /// so that its death is noticed.
  private func spawned() throws(LibraryFailure) -> (process: pid_t, descriptor: Int32) {
    guard let pair = Channel.pair() else {
      throw Self.cannotStart(String(cString: strerror(errno)))
    }
    let process = try spawn(pair.other.descriptor)
    let own = fcntl(pair.own.descriptor, F_DUPFD_CLOEXEC, 10)
    return (process, own)
  }

  private func spawn(_ connection: Int32) throws(LibraryFailure) -> pid_t {
    #if canImport(Glibc) || canImport(Musl)
      var actions = posix_spawn_file_actions_t()
    #else
      var actions: posix_spawn_file_actions_t?
    #endif
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDWR, 0)
    posix_spawn_file_actions_adddup2(&actions, 0, 1)
    posix_spawn_file_actions_adddup2(&actions, 0, 2)
    posix_spawn_file_actions_adddup2(&actions, connection, ReadingProcess.connection)
    var arguments = Self.copied([executable, ReadingProcess.argument])
    var environment = Self.copied(Self.environment())
    defer { for text in arguments + environment { free(text) } }
    var process: pid_t = 0
    let status = posix_spawn(&process, executable, &actions, nil, &arguments, &environment)
    guard status == 0 else {
      throw Self.cannotStart("\(executable): \(String(cString: strerror(status)))")
    }
    return process
  }

  /// As C wants a list of strings: to be freed.
  private static func copied(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] {
    texts.map { text in strdup(text) } + [nil]
  }

  /// Nothing of the user's, save where libraries are found.
  private static func environment() -> [String] {
    var environment = ["OPENBLAS_NUM_THREADS=1", "SWIFT_BACKTRACE=enable=no"]
    if let path = getenv("LD_LIBRARY_PATH") {
      environment.append("LD_LIBRARY_PATH=" + String(cString: path))
    }
    return environment
  }

  private static func cannotStart(_ reason: String) -> LibraryFailure {
    LibraryFailure(
      reason: "the process that reads files cannot be started: \(reason)",
      help: "are processes or memory limited here?")
  }
}
