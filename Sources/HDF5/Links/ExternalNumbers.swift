/// Numbers that a dataset keeps in other files, one piece after the other.
struct ExternalNumbers {
  private let shape: [Int]
  private let decoder: NumberDecoder
  private let fitsSinglePrecision: Bool
  private let pieces: [Piece]

  private struct Piece {
    var file: OpenFile
    var offset: Int
    var bytes: Int
  }

  /// - Parameter file: The file of the dataset; the others must lie below its folder.
  /// - Throws: ``LibraryFailure`` if its elements are not numbers of a usual size or a file is missing.
  init(
    _ outline: DatasetOutline, parts: [ExternalPart], besides file: String
  ) throws(LibraryFailure) {
    guard let shape = outline.shape, let size = outline.elementType.usualBytes,
      let decoder = NumberDecoder(
        outline.elementType, isBigEndian: outline.isBigEndian, size: size),
      Caps.product(shape.filter { $0 > 0 } + [8]) != nil
    else { throw LibraryFailure(reason: "it cannot be read as real numbers from other files") }
    var pieces: [Piece] = []
    for part in parts {
      let other = try OpenFile.named(part.file, besides: file)
      guard part.offset >= 0, part.offset <= other.size else {
        throw LibraryFailure(reason: "“\(part.file)” ends before the numbers in it begin")
      }
      let bytes = part.bytes ?? other.size - part.offset
      guard bytes >= 0, bytes <= other.size - part.offset else {
        throw LibraryFailure(reason: "“\(part.file)” ends before the numbers in it do")
      }
      pieces.append(Piece(file: other, offset: part.offset, bytes: bytes))
    }
    self.shape = shape
    self.decoder = decoder
    self.pieces = pieces
    fitsSinglePrecision = outline.elementType.fitsSinglePrecision
  }

  /// The bytes of all pieces.
  var storedBytes: Int {
    pieces.reduce(0) { $0.addingReportingOverflow($1.bytes).partialValue }
  }

  /// The numbers of some rows, or all.
  func numbers(rows: Range<Int>?) throws(LibraryFailure) -> Numbers {
    let count = shape.first ?? 1
    let rows = rows ?? 0..<count
    guard rows.lowerBound >= 0, rows.upperBound <= count else {
      throw SourceDataset.rowsOutside(rows, of: count)
    }
    let rowBytes = shape.dropFirst().reduce(1, *) * decoder.size
    let bytes = try bytes(rows.lowerBound * rowBytes..<rows.upperBound * rowBytes)
    return fitsSinglePrecision ? .single(decoded(bytes)) : .double(decoded(bytes))
  }

  private func bytes(_ wanted: Range<Int>) throws(LibraryFailure) -> [UInt8] {
    guard wanted.upperBound <= storedBytes else {
      throw LibraryFailure(
        reason: "it declares \(wanted.upperBound) bytes, the other files hold \(storedBytes)")
    }
    var result: [UInt8] = []
    result.reserveCapacity(wanted.count)
    var start = 0
    for piece in pieces {
      let part = wanted.clamped(to: start..<start + piece.bytes)
      if !part.isEmpty {
        let buffer = AlignedBuffer(count: part.count)
        try piece.file.read(into: buffer.bytes, at: piece.offset + part.lowerBound - start)
        try piece.file.checkUnchanged()
        result += Array(buffer.bytes)
      }
      start += piece.bytes
    }
    return result
  }

  private func decoded<Value: DecodedNumber>(_ bytes: [UInt8]) -> [Value] {
    let count = bytes.count / decoder.size
    let aligned = AlignedBuffer(count: bytes.count)
    aligned.bytes.copyBytes(from: bytes)
    return [Value](unsafeUninitializedCapacity: count) { target, filled in
      if let base = target.baseAddress {
        decoder.decode(UnsafeRawPointer(aligned.start), count: count, into: base)
      }
      filled = count
    }
  }
}

extension ElementType {
  /// The bytes of a number that is stored without padding, `nil` for what is none.
  fileprivate var usualBytes: Int? {
    switch self {
    case .float16: 2
    case .float32: 4
    case .float64: 8
    case .smallFloat(let format): format.bytes
    case .boolean: 1
    case .integer(let bits, _) where [8, 16, 32, 64].contains(bits): bits / 8
    default: nil
    }
  }
}
