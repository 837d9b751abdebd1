import CIsolation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The process that files are parsed in: the same program, started again.
///
/// It waits for open files, and forks a process for each, so that no file can do anything to
/// another. It confines itself before the first file: no file can be opened, no connection made, no
/// program started, and memory and time are limited.
public enum ReadingProcess {
  /// The argument that starts the program as the reading process.
  static let argument = "--as-hdf5-reading-process"
  /// Where the started process finds its connection.
  static let connection: Int32 = 3

  /// Serves as the reading process if this program was started as one; then it does not return.
  ///
  /// A program that reads with ``IsolatedReader`` calls this before anything else.
  public static func serveIfAsked() {
    guard CommandLine.arguments.count == 2, CommandLine.arguments[1] == argument else { return }
    var status = stat()
    guard fstat(connection, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { exit(64) }
    serve(Channel(connection))
  }

  /// The program that runs, as a path that can be started.
  public static var ownExecutable: String {
    #if os(Linux)
      // Also right when the file was replaced or deleted in the meantime.
      "/proc/self/exe"
    #elseif canImport(Darwin)
      var size: UInt32 = 0
      _NSGetExecutablePath(nil, &size)
      var path = [CChar](repeating: 0, count: Int(size))
      _NSGetExecutablePath(&path, &size)
      return String(decoding: path.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    #endif
  }

  private static func serve(_ control: consuming Channel) -> Never {
    // Whatever was open in the program that started this one and was not meant for it.
    for descriptor in (connection + 1)..<1024 { close(descriptor) }
    HDF5Library.serialised {}
    ReadingLimits.apply()
    ui_renounce_privileges()
    let confinement = Confinement(
      landlock: Int(ui_forbid_files()), filtersCalls: ui_can_filter_calls() != 0)
    do throws(Channel.Trouble) {
      try control.send(Channel.frame(confinement))
    } catch {
      _exit(0)
    }
    let own = getpid()
    var dying: [pid_t] = []
    while let order = ServerOrder.receive(from: control.descriptor) {
      let answer: Int
      switch order {
      case .read(let file, let connection, let seconds):
        let child = ui_fork()
        if child == 0 {
          ui_die_with_parent()
          guard getppid() == own else { _exit(0) }
          close(control.descriptor)
          ReadingWorker.serve(
            file, over: Channel(connection), seconds: seconds, filter: confinement.filtersCalls)
        }
        close(file)
        close(connection)
        answer = Int(child)
      case .forget(let child):
        kill(child, SIGKILL)
        dying.append(child)
        answer = 0
      case .end(let child):
        // What ended it already stays what ended it.
        kill(child, SIGKILL)
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        answer = Int(ui_was_signalled(status))
      }
      do throws(Channel.Trouble) { try control.send(Channel.frame(answer)) } catch { break }
      dying.removeAll { waitpid($0, nil, WNOHANG) != 0 }
    }
    _exit(0)
  }
}

/// What confines the reading process, besides limits on memory and time.
public struct Confinement: Sendable, Equatable {
  /// The version of Landlock that keeps it from opening files; 0 where the system has none.
  public var landlock: Int
  /// Whether the system calls are filtered (seccomp).
  public var filtersCalls: Bool

  /// Whether nothing is missing.
  public var isComplete: Bool { landlock > 0 && filtersCalls }

  /// Such as "own process, limits, seccomp, Landlock 4".
  public var inWords: String {
    (["own process", "limits"] + (filtersCalls ? ["seccomp"] : [])
      + (landlock > 0 ? ["Landlock \(landlock)"] : [])).joined(separator: ", ")
  }
}

extension Confinement: Message {
  func write(to message: inout MessageWriter) {
    message.put(landlock)
    message.put(filtersCalls)
  }
  init(from message: inout MessageReader) throws(MalformedMessage) {
    self.init(landlock: try message.next(), filtersCalls: try message.next())
  }
}

/// What the reading process is told to do.
enum ServerOrder {
  /// Fork a process that reads an open file and answers over a connection.
  case read(file: Int32, connection: Int32, seconds: Int)
  /// End such a process and say which signal had ended it.
  case end(pid_t)
  /// End such a process without waiting until it is gone.
  case forget(pid_t)

  private static let bytes = 8

  /// - Returns: `nil` if the connection was closed or something else came.
  static func receive(from descriptor: Int32) -> ServerOrder? {
    var bytes = [UInt8](repeating: 0, count: Self.bytes)
    var files: [Int32] = [-1, -1]
    guard ui_receive_files(descriptor, &bytes, bytes.count, &files) == bytes.count else {
      return nil
    }
    let value = bytes[4...].reversed().reduce(0) { $0 << 8 | UInt32($1) }
    switch bytes[0] {
    case 0 where files[0] >= 0 && files[1] >= 0:
      return .read(file: files[0], connection: files[1], seconds: Int(value))
    case 1: return .end(pid_t(bitPattern: value))
    case 2: return .forget(pid_t(bitPattern: value))
    default: return nil
    }
  }

  /// - Returns: Whether it could be sent.
  func send(over descriptor: Int32) -> Bool {
    func encoded(_ kind: UInt8, _ value: UInt32) -> [UInt8] {
      [kind, 0, 0, 0] + withUnsafeBytes(of: value.littleEndian, Array.init)
    }
    switch self {
    case .read(let file, let connection, let seconds):
      let bytes = encoded(0, UInt32(clamping: seconds))
      return ui_send_files(descriptor, bytes, bytes.count, file, connection) == bytes.count
    case .end(let child), .forget(let child):
      let kind: UInt8 = if case .end = self { 1 } else { 2 }
      let bytes = encoded(kind, UInt32(bitPattern: child))
      return ui_send(descriptor, bytes, bytes.count) == bytes.count
    }
  }
}
