import CIsolation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// One end of a connection between two processes, over which frames pass: a length of four bytes,
/// then as many bytes.
struct Channel: ~Copyable {
  /// Why nothing came.
  enum Trouble: Error {
    case closed
    case tooLate
    case tooLong
  }

  let descriptor: Int32

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// The two ends of a connection: this process keeps one and hands the other one on.
  struct Pair: ~Copyable {
    let own: Channel
    let other: Channel
  }

  static func pair() -> Pair? {
    var ends: [Int32] = [-1, -1]
    guard ui_socket_pair(&ends) == 0 else { return nil }
    // Beyond the standard streams and what a started process finds in fixed places, also where this
    // process was started without standard streams.
    let moved = ends.map { fcntl($0, F_DUPFD_CLOEXEC, 10) }
    for end in ends { close(end) }
    return Pair(own: Channel(moved[0]), other: Channel(moved[1]))
  }

  /// The bytes of a message with their length before them.
  static func frame(_ message: some Message) -> [UInt8] {
    var writer = MessageWriter()
    writer.put(message)
    let length = UInt32(clamping: writer.bytes.count)
    return withUnsafeBytes(of: length.littleEndian, Array.init) + writer.bytes
  }

  /// Sends a frame with a call that raises no signal.
  borrowing func send(_ bytes: [UInt8]) throws(Trouble) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let sent = rest.withUnsafeBytes { ui_send(descriptor, $0.baseAddress, $0.count) }
      if sent < 0, errno == EINTR { continue }
      guard sent > 0 else { throw .closed }
      rest.removeFirst(sent)
    }
  }

  /// Receives a frame.
  ///
  /// - Parameters:
  ///   - limit: The longest frame that is taken.
  ///   - seconds: How long to wait at most, or `nil` to wait for ever.
  borrowing func receive(atMost limit: Int, within seconds: Int?) throws(Trouble) -> [UInt8] {
    let deadline = seconds.map { Self.now + $0 * 1000 }
    let header = try receive(exactly: 4, until: deadline)
    let length = header.reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= limit else { throw .tooLong }
    return try receive(exactly: length, until: deadline)
  }

  private func receive(exactly count: Int, until deadline: Int?) throws(Trouble) -> [UInt8] {
    var bytes: [UInt8] = []
    // Grows with what really comes, in steps: an announced length costs nothing.
    let step = 1 << 20
    while bytes.count < count {
      if let deadline {
        var event = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let status = poll(&event, 1, Int32(clamping: max(0, deadline - Self.now)))
        if status < 0, errno == EINTR { continue }
        guard status > 0 else { throw .tooLate }
      }
      let wanted = min(step, count - bytes.count)
      var outcome = 0
      let part = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, filled in
        outcome = Self.read(descriptor, buffer)
        filled = max(0, outcome)
      }
      if outcome < 0, errno == EINTR { continue }
      guard outcome > 0 else { throw .closed }
      bytes += part
    }
    return bytes
  }

  private static func read(_ descriptor: Int32, _ buffer: UnsafeMutableBufferPointer<UInt8>) -> Int
  {
    #if canImport(Darwin)
      Darwin.read(descriptor, buffer.baseAddress, buffer.count)
    #elseif canImport(Musl)
      Musl.read(descriptor, buffer.baseAddress, buffer.count)
    #else
      Glibc.read(descriptor, buffer.baseAddress, buffer.count)
    #endif
  }

  /// Milliseconds of a clock that only moves forward.
  private static var now: Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
  }
}
