import HDF5

/// Named arrays in a file that is no HDF5 file.
struct ArrayFile {
  /// One array: what it is, and where its bytes lie.
  struct Member {
    var path: String
    var header: ArrayHeader
    var place: Place
  }

  enum Place {
    /// At an offset of the file, as they are.
    case stored(offset: Int)
    /// A member of a zip archive, behind a header of some bytes. One that is not compressed can be
    /// read in part, from an offset of the file; its checksum is compared when all of it is read.
    case zipped(ZipArchive.Entry, headerBytes: Int, storedAt: Int?)
  }

  let file: ByteFile
  var members: [Member] = []
  /// Strings and numbers that stand for themselves.
  var attributes: [String: AttributeValue] = [:]
  var notes: [String] = []
  /// Members that cannot be read.
  var failures: [FileFailure] = []

  /// The arrays of a file of NumPy or safetensors, or `nil` for any other file.
  ///
  /// - Throws: ``FileFailure`` if it is such a file and damaged, or holds what is never read.
  static func recognised(_ path: String) throws -> ArrayFile? {
    switch ArrayFormat(ofFile: path) {
    case nil: return nil
    case .npy: return try ArrayFile(npy: ByteFile(path))
    case .zip: return try ArrayFile(zip: ByteFile(path))
    case .safetensors: return try ArrayFile(safetensors: ByteFile(path))
    }
  }

  init(file: ByteFile) { self.file = file }

  var outline: FileOutline {
    var objects = [ObjectOutline(path: "/", attributes: attributes, dataset: nil)]
    var groups: Set<String> = ["/"]
    for member in members {
      var group = ""
      for name in member.path.split(separator: "/").dropLast() {
        group += "/\(name)"
        guard groups.insert(group).inserted else { continue }
        objects.append(ObjectOutline(path: group, attributes: [:], dataset: nil))
      }
      objects.append(
        ObjectOutline(
          path: member.path, attributes: [:],
          dataset: DatasetOutline(
            shape: member.header.shape, elementType: member.header.type.elementType,
            isBigEndian: member.header.isBigEndian, storedBytes: member.header.bytes)))
    }
    return FileOutline(file: file.path, objects: objects, notes: notes, faults: failures)
  }

  func numbers(in dataset: String, rows: Range<Int>?) throws -> Numbers {
    let member = try member(dataset)
    let header = member.header
    let all = 0..<(header.shape.first ?? 1)
    let rows = rows ?? all
    guard rows.lowerBound >= 0, rows.upperBound <= all.upperBound else {
      throw failure(dataset, "rows \(rows) lie outside of its \(all.count) rows")
    }
    let size = header.type.bytes
    let rowSize = header.shape.dropFirst().reduce(1, *)
    guard let decode = header.type.numbers else {
      throw failure(dataset, "holds \(header.type.elementType.name), no numbers")
    }
    if header.isColumnMajor && header.shape.count > 1 {
      let columnMajor = decode(
        try bytes(of: member, at: 0, count: header.bytes), header.isBigEndian)
      return columnMajor.picked(header.rowMajorPlaces(rows))
    }
    let bytes = try bytes(
      of: member, at: rows.lowerBound * rowSize * size, count: rows.count * rowSize * size)
    return decode(bytes, header.isBigEndian)
  }

  func strings(in dataset: String) throws -> [String] {
    let member = try member(dataset)
    guard let decode = member.header.type.strings else {
      throw failure(dataset, "holds numbers, no text")
    }
    return decode(
      try bytes(of: member, at: 0, count: member.header.bytes), member.header.isBigEndian)
  }

  private func member(_ dataset: String) throws -> Member {
    guard let member = members.first(where: { $0.path == dataset }) else {
      throw failure(dataset, "the file has no such array")
    }
    return member
  }

  private func bytes(of member: Member, at offset: Int, count: Int) throws -> [UInt8] {
    switch member.place {
    case .stored(let start): return try file.bytes(at: start + offset, count: count)
    case .zipped(_, _, let start?) where count < member.header.bytes:
      return try file.bytes(at: start + offset, count: count)
    case .zipped(let entry, let headerBytes, _):
      let all = try ZipArchive.contents(of: entry, in: file)
      guard headerBytes + offset + count <= all.count else {
        throw failure(member.path, "it ends before its data do")
      }
      return Array(all[headerBytes + offset..<headerBytes + offset + count])
    }
  }

  func failure(_ object: String?, _ reason: String, help: String? = nil) -> FileFailure {
    FileFailure(file: file.path, object: object, reason: reason, help: help)
  }
}

/// The formats beside HDF5 that are read.
enum ArrayFormat: Equatable {
  case npy, zip, safetensors

  /// By the first bytes; safetensors, which has no signature, by its header and name.
  init?(ofFile path: String) {
    guard let file = try? ByteFile(path), file.size >= 8,
      let head = try? file.bytes(at: 0, count: min(16, file.size))
    else { return nil }
    if head.starts(with: [0x93] + Array("NUMPY".utf8)) {
      self = .npy
    } else if head.starts(with: [0x50, 0x4b, 0x03, 0x04]) || head.starts(with: [0x50, 0x4b, 5, 6]) {
      self = .zip
    } else if let length = head.littleEndian(at: 0, bytes: 8), length >= 2,
      length <= UInt64(file.size - 8), head.count > 8, head[8] == UInt8(ascii: "{")
    {
      self = .safetensors
    } else {
      return nil
    }
  }
}
