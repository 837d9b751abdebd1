import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A file that is open, and the process that reads it.
final class ReadingSession: Sendable {
  /// Why there will be no further answer.
  enum End: Error, Equatable {
    /// A signal ended the process, or it ended itself (0).
    case signal(Int)
    case tooLate
    case nonsense
  }

  let file: OpenFile
  private let server: ReadingServer
  private let connection: Mutex<Connection>

  private struct Connection: ~Copyable {
    let started: ReadingServer.Started
    var end: End?
  }

  init(_ file: OpenFile, server: ReadingServer) throws(LibraryFailure) {
    // What is no HDF5 file needs no process.
    _ = try FilePreamble(of: file)
    connection = Mutex(Connection(started: try server.start(file)))
    self.file = file
    self.server = server
  }

  deinit {
    connection.withLock { connection in
      if connection.end == nil { server.forget(connection.started.process) }
    }
  }

  /// Asks the process.
  ///
  /// - Throws: ``End`` if no answer came, or none that can be one; the process is gone then.
  func answer(to request: FileRequest) throws(End) -> FileAnswer {
    try connection.withLock { (connection) throws(End) -> FileAnswer in
      if let end = connection.end { throw end }
      let trouble: End?
      do throws(Channel.Trouble) {
        try connection.started.channel.send(Channel.frame(request))
        var reader = MessageReader(
          try connection.started.channel.receive(
            atMost: FileAnswer.largest, within: ReadingLimits.patience(fileSize: file.size)))
        do throws(MalformedMessage) {
          let answer: FileAnswer = try reader.next()
          guard answer.fits(request) else { throw MalformedMessage() }
          return answer
        } catch {
          trouble = .nonsense
        }
      } catch {
        switch error {
        case .closed: trouble = nil
        case .tooLate: trouble = .tooLate
        case .tooLong: trouble = .nonsense
        }
      }
      let signal = server.end(connection.started.process)
      let end = trouble ?? .signal(signal ?? 0)
      connection.end = end
      throw end
    }
  }
}

extension FileAnswer {
  /// Whether this is an answer to that request.
  fileprivate func fits(_ request: FileRequest) -> Bool {
    switch (self, request) {
    case (.outline, .outline), (.numberPlan, .numberPlan), (.elements, .elements),
      (.strings, .strings), (.externalParts, .externalParts), (.failure, _):
      true
    default: false
    }
  }
}
