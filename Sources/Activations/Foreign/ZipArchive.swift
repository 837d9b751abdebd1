import HDF5

/// Zip archives as far as .npz files need them: the central directory, members that are stored or
/// deflated, and the extension for large sizes (PKWARE APPNOTE 6.3.10, sections 4.3 and 4.5.3).
enum ZipArchive {
  struct Entry: Equatable {
    var name: String
    var method: Int
    var checksum: UInt32
    var storedSize: Int
    var size: Int
    /// Where the member's own header begins.
    var offset: Int
  }

  /// The largest size of a deflated member whatever is stored, and above that the largest ratio.
  private static let freeBytes = 64 << 20
  private static let expansion = 200
  private static let entryLimit = 100_000

  /// The members, in the order of the directory.
  ///
  /// - Throws: ``FileFailure`` if the directory is damaged.
  static func entries(of file: ByteFile) throws -> [Entry] {
    let damaged = FileFailure(
      file: file.path, reason: "the directory of the zip archive is damaged or missing",
      help: "was the program that wrote it stopped? Write the file again")
    // The record at the end is followed by a comment of at most 65,535 bytes.
    let tailSize = min(file.size, 22 + 65_535)
    let tail = try file.bytes(at: file.size - tailSize, count: tailSize)
    guard tail.count >= 22,
      let end = (0...tail.count - 22).reversed().first(where: {
        tail.littleEndian(at: $0, bytes: 4) == 0x0605_4b50
      }),
      var count = tail.littleEndian(at: end + 10, bytes: 2),
      var size = tail.littleEndian(at: end + 12, bytes: 4),
      var start = tail.littleEndian(at: end + 16, bytes: 4)
    else { throw damaged }
    if count == 0xffff || size == 0xffff_ffff || start == 0xffff_ffff {
      guard end >= 20, tail.littleEndian(at: end - 20, bytes: 4) == 0x0706_4b50,
        let place = tail.littleEndian(at: end - 12, bytes: 8).flatMap({ Int(exactly: $0) }),
        place <= file.size - 56
      else { throw damaged }
      let record = try file.bytes(at: place, count: 56)
      guard record.littleEndian(at: 0, bytes: 4) == 0x0606_4b50,
        let largeCount = record.littleEndian(at: 32, bytes: 8),
        let largeSize = record.littleEndian(at: 40, bytes: 8),
        let largeStart = record.littleEndian(at: 48, bytes: 8)
      else { throw damaged }
      (count, size, start) = (largeCount, largeSize, largeStart)
    }
    guard count <= entryLimit, let from = Int(exactly: start), let bytes = Int(exactly: size),
      from <= file.size, bytes <= file.size - from
    else { throw damaged }
    let directory = try file.bytes(at: from, count: bytes)
    var result: [Entry] = []
    var place = 0
    for _ in 0..<count {
      guard let (entry, length) = entry(in: directory, at: place, fileSize: file.size) else {
        throw damaged
      }
      result.append(entry)
      place += length
    }
    guard Set(result.map(\.name)).count == result.count else {
      throw FileFailure(file: file.path, reason: "two members of the archive have the same name")
    }
    return result
  }

  private static func entry(
    in directory: [UInt8], at place: Int, fileSize: Int
  ) -> (Entry, length: Int)? {
    func number(_ offset: Int, _ bytes: Int) -> Int? {
      directory.littleEndian(at: place + offset, bytes: bytes).flatMap { Int(exactly: $0) }
    }
    guard number(0, 4) == 0x0201_4b50, let flags = number(8, 2), let method = number(10, 2),
      let checksum = number(16, 4), var stored = number(20, 4), var size = number(24, 4),
      let nameLength = number(28, 2), let extraLength = number(30, 2),
      let commentLength = number(32, 2), var offset = number(42, 4)
    else { return nil }
    let length = 46 + nameLength + extraLength + commentLength
    guard place + length <= directory.count, flags & 1 == 0 else { return nil }
    let nameBytes = directory[place + 46..<place + 46 + nameLength]
    // Large numbers stand in an extra field, those that do not fit, in this order.
    var extra = 46 + nameLength
    let extraEnd = extra + extraLength
    while extra + 4 <= extraEnd, let id = number(extra, 2), let bytes = number(extra + 2, 2) {
      guard extra + 4 + bytes <= extraEnd else { return nil }
      if id == 1 {
        var field = extra + 4
        func large() -> Int? {
          defer { field += 8 }
          return field + 8 <= extra + 4 + bytes ? number(field, 8) : nil
        }
        if size == 0xffff_ffff {
          guard let value = large() else { return nil }
          size = value
        }
        if stored == 0xffff_ffff {
          guard let value = large() else { return nil }
          stored = value
        }
        if offset == 0xffff_ffff {
          guard let value = large() else { return nil }
          offset = value
        }
      }
      extra += 4 + bytes
    }
    guard let name = String(validating: nameBytes, as: UTF8.self), !name.isEmpty,
      !nameBytes.contains(0), offset <= fileSize, stored <= fileSize, size < 1 << 60
    else { return nil }
    let entry = Entry(
      name: name, method: method, checksum: UInt32(checksum), storedSize: stored, size: size,
      offset: offset)
    return (entry, length)
  }

