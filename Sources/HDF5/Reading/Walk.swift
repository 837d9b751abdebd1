import CHDF5

/// Visits the objects of a file once each, over hard links only.
struct Walk {
  private(set) var objects: [ObjectOutline] = []
  private(set) var notes: [String] = []
  private(set) var faults: [FileFailure] = []
  private(set) var links: [LinkOutline] = []
  /// Where each visited object was first met, by its address.
  private var visited: [haddr_t: String] = [:]
  private var linksSeen = 0
  /// The bytes of paths, names and values so far.
  private var bytes = 0
  private var hasStopped = false
  /// Where the numbers of datasets lie that are stored in one piece.
  private var pieces: [(owner: String, bytes: Range<Int>)] = []

  /// - Throws: ``LibraryFailure`` only if the root group cannot be read.
  mutating func run(
    _ file: borrowing SourceFile, _ claims: inout ByteClaims
  ) throws(LibraryFailure) {
    let root = try file.open("/")
    var address: haddr_t = 0
    try check(uh5_object_address(root.id, &address), to: "read the root group")
    visited[address] = "/"
    try visit(root, at: "/", in: file, inCreationOrder: false, depth: 0)
    claims.note(structure: file.raw.takeMetadata())
    leaveOut(claims.claim(pieces: pieces))
  }

  /// Leaves out datasets that claim bytes of each other or of the structure of the file.
  private mutating func leaveOut(_ conflicts: [String: ByteClaims.Conflict]) {
    guard !conflicts.isEmpty else { return }
    objects.removeAll { conflicts[$0.path] != nil }
    for (path, _) in pieces {
      guard let conflict = conflicts[path] else { continue }
      fault(path, "it cannot be read", conflict.failure)
    }
  }

  /// Adds an object, and what lies below it if it is a group.
  private mutating func visit(
    _ object: borrowing Handle, at path: String, in file: borrowing SourceFile,
    inCreationOrder: Bool, depth: Int
  ) throws(LibraryFailure) {
    var outline = ObjectOutline(
      path: path, attributes: [:], dataset: nil, inCreationOrder: inCreationOrder)
    do throws(LibraryFailure) {
      let (attributes, skipped) = try Attributes.read(of: object.id)
      outline.attributes = attributes
      if skipped > 0 {
        note("\(path) has \(skipped) attributes beyond \(Caps.attributes): not read")
      }
    } catch {
      fault(path, "its attributes cannot be read", error)
    }
    add(outline)
    guard depth < Caps.depth else {
      note("\(path) lies \(depth) levels deep: what is below it is not read")
      return
    }
    let links = try Link.all(of: object.id)
    if !links.isInOrder {
      fault(
        path, "the names in it may be wrong",
        LibraryFailure(
          reason: "they are not in the order in which a group keeps them",
          help: "the file is damaged; write it again"))
    }
    for link in links.links {
      guard !hasStopped else { return }
      linksSeen += 1
      guard linksSeen <= Caps.objects else {
        return stop("after \(Caps.objects) objects, at \(path)")
      }
      follow(
        link, below: path, of: object, in: file, ordered: links.areInCreationOrder, depth: depth)
    }
  }

  private mutating func follow(
    _ link: Link, below parent: String, of group: borrowing Handle, in file: borrowing SourceFile,
    ordered: Bool, depth: Int
  ) {
    let path = (parent == "/" ? "" : parent) + "/" + link.shownName
    if let trouble = link.trouble {
      note("\(path) \(trouble)")
      if !hasStopped, let outline = link.outline(at: path) { links.append(outline) }
      return
    }
    if let first = visited[link.address] {
      note("\(path) is the same object as \(first)")
      return
    }
    visited[link.address] = path
    let known = file.raw.metadataCount
    do throws(LibraryFailure) {
      let object = try file.open(at: link.address)
      switch H5Iget_type(object.id) {
      case H5I_GROUP:
        try visit(object, at: path, in: file, inCreationOrder: ordered, depth: depth + 1)
      case H5I_DATASET:
        try add(SourceDataset(object), at: path, inCreationOrder: ordered)
      case H5I_DATATYPE:
        note("\(path) is a named datatype")
      default:
        note("\(path) is neither a group nor a dataset")
      }
    } catch {
      file.raw.forgetMetadata(after: known)
      fault(path, "it cannot be read", error)
    }
  }

