import HDF5

extension ArrayFile {
  /// One array in a .npy file, called like the file.
  init(npy file: ByteFile) throws {
    self.init(file: file)
    let head = try file.bytes(at: 0, count: min(file.size, NumPyHeader.largest + 12))
    let name = FoundFile(path: file.path, bytes: file.size).stem
    do throws(NumPyHeader.Fault) {
      let header = try NumPyHeader(head)
      try check(header, available: file.size - header.length)
      members = [
        Member(path: "/\(name)", header: header.array, place: .stored(offset: header.length))
      ]
    } catch {
      throw failure(nil, error.reason, help: error.help ?? "write it again with np.save")
    }
  }

  /// The arrays of a .npz archive. A single string or number becomes an attribute.
  init(zip file: ByteFile) throws {
    self.init(file: file)
    let entries = try ZipArchive.entries(of: file)
    if let refusal = ZipArchive.otherKind(entries.map(\.name)) {
      throw failure(nil, refusal.reason, help: refusal.help)
    }
    for entry in entries {
      guard entry.name.hasSuffix(".npy"), !entry.name.hasPrefix("/") else {
        notes.append("\(entry.name) in the archive is no array: not read")
        continue
      }
      let path = "/" + entry.name.dropLast(4)
      do {
        let head = try ZipArchive.beginning(of: entry, in: file, count: NumPyHeader.largest + 12)
        let header = try NumPyHeader(head)
        try check(header, available: entry.size - header.length)
        let start = try ZipArchive.storedOffset(of: entry, in: file)
        let member = Member(
          path: path, header: header.array,
          place: .zipped(
            entry, headerBytes: header.length, storedAt: start.map { $0 + header.length }))
        members.append(member)
        if header.array.shape.isEmpty { takeAttribute(member) }
      } catch let fault as NumPyHeader.Fault {
        notes.append("\(path) cannot be read: \(fault.reason)")
        failures.append(failure(path, fault.reason, help: fault.help))
      } catch let trouble as FileFailure {
        failures.append(failure(path, trouble.reason, help: trouble.help))
      }
    }
    if members.isEmpty, let first = failures.first { throw first }
  }

  private func check(_ header: NumPyHeader, available: Int) throws(NumPyHeader.Fault) {
    guard header.array.bytes <= available else {
      throw NumPyHeader.Fault(
        reason: "truncated: it declares \(header.array.bytes) bytes of data and has \(available)",
        help: "copy or write the file again")
    }
    // There is no checksum: a damaged shape shows itself in the size alone.
    guard header.array.bytes == available else {
      throw NumPyHeader.Fault(
        reason: "it declares \(header.array.bytes) bytes of data and has \(available)",
        help: "its header is damaged, or several arrays were saved one after the other: write each "
          + "to a file of its own")
    }
  }

  private mutating func takeAttribute(_ member: Member) {
    let name = String(member.path.dropFirst())
    if member.header.type.strings != nil {
      if let text = try? strings(in: member.path).first {
        attributes[name] = .string(text)
        members.removeLast()
      }
    } else if let number = try? numbers(in: member.path, rows: nil).doubles.first {
      attributes[name] =
        member.header.type == .boolean
        ? .boolean(number != 0) : Int(exactly: number).map { .integer($0) } ?? .real(number)
      members.removeLast()
    }
  }
}
