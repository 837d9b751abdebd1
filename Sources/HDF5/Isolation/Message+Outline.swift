extension FileOutline: Message {
  func write(to message: inout MessageWriter) {
    message.put(objects)
    message.put(notes)
    message.put(faults)
    message.put(links)
  }
  init(from message: inout MessageReader) throws(MalformedMessage) {
    self.init(
      file: "", objects: try message.list(atMost: Caps.objects + 1),
      notes: try message.list(atMost: 2 * Caps.objects + 2),
      faults: try message.list(atMost: 2 * Caps.objects + 2),
      links: try message.list(atMost: Caps.objects))
  }
}

extension LinkOutline: Message {
  func write(to message: inout MessageWriter) {
    message.put(path)
    message.put(file)
    message.put(target)
  }
  init(from message: inout MessageReader) throws(MalformedMessage) {
    self.init(path: try message.next(), file: try message.next(), target: try message.next())
  }
}

extension ExternalPart: Message {
  func write(to message: inout MessageWriter) {
    message.put(file)
    message.put(offset)
    message.put(bytes)
  }
  init(from message: inout MessageReader) throws(MalformedMessage) {
    self.init(file: try message.next(), offset: try message.next(), bytes: try message.next())
  }
}

/// Without the file: only one is spoken of.
extension FileFailure: Message {
  func write(to message: inout MessageWriter) {
    message.put(object)
    message.put(reason)
    message.put(detail)
    message.put(help)
  }
  init(from message: inout MessageReader) throws(MalformedMessage) {
    self.init(
      file: "", object: try message.next(), reason: try message.next(),
      detail: try message.next(), help: try message.next())
  }
}

extension ObjectOutline: Message {
  func write(to message: inout MessageWriter) {
    message.put(path)
    message.put(attributes)
    message.put(dataset)
    message.put(inCreationOrder)
  }
  init(from message: inout MessageReader) throws(MalformedMessage) {
    self.init(
      path: try message.next(), attributes: try message.next(), dataset: try message.next(),
      inCreationOrder: try message.next())
  }
}

extension AttributeValue: Message {
  func write(to message: inout MessageWriter) {
    switch self {
    case .string(let value):
      message.put(tag: 0)
      message.put(value)
    case .integer(let value):
      message.put(tag: 1)
      message.put(value)
    case .real(let value):
      message.put(tag: 2)
      message.put(value)
    case .boolean(let value):
      message.put(tag: 3)
      message.put(value)
    case .strings(let values):
      message.put(tag: 4)
      message.put(values)
    case .integers(let values):
      message.put(tag: 5)
      message.put(values)
    case .reals(let values):
      message.put(tag: 6)
      message.put(values)
    case .unreadable(let reason):
      message.put(tag: 7)
      message.put(reason)
    }
  }
  init(from message: inout MessageReader) throws(MalformedMessage) {
    switch try message.tag() {
    case 0: self = .string(try message.next())
    case 1: self = .integer(try message.next())
    case 2: self = .real(try message.next())
    case 3: self = .boolean(try message.next())
    case 4: self = .strings(try message.next())
    case 5: self = .integers(try message.next())
    case 6: self = .reals(try message.next())
    case 7: self = .unreadable(try message.next())
    default: throw MalformedMessage()
    }
  }
}

extension DatasetOutline: Message {
  func write(to message: inout MessageWriter) {
    message.put(shape)
    message.put(maximumShape)
    message.put(elementType)
    message.put(isBigEndian)
    message.put(storage)
    message.put(filters)
    message.put(storedBytes)
  }
  init(from message: inout MessageReader) throws(MalformedMessage) {
    let shape: [Int]? = try message.next(Bool.self) ? try message.shape() : nil
    let maximumShape: [Int?] = try message.list(atMost: Caps.axes)
    self.init(
      shape: shape, maximumShape: maximumShape, elementType: try message.next(),
      isBigEndian: try message.next(), storage: try message.next(),
      // The format has one byte for the number of filters.
      filters: try message.list(atMost: 255), storedBytes: try message.next())
    guard storedBytes >= 0 else { throw MalformedMessage() }
  }
}

extension MessageReader {
  /// The sizes of axes.
  mutating func shape() throws(MalformedMessage) -> [Int] {
    let shape: [Int] = try list(atMost: Caps.axes)
    guard shape.allSatisfy({ $0 >= 0 }) else { throw MalformedMessage() }
    return shape
  }
}

extension DatasetOutline.Filter: Message {
  func write(to message: inout MessageWriter) {
    message.put(id)
    message.put(name)
  }
  init(from message: inout MessageReader) throws(MalformedMessage) {
    self.init(id: try message.next(), name: try message.next())
  }
}

extension DatasetOutline.Storage: Message {
  func write(to message: inout MessageWriter) {
    switch self {
    case .contiguous: message.put(tag: 0)
    case .compact: message.put(tag: 1)
    case .chunked(let chunk):
      message.put(tag: 2)
      message.put(chunk)
    case .external: message.put(tag: 3)
    case .virtual: message.put(tag: 4)
    }
  }
  init(from message: inout MessageReader) throws(MalformedMessage) {
    switch try message.tag() {
    case 0: self = .contiguous
    case 1: self = .compact
    case 2: self = .chunked(try message.shape())
    case 3: self = .external
    case 4: self = .virtual
    default: throw MalformedMessage()
    }
  }
}

extension ElementType: Message {
  func write(to message: inout MessageWriter) {
    switch self {
    case .float16: message.put(tag: 0)
    case .float32: message.put(tag: 1)
    case .float64: message.put(tag: 2)
    case .otherFloat(let bits):
      message.put(tag: 3)
      message.put(bits)
    case .integer(let bits, let signed):
      message.put(tag: 4)
      message.put(bits)
      message.put(signed)
    case .boolean: message.put(tag: 5)
    case .string: message.put(tag: 6)
    case .complex: message.put(tag: 7)
    case .compound: message.put(tag: 8)
    case .variableLength: message.put(tag: 9)
    case .opaque(let bytes):
      message.put(tag: 10)
      message.put(bytes)
    case .other(let name):
      message.put(tag: 11)
      message.put(name)
    case .smallFloat(let format):
      message.put(tag: 12)
      message.put(format.rawValue)
    }
  }
  init(from message: inout MessageReader) throws(MalformedMessage) {
    switch try message.tag() {
    case 0: self = .float16
    case 1: self = .float32
    case 2: self = .float64
    case 3: self = .otherFloat(bits: try message.next())
    case 4: self = .integer(bits: try message.next(), signed: try message.next())
    case 5: self = .boolean
    case 6: self = .string
    case 7: self = .complex
    case 8: self = .compound
    case 9: self = .variableLength
    case 10: self = .opaque(bytes: try message.next())
    case 11: self = .other(try message.next())
    case 12:
      guard let format = SmallFloat(rawValue: try message.next()) else { throw MalformedMessage() }
      self = .smallFloat(format)
    default: throw MalformedMessage()
    }
  }
}