  private mutating func add(
    _ dataset: borrowing SourceDataset, at path: String, inCreationOrder: Bool
  ) {
    var attributes: [String: AttributeValue] = [:]
    do throws(LibraryFailure) {
      let (read, skipped) = try Attributes.read(of: dataset.handle.id)
      attributes = read
      if skipped > 0 {
        note("\(path) has \(skipped) attributes beyond \(Caps.attributes): not read")
      }
    } catch {
      fault(path, "its attributes cannot be read", error)
    }
    add(
      ObjectOutline(
        path: path, attributes: attributes, dataset: dataset.outline,
        inCreationOrder: inCreationOrder))
    if let bytes = dataset.piece { pieces.append((path, bytes)) }
  }

  /// Adds an outline, or stops where all of them would be too large.
  private mutating func add(_ outline: ObjectOutline) {
    bytes += outline.path.utf8.count
    for (name, value) in outline.attributes { bytes += name.utf8.count + value.textBytes }
    guard bytes <= Caps.outlineBytes else { return stopForSize(at: outline.path) }
    objects.append(outline)
  }

  private mutating func stopForSize(at place: String) {
    stop("after \(Caps.outlineBytes >> 20) MiB of names and attributes, at \(place)")
  }

  /// Ends the walk: nothing more is listed.
  private mutating func stop(_ reason: String) {
    hasStopped = true
    notes.append("stopped \(reason): what follows is not read")
  }

  private mutating func fault(_ path: String, _ what: String, _ error: LibraryFailure) {
    guard !hasStopped else { return }
    bytes += path.utf8.count + error.reason.utf8.count + (error.detail?.utf8.count ?? 0)
    guard bytes <= Caps.outlineBytes else { return stopForSize(at: path) }
    var failure = error.at(file: "", object: path)
    failure.reason = "\(what): \(error.reason)"
    faults.append(failure)
  }

  private mutating func note(_ sentence: String) {
    guard !hasStopped else { return }
    bytes += sentence.utf8.count
    guard bytes <= Caps.outlineBytes else { return stopForSize(at: "a note") }
    notes.append(sentence)
  }
}

extension SourceFile {
  /// What the file holds, without its data.
  ///
  /// - Parameter claims: Where the numbers of datasets lie that are stored in one piece, afterwards.
  func outline(_ claims: inout ByteClaims) throws(LibraryFailure) -> FileOutline {
    var walk = Walk()
    try walk.run(self, &claims)
    return FileOutline(
      file: file.path, objects: walk.objects, notes: walk.notes, faults: walk.faults,
      links: walk.links
    )
    .limited(toFileOf: file.size)
  }
}

extension FileOutline {
  /// The outline with no dataset said to store more than the file has.
  func limited(toFileOf size: Int) -> FileOutline {
    var outline = self
    for index in objects.indices {
      guard let stored = objects[index].dataset?.storedBytes, stored > size else { continue }
      outline.objects[index].dataset?.storedBytes = size
    }
    return outline
  }
}

extension AttributeValue {
  /// About how many bytes the value takes.
  fileprivate var textBytes: Int {
    switch self {
    case .string(let text), .unreadable(let text): text.utf8.count
    case .integer, .real, .boolean: 8
    case .strings(let texts): texts.reduce(0) { $0 + 8 + $1.utf8.count }
    case .integers(let values): 8 * values.count
    case .reals(let values): 8 * values.count
    }
  }
}
