import CHDF5

/// Visits the objects of a file once each, over hard links only.
struct Walk {
  private(set) var objects: [ObjectOutline] = []
  private(set) var notes: [String] = []
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
    notes.append("\(path) \(what): \(error.reason)\(detail)")
  }
}

/// A link of a group: a name and where it leads.
struct Link {
  /// The name, with U+FFFD for what is no UTF-8.
  let shownName: String
  /// The address of the object, for a hard link.
  let address: haddr_t
  /// Why the link is not followed, as the end of a sentence that begins with its path.
  let trouble: String?

  /// The links of a group, in creation order if the group tracks it, else in byte order.
  static func all(
    of group: hid_t
  ) throws(LibraryFailure) -> (links: [Link], areInCreationOrder: Bool) {
    let creation = try Handle(
      H5Gget_create_plist(group), closing: H5Pclose, to: "read the properties of the group")
    var order: UInt32 = 0
    try check(
      H5Pget_link_creation_order(creation.id, &order), to: "read the properties of the group")
    if order & UInt32(H5P_CRT_ORDER_TRACKED) != 0 {
      var links: [Link] = []
      if collect(group, by: H5_INDEX_CRT_ORDER, &links) >= 0 { return (links, true) }
      H5Eclear2(hid_t(H5E_DEFAULT))
    }
    var links: [Link] = []
    try check(collect(group, by: H5_INDEX_NAME, &links), to: "list the group")
    return (links, false)
  }

  private static func collect(
    _ group: hid_t, by index: H5_index_t, _ links: inout [Link]
  ) -> herr_t {
    withUnsafeMutablePointer(to: &links) { pointer in
      uh5_iterate_links(
        group, index,
        { group, name, info, context in
          guard let name, let info, let context else { return -1 }
          let links = context.assumingMemoryBound(to: [Link].self)
          links.pointee.append(Link(name, info, in: group))
          // One more than can be looked at: enough to notice that there are too many.
          return links.pointee.count > Caps.objects ? 1 : 0
        }, pointer)
    }
  }

  private init(_ name: UnsafePointer<CChar>, _ info: UnsafePointer<H5L_info_t>, in group: hid_t) {
    var length = 0
    while length <= Caps.nameBytes, name[length] != 0 { length += 1 }
    let bytes = UnsafeRawBufferPointer(start: name, count: min(length, Caps.nameBytes))
    shownName = String(
      decoding: length > Caps.nameBytes ? bytes.prefix(64) : bytes[...], as: UTF8.self)
    address = info.pointee.type == H5L_TYPE_HARD ? uh5_link_address(info) : haddr_t.max
    switch info.pointee.type {
    case H5L_TYPE_HARD:
      if length > Caps.nameBytes {
        trouble = "… has a name of more than \(Caps.nameBytes) bytes: not read"
      } else if String(validating: bytes, as: UTF8.self) == nil {
        trouble = "has a name that is not valid UTF-8: not read"
      } else if length == 0 || bytes.contains(UInt8(ascii: "/")) || shownName == "." {
        trouble = "has a name that no path can hold: not read"
      } else {
        trouble = nil
      }
    case H5L_TYPE_SOFT:
      let target = Self.value(of: name, in: group, size: uh5_link_value_size(info))
      let shown = target.map { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) } ?? "?"
      trouble = "is a soft link to \(shown): not followed"
    case H5L_TYPE_EXTERNAL:
      trouble = "is an external link\(Self.externalTarget(of: name, in: group, info)): not followed"
    default:
      trouble = "is a user-defined link: not followed"
    }
  }

  private static func value(
    of name: UnsafePointer<CChar>, in group: hid_t, size: Int
  ) -> [UInt8]? {
    guard size > 0, size <= Caps.nameBytes else { return nil }
    var value = [UInt8](repeating: 0, count: size)
    guard H5Lget_val(group, name, &value, size, 0) >= 0 else {
      H5Eclear2(hid_t(H5E_DEFAULT))
      return nil
    }
    return value
  }

  /// The value of an external link (File Format Specification IV.A.2.g): a byte of version and
  /// flags, the file, a zero, the path, a zero.
  private static func externalTarget(
    of name: UnsafePointer<CChar>, in group: hid_t, _ info: UnsafePointer<H5L_info_t>
  ) -> String {
    let value = value(of: name, in: group, size: uh5_link_value_size(info))
    guard let parts = value?.dropFirst().split(separator: 0), parts.count >= 2 else { return "" }
    return " to \(String(decoding: parts[1], as: UTF8.self)) in "
      + String(decoding: parts[0], as: UTF8.self)
  }
}