  /// Where the bytes of a member lie that is stored as it is, `nil` for a deflated one.
  static func storedOffset(of entry: Entry, in file: ByteFile) throws -> Int? {
    guard entry.method == 0 else { return nil }
    guard entry.storedSize == entry.size else {
      throw FileFailure(
        file: file.path, object: entry.name, reason: "its sizes contradict each other")
    }
    return try dataOffset(of: entry, in: file)
  }

  private static func dataOffset(of entry: Entry, in file: ByteFile) throws -> Int {
    let header = try file.bytes(at: entry.offset, count: 30)
    guard header.littleEndian(at: 0, bytes: 4) == 0x0403_4b50,
      let name = header.littleEndian(at: 26, bytes: 2),
      let extra = header.littleEndian(at: 28, bytes: 2)
    else {
      throw FileFailure(file: file.path, object: entry.name, reason: "its header is damaged")
    }
    let start = entry.offset + 30 + Int(name) + Int(extra)
    guard start <= file.size, entry.storedSize <= file.size - start else {
      throw FileFailure(
        file: file.path, object: entry.name, reason: "truncated: the file ends before its data do",
        help: "copy or write the file again")
    }
    return start
  }

  /// The first bytes of a member.
  static func beginning(of entry: Entry, in file: ByteFile, count: Int) throws -> [UInt8] {
    if let start = try storedOffset(of: entry, in: file) {
      return try file.bytes(at: start, count: min(count, entry.size))
    }
    return Array(try contents(of: entry, in: file).prefix(count))
  }

  /// A member as it was before it was archived, checked against its checksum.
  static func contents(of entry: Entry, in file: ByteFile) throws -> [UInt8] {
    func failure(_ reason: String, _ help: String = "copy or write the file again") -> FileFailure {
      FileFailure(file: file.path, object: entry.name, reason: reason, help: help)
    }
    guard entry.method == 0 || entry.method == 8 else {
      throw failure(
        "compressed by method \(entry.method), which is not read",
        "write it with np.savez or np.savez_compressed")
    }
    let start = try dataOffset(of: entry, in: file)
    let limit = max(
      freeBytes, entry.storedSize.multipliedReportingOverflow(by: expansion).partialValue)
    guard entry.method == 0 ? entry.size == entry.storedSize : entry.size <= limit else {
      throw failure("it declares \(entry.size) bytes and stores \(entry.storedSize): refused")
    }
    let stored = try file.bytes(at: start, count: entry.storedSize)
    guard
      let contents = entry.method == 0 ? stored : RawDeflate.inflated(stored, size: entry.size)
    else { throw failure("it does not inflate to \(entry.size) bytes") }
    guard RawDeflate.checksum(contents) == entry.checksum else {
      throw failure("checksum mismatch")
    }
    return contents
  }

  /// What an archive is that is no .npz, by the names of its members.
  static func otherKind(_ names: [String]) -> (reason: String, help: String)? {
    if names.contains(where: { $0.hasSuffix("data.pkl") }) {
      return (
        "a PyTorch file (a pickle), which is never read because it can run code",
        "save the tensors with safetensors.torch.save_file, or as HDF5"
      )
    }
    if names.contains("model.weights.h5") || names.contains("config.json") {
      return (
        "a Keras model, not activations",
        "run the model on the stimuli and dump its layers: `universality snippet keras`"
      )
    }
    if !names.contains(where: { $0.hasSuffix(".npy") }) {
      return ("a zip archive without arrays of NumPy", "is the extension right?")
    }
    return nil
  }
}
