import CHDF5

/// What went wrong in a call of libhdf5, before it is known to which file and object it belongs.
struct LibraryFailure: Error {
  /// A sentence for the researcher.
  var reason: String
  /// The library's own words.
  var detail: String?
  /// What to do about it.
  var help: String?

  init(reason: String, detail: String? = nil, help: String? = nil) {
    self.reason = reason
    self.detail = detail
    self.help = help
  }

  /// A failed call: takes the words from the library's error stack and clears that.
  init(cannot purpose: String) {
    let detail = ErrorStack.take()
    self.init(reason: "cannot \(purpose)", detail: detail)
    if let detail, let known = KnownTrouble(in: detail) {
      reason = known.reason ?? reason
      help = known.help
    }
  }

  func at(file: String, object: String? = nil) -> FileFailure {
    FileFailure(file: file, object: object, reason: reason, detail: detail, help: help)
  }
}

/// The error stack that libhdf5 keeps per thread.
enum ErrorStack {
  /// What the stack says, outermost call first, in one line; `nil` if it is empty. Clears it.
  static func take() -> String? {
    var sentences: [String] = []
    withUnsafeMutablePointer(to: &sentences) { pointer in
      _ = H5Ewalk2(
        hid_t(H5E_DEFAULT), H5E_WALK_DOWNWARD,
        { _, error, context in
          guard let text = error?.pointee.desc, let context else { return 0 }
          context.assumingMemoryBound(to: [String].self).pointee.append(String(cString: text))
          return 0
        }, pointer)
    }
    H5Eclear2(hid_t(H5E_DEFAULT))
    return oneLine(sentences)
  }

  /// Joins the sentences of a stack: the outermost and the two innermost, without repetitions,
  /// control characters, memory addresses, time stamps and file flags, which differ between runs.
  static func oneLine(_ sentences: [String]) -> String? {
    var kept: [String] = []
    for sentence in sentences {
      let short = cleaned(sentence)
      if !short.isEmpty, !kept.contains(short) { kept.append(short) }
    }
    if kept.count > 3 { kept.removeSubrange(1..<(kept.count - 2)) }
    return kept.isEmpty ? nil : String(kept.joined(separator: ": ").prefix(300))
  }

  private static func cleaned(_ sentence: String) -> String {
    var parts: [Substring] = []
    for part in sentence.split(separator: ",") {
      let words = part.drop { $0 == " " }
      let noise = [
        "time =", "flags =", "o_flags =", "errno =", "buf =", "total read size =", "name =",
      ]
      if noise.contains(where: words.hasPrefix) || words.contains("0x") { continue }
      parts.append(part)
    }
    let text = parts.joined(separator: ",")
    return String(text.map { $0.isNewline || $0.asciiValue.map { $0 < 32 } == true ? " " : $0 })
  }
}

/// Sentences of the library that mean something definite to those who made the file.
struct KnownTrouble {
  /// A better sentence than "cannot …", if there is one.
  var reason: String?
  var help: String

  /// How to bring a file into a format that is read.
  static let conversion =
    "save it again with h5py.File(..., libver=\"v110\"), or convert it with the h5repack of a "
    + "newer HDF5: h5repack --low=0 --high=2 in.h5 out.h5"

  static let openForWriting = (
    reason: "marked as open for writing: its writer is still running or was killed",
    help: "wait until the writer has closed it; if the writer is gone, clear the mark: h5clear -s "
      + "FILE"
  )

  init?(in detail: String) {
    let detail = detail.lowercased()
    if detail.contains("bad object header version")
      || detail.contains("wrong b-tree signature") || detail.contains("incorrect metadata checksum")
    {
      reason = "the file is damaged, or its writer was killed before it could finish"
      help = "write the file again; what a writer had not flushed is lost"
    } else if detail.contains("version number") || detail.contains("unknown superblock version")
      || detail.contains("bad version")
    {
      reason =
        "damaged, or written in a newer format than this version of the HDF5 library reads"
      help = Self.conversion
    } else if detail.contains("already open") {
      (reason, help) = Self.openForWriting
    } else {
      return nil
    }
  }
}
