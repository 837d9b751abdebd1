/// A message that cannot be what it should be.
struct MalformedMessage: Error {}

/// What can be written as bytes and read back.
///
/// Integers take eight bytes, low byte first; texts and lists begin with their count; cases of an
/// enumeration begin with a number.
protocol Message {
  func write(to message: inout MessageWriter)
  init(from message: inout MessageReader) throws(MalformedMessage)
}

/// Puts values one after the other.
struct MessageWriter {
  private(set) var bytes: [UInt8] = []

  mutating func put(_ value: some Message) { value.write(to: &self) }

  mutating func put(tag: UInt8) { bytes.append(tag) }

  mutating func put(_ values: some Sequence<UInt8>, count: Int) {
    put(count)
    bytes.append(contentsOf: values)
  }

  mutating func put(word: UInt64) {
    withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) }
  }
}

/// Takes values one after the other, and never more than there are.
struct MessageReader {
  private var bytes: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { self.bytes = bytes[...] }

  var isAtEnd: Bool { bytes.isEmpty }

  mutating func next<Value: Message>(
    _ type: Value.Type = Value.self
  ) throws(MalformedMessage) -> Value {
    try Value(from: &self)
  }

  mutating func tag() throws(MalformedMessage) -> UInt8 {
    guard let tag = bytes.popFirst() else { throw MalformedMessage() }
    return tag
  }

  mutating func word() throws(MalformedMessage) -> UInt64 {
    let slice = try take(8)
    return slice.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
  }

  /// A count, of at most as many things as there are bytes left.
  mutating func count() throws(MalformedMessage) -> Int {
    let count = try next(Int.self)
    guard count >= 0, count <= bytes.count else { throw MalformedMessage() }
    return count
  }

  mutating func take(_ count: Int) throws(MalformedMessage) -> ArraySlice<UInt8> {
    guard count >= 0, count <= bytes.count else { throw MalformedMessage() }
    defer { bytes.removeFirst(count) }
    return bytes.prefix(count)
  }

  /// A list of at most `limit` values.
  mutating func list<Value: Message>(
    atMost limit: Int = .max
  ) throws(MalformedMessage) -> [Value] {
    let count = try count()
    guard count <= limit else { throw MalformedMessage() }
    var values: [Value] = []
    for _ in 0..<count { values.append(try next()) }
    return values
  }
}

extension Int: Message {
  func write(to message: inout MessageWriter) {
    message.put(word: UInt64(bitPattern: Int64(self)))
  }
  init(from message: inout MessageReader) throws(MalformedMessage) {
    guard let value = Int(exactly: Int64(bitPattern: try message.word())) else {
      throw MalformedMessage()
    }
    self = value
  }
}

extension Double: Message {
  func write(to message: inout MessageWriter) { message.put(word: bitPattern) }
  init(from message: inout MessageReader) throws(MalformedMessage) {
    self.init(bitPattern: try message.word())
  }
}

extension Bool: Message {
  func write(to message: inout MessageWriter) { message.put(tag: self ? 1 : 0) }
  init(from message: inout MessageReader) throws(MalformedMessage) {
    switch try message.tag() {
    case 0: self = false
    case 1: self = true
    default: throw MalformedMessage()
    }
  }
}

extension String: Message {
  func write(to message: inout MessageWriter) { message.put(utf8, count: utf8.count) }
  init(from message: inout MessageReader) throws(MalformedMessage) {
    let count = try message.count()
    guard let text = String(validating: try message.take(count), as: UTF8.self) else {
      throw MalformedMessage()
    }
    self = text
  }
}

extension Optional: Message where Wrapped: Message {
  func write(to message: inout MessageWriter) {
    message.put(self != nil)
    if let self { message.put(self) }
  }
  init(from message: inout MessageReader) throws(MalformedMessage) {
    self = try message.next(Bool.self) ? try message.next(Wrapped.self) : nil
  }
}

extension Array: Message where Element: Message {
  func write(to message: inout MessageWriter) {
    message.put(count)
    for element in self { message.put(element) }
  }
  init(from message: inout MessageReader) throws(MalformedMessage) { self = try message.list() }
}

extension Dictionary: Message where Key == String, Value: Message {
  func write(to message: inout MessageWriter) {
    message.put(count)
    for (key, value) in self {
      message.put(key)
      message.put(value)
    }
  }
  init(from message: inout MessageReader) throws(MalformedMessage) {
    self.init()
    for _ in 0..<(try message.count()) {
      let key = try message.next(String.self)
      self[key] = try message.next(Value.self)
    }
  }
}

/// A list of bytes takes one byte each.
struct Bytes: Message {
  var values: [UInt8]

  init(_ values: [UInt8]) { self.values = values }

  func write(to message: inout MessageWriter) { message.put(values, count: values.count) }
  init(from message: inout MessageReader) throws(MalformedMessage) {
    let count = try message.count()
    values = Array(try message.take(count))
  }
}
