/// What the reading process is asked for about its file.
enum FileRequest: Equatable, Message {
  case outline
  case numberPlan(dataset: String, rows: Range<Int>?)
  /// Rows that only the library can read.
  case elements(dataset: String, rows: Range<Int>)
  case strings(dataset: String)
  /// The names of the other files in which numbers lie.
  case externalParts(dataset: String)

  /// The dataset it is about.
  var dataset: String? {
    switch self {
    case .outline: nil
    case .numberPlan(let dataset, _), .elements(let dataset, _), .strings(let dataset),
      .externalParts(let dataset):
      dataset
    }
  }

  func write(to message: inout MessageWriter) {
    switch self {
    case .outline: message.put(tag: 0)
    case .numberPlan(let dataset, let rows):
      message.put(tag: 1)
      message.put(dataset)
      message.put(rows.map { [$0.lowerBound, $0.upperBound] } ?? [])
    case .elements(let dataset, let rows):
      message.put(tag: 2)
      message.put(dataset)
      message.put([rows.lowerBound, rows.upperBound])
    case .strings(let dataset):
      message.put(tag: 3)
      message.put(dataset)
    case .externalParts(let dataset):
      message.put(tag: 4)
      message.put(dataset)
    }
  }

  init(from message: inout MessageReader) throws(MalformedMessage) {
    switch try message.tag() {
    case 0: self = .outline
    case 1: self = .numberPlan(dataset: try message.next(), rows: try message.rows())
    case 2:
      let dataset = try message.next(String.self)
      guard let rows = try message.rows() else { throw MalformedMessage() }
      self = .elements(dataset: dataset, rows: rows)
    case 3: self = .strings(dataset: try message.next())
    case 4: self = .externalParts(dataset: try message.next())
    default: throw MalformedMessage()
    }
  }
}

extension MessageReader {
  /// The two ends of a range, or none.
  fileprivate mutating func rows() throws(MalformedMessage) -> Range<Int>? {
    let ends: [Int] = try list(atMost: 2)
    guard !ends.isEmpty else { return nil }
    guard ends.count == 2, ends[0] <= ends[1] else { throw MalformedMessage() }
    return ends[0]..<ends[1]
  }
}

/// What the reading process answers.
enum FileAnswer: Message {
  case outline(FileOutline)
  case numberPlan(ReadingPlan)
  case elements([UInt8])
  case strings([String])
  case externalParts([ExternalPart])
  /// What is wrong, and whether it is about the dataset that was asked for or the whole file.
  case failure(LibraryFailure, isAboutDataset: Bool)

  /// The longest answer in bytes. Rows through the library are asked for in pieces, and outlines
  /// are limited by ``Caps/outlineBytes``; what remains are lists of chunks and of strings.
  static let largest = 128 << 20

  func write(to message: inout MessageWriter) {
    switch self {
    case .outline(let outline):
      message.put(tag: 0)
      message.put(outline)
    case .numberPlan(let plan):
      message.put(tag: 1)
      message.put(plan)
    case .elements(let bytes):
      message.put(tag: 2)
      message.put(Bytes(bytes))
    case .strings(let strings):
      message.put(tag: 3)
      message.put(strings)
    case .failure(let failure, let isAboutDataset):
      message.put(tag: 4)
      message.put(failure.reason)
      message.put(failure.detail)
      message.put(failure.help)
      message.put(isAboutDataset)
    case .externalParts(let parts):
      message.put(tag: 5)
      message.put(parts)
    }
  }

  init(from message: inout MessageReader) throws(MalformedMessage) {
    switch try message.tag() {
    case 0: self = .outline(try message.next())
    case 1: self = .numberPlan(try message.next())
    case 2: self = .elements(try message.next(Bytes.self).values)
    case 3: self = .strings(try message.next())
    case 4:
      let failure = LibraryFailure(
        reason: try message.next(), detail: try message.next(), help: try message.next())
      self = .failure(failure, isAboutDataset: try message.next())
    case 5: self = .externalParts(try message.list(atMost: Caps.attributes))
    default: throw MalformedMessage()
    }
    guard message.isAtEnd else { throw MalformedMessage() }
  }
}

extension ReadingPlan: Message {
  func write(to message: inout MessageWriter) {
    message.put(elementType)
    message.put(isBigEndian)
    message.put(elementBytes)
    message.put(shape)
    switch place {
    case .contiguous(let offset):
      message.put(tag: 0)
      message.put(offset)
    case .chunked(let map):
      message.put(tag: 1)
      message.put(map)
    case .library: message.put(tag: 2)
    }
  }

  init(from message: inout MessageReader) throws(MalformedMessage) {
    elementType = try message.next()
    isBigEndian = try message.next()
    elementBytes = try message.next()
    shape = try message.shape()
    switch try message.tag() {
    case 0: place = .contiguous(offset: try message.next())
    case 1: place = .chunked(try message.next())
    case 2: place = .library
    default: throw MalformedMessage()
    }
  }
}

extension ChunkMap: Message {
  func write(to message: inout MessageWriter) {
    message.put(chunk)
    message.put(steps)
    message.put(Bytes(fill))
    message.put(checksPadding)
    message.put(entries)
  }
  init(from message: inout MessageReader) throws(MalformedMessage) {
    self.init(
      chunk: try message.shape(), steps: try message.list(atMost: 32),
      fill: try message.next(Bytes.self).values, checksPadding: try message.next(),
      entries: try message.list(atMost: Caps.chunks))
  }
}

extension ChunkMap.Entry: Message {
  func write(to message: inout MessageWriter) {
    message.put(offset)
    // A chunk is smaller than 2³² bytes.
    message.put(word: UInt64(bytes) << 32 | UInt64(mask))
  }
  init(from message: inout MessageReader) throws(MalformedMessage) {
    offset = try message.next()
    let word = try message.word()
    bytes = Int(word >> 32)
    mask = UInt32(truncatingIfNeeded: word)
  }
}

extension FilterStep: Message {
  func write(to message: inout MessageWriter) {
    switch self {
    case .deflate: message.put(tag: 0)
    case .lzf: message.put(tag: 1)
    case .shuffle(let width):
      message.put(tag: 2)
      message.put(width)
    case .fletcher32: message.put(tag: 3)
    case .lz4: message.put(tag: 4)
    case .zstd: message.put(tag: 5)
    case .blosc: message.put(tag: 6)
    case .bitShuffle(let shuffle):
      message.put(tag: 7)
      message.put([shuffle.width, shuffle.blockElements, shuffle.compression.rawValue])
    }
  }
  init(from message: inout MessageReader) throws(MalformedMessage) {
    switch try message.tag() {
    case 0: self = .deflate
    case 1: self = .lzf
    case 2: self = .shuffle(try message.next())
    case 3: self = .fletcher32
    case 4: self = .lz4
    case 5: self = .zstd
    case 6: self = .blosc
    case 7:
      let parameters: [Int] = try message.list(atMost: 3)
      guard parameters.count == 3,
        let shuffle = BitShuffle(
          width: parameters[0], blockElements: parameters[1], compression: parameters[2])
      else { throw MalformedMessage() }
      self = .bitShuffle(shuffle)
    default: throw MalformedMessage()
    }
  }
}
