import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Reads files with libhdf5 in processes of their own: a file can crash, hang or take over the
/// process that parses it, and becomes one failure that names it.
///
/// The process gets an open file and can open no other, has no network, starts no program, and has
/// limits on memory and time. It says where numbers lie; they are read and decoded in this process,
/// by decoders with bounds, on all cores. Everything it says is taken for hostile.
///
/// The program must call ``ReadingProcess/serveIfAsked()`` before anything else.
public final class IsolatedReader: FileReading {
  private let server: ReadingServer
  private let cores: CorePool
  private let state = Mutex(State())

  private struct State {
    /// What is known of each file that was looked at, by path.
    var histories: [String: History] = [:]
    /// Open files with their processes, the one used last at the end.
    var sessions: [(path: String, session: ReadingSession)] = []
  }

  private struct History {
    var identity: FileIdentity
    var crashes = 0
    /// Why the file is not opened again.
    var refusal: LibraryFailure?
  }

  /// As many files are kept open: a reader of many files goes from one to the next.
  private static let openFiles = 32
  /// After as many crashes a file is given up.
  private static let crashes = 3

  /// - Parameters:
  ///   - executable: The program that is started to read: this one, or another that calls
  ///     ``ReadingProcess/serveIfAsked()``.
  ///   - threads: The most threads that decode numbers at a time.
  public init(executable: String = ReadingProcess.ownExecutable, threads: Int = 1) {
    server = ReadingServer(executable: executable)
    cores = CorePool(count: threads)
  }

  /// What confines the reading process on this system.
  ///
  /// - Throws: ``FileFailure`` if the process cannot be started.
  public func confinement() throws -> Confinement {
    do throws(LibraryFailure) {
      return try server.confinement()
    } catch {
      throw error.at(file: ReadingProcess.argument)
    }
  }

  public func outline(of file: String) throws -> FileOutline {
    guard case (.outline(var outline), let opened) = try ask(.outline, about: file) else {
      throw Self.nonsense.at(file: file)
    }
    outline.file = file
    for index in outline.faults.indices { outline.faults[index].file = file }
    return outline.limited(toFileOf: opened.size)
  }

  public func storedNumbers(
    in dataset: String, of file: String, rows: Range<Int>?
  ) throws -> Numbers {
    guard
      case (.numberPlan(let plan), let opened) = try ask(
        .numberPlan(dataset: dataset, rows: rows), about: file)
    else { throw Self.nonsense.at(file: file, object: dataset) }
    do throws(LibraryFailure) {
      let numbers = try PlannedNumbers(plan, rows: rows, of: opened, cores: cores)
        .numbers { (rows) throws(LibraryFailure) in
          try elements(of: dataset, rows: rows, in: file)
        }
      try opened.checkUnchanged()
      return numbers
    } catch {
      throw error.at(file: file, object: dataset)
    }
  }

  public func strings(in dataset: String, of file: String) throws -> [String] {
    guard case (.strings(let strings), _) = try ask(.strings(dataset: dataset), about: file) else {
      throw Self.nonsense.at(file: file, object: dataset)
    }
    return strings
  }

  public func externalParts(of dataset: String, in file: String) throws -> [ExternalPart] {
    guard
      case (.externalParts(let parts), _) = try ask(.externalParts(dataset: dataset), about: file)
    else { throw Self.nonsense.at(file: file, object: dataset) }
    return parts
  }

  private func elements(
    of dataset: String, rows: Range<Int>, in file: String
  ) throws(LibraryFailure) -> [UInt8] {
    do throws(FileFailure) {
      guard
        case (.elements(let bytes), _) = try ask(
          .elements(dataset: dataset, rows: rows), about: file)
      else { throw Self.nonsense.at(file: file, object: dataset) }
      return bytes
    } catch {
      throw LibraryFailure(reason: error.reason, detail: error.detail, help: error.help)
    }
  }

  /// Asks the process of a file, and checks that the file is still what it was.
  private func ask(
    _ request: FileRequest, about path: String
  ) throws(FileFailure) -> (FileAnswer, OpenFile) {
    // Until the file is open, what goes wrong is about the file.
    var object: String?
    do throws(LibraryFailure) {
      let session = try session(of: path)
      let answer: FileAnswer
      do throws(ReadingSession.End) {
        answer = try session.answer(to: request)
      } catch {
        object = request.dataset
        throw note(error, of: session, at: path)
      }
      try session.file.checkUnchanged()
      if case .failure(let failure, let isAboutDataset) = answer {
        object = isAboutDataset ? request.dataset : nil
        throw failure
      }
      return (answer, session.file)
    } catch {
      throw error.at(file: path, object: object)
    }
  }

  /// The session of a file: the one that is open, or a new one.
  private func session(of path: String) throws(LibraryFailure) -> ReadingSession {
    try state.withLock { (state) throws(LibraryFailure) -> ReadingSession in
      if let refusal = state.histories[path]?.refusal { throw refusal }
      if let index = state.sessions.firstIndex(where: { $0.path == path }) {
        let entry = state.sessions.remove(at: index)
        state.sessions.append(entry)
        return entry.session
      }
      let file = try OpenFile(path)
      if let known = state.histories[path], known.identity != file.identity {
        throw OpenFile.hasChanged
      }
      let session = try ReadingSession(file, server: server)
      state.histories[path] = state.histories[path] ?? History(identity: file.identity)
      state.sessions.append((path, session))
      if state.sessions.count > Self.openFiles { state.sessions.removeFirst() }
      return session
    }
  }

  /// Remembers how a process ended, so that a file that hangs is not tried again.
  private func note(
    _ end: ReadingSession.End, of session: ReadingSession, at path: String
  ) -> LibraryFailure {
    let failure = end.failure(fileSize: session.file.size)
    return state.withLock { state in
      state.sessions.removeAll { $0.session === session }
      let crashes = (state.histories[path]?.crashes ?? 0) + 1
      state.histories[path]?.crashes = crashes
      if end.isHopeless || crashes >= Self.crashes { state.histories[path]?.refusal = failure }
      return failure
    }
  }

  private static let nonsense = LibraryFailure(reason: "the reading process gave another answer")
}

extension ReadingSession.End {
  private static let help = "the file is damaged or made to do harm; copy or write it again"

  /// Whether the file would only take as long again.
  fileprivate var isHopeless: Bool {
    switch self {
    case .signal(Int(SIGXCPU)), .signal(Int(SIGKILL)), .tooLate, .nonsense: true
    case .signal: false
    }
  }

  fileprivate func failure(fileSize: Int) -> LibraryFailure {
    let reason =
      switch self {
      case .signal(Int(SIGXCPU)), .signal(Int(SIGKILL)):
        "libhdf5 needed more than \(ReadingLimits.seconds(fileSize: fileSize)) s for this file"
      case .signal(Int(SIGABRT)), .signal(Int(SIGTRAP)), .signal(Int(SIGILL)):
        "libhdf5 crashed on this file or needed more than "
          + "\(ReadingLimits.memory >> 20) MiB for it"
      case .signal(0): "reading this file ended without an answer"
      case .signal(let number): "libhdf5 crashed on this file (signal \(number))"
      case .tooLate:
        "libhdf5 gave no answer within \(ReadingLimits.patience(fileSize: fileSize)) s"
      case .nonsense: "libhdf5 went astray on this file"
      }
    return LibraryFailure(reason: reason, help: Self.help)
  }
}
