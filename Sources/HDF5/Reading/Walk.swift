import CHDF5

/// Visits the objects of a file once each, over hard links only.
struct Walk {
  private(set) var objects: [ObjectOutline] = []
  private(set) var notes: [String] = []
  /// The objects that are there and cannot be read.
  private(set) var failures: [(path: String, failure: LibraryFailure)] = []
  /// Where each visited object was first met, by its address.
  private var visited: [haddr_t: String] = [:]
  private var linksSeen = 0
  private var hasStopped = false

  /// - Throws: ``LibraryFailure`` only if the root group cannot be read.
  mutating func run(_ file: borrowing SourceFile) throws(LibraryFailure) {
    let root = try file.open("/")
    var address: haddr_t = 0
    try check(uh5_object_address(root.id, &address), to: "read the root group")
    visited[address] = "/"
    try visit(root, at: "/", in: file, inCreationOrder: false, depth: 0)
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
        notes.append("\(path) has \(skipped) attributes beyond \(Caps.attributes): not read")
      }
    } catch {
      note(path, "attributes cannot be read", error)
    }
    objects.append(outline)
    guard depth < Caps.depth else {
      notes.append("\(path) lies \(depth) levels deep: what is below it is not read")
      return
    }
    let links = try Link.all(of: object.id)
    for link in links.links {
      guard !hasStopped else { return }
      linksSeen += 1
      guard linksSeen <= Caps.objects else {
        hasStopped = true
        notes.append("stopped after \(Caps.objects) objects, at \(path)")
        return
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
      notes.append("\(path) \(trouble)")
      return
    }
    if let first = visited[link.address] {
      notes.append("\(path) is the same object as \(first)")
      return
    }
    visited[link.address] = path
    do throws(LibraryFailure) {
      let object = try file.open(at: link.address)
      switch H5Iget_type(object.id) {
      case H5I_GROUP:
        try visit(object, at: path, in: file, inCreationOrder: ordered, depth: depth + 1)
      case H5I_DATASET:
        try add(SourceDataset(object), at: path, inCreationOrder: ordered)
      case H5I_DATATYPE:
        notes.append("\(path) is a named datatype")
      default:
        notes.append("\(path) is neither a group nor a dataset")
      }
    } catch {
      note(path, "cannot be read", error)
      failures.append((path, error))
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
        notes.append("\(path) has \(skipped) attributes beyond \(Caps.attributes): not read")
      }
    } catch {
      note(path, "attributes cannot be read", error)
    }
    objects.append(
      ObjectOutline(
        path: path, attributes: attributes, dataset: dataset.outline,
        inCreationOrder: inCreationOrder))
  }

  private mutating func note(_ path: String, _ what: String, _ error: LibraryFailure) {
    let detail = error.detail.map { " (\($0))" } ?? ""
    let help = error.help.map { "; \($0)" } ?? ""
    notes.append("\(path) \(what): \(error.reason)\(detail)\(help)")
  }
}
