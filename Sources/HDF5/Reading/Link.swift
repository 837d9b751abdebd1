import CHDF5

/// A link of a group: a name and where it leads.
struct Link {
  /// The name, with U+FFFD for what is no UTF-8.
  let shownName: String
  /// The address of the object, for a hard link.
  let address: haddr_t
  /// Why the link is not followed, as the end of a sentence that begins with its path.
  let trouble: String?
  /// The other file and the path that it leads to, for a soft or external link.
  private let place: (file: String?, target: String)?

  /// The name as it is in the file.
  let name: [UInt8]

  /// The links of a group.
  struct List {
    var links: [Link] = []
    /// Whether they come in the order of their creation, because the group tracks it, or of the bytes
    /// of their names.
    var areInCreationOrder = false

    /// Whether they come in the order that they are said to have. A group without checksums keeps
    /// its links by name: one out of order was damaged.
    var isInOrder: Bool {
      areInCreationOrder
        || zip(links, links.dropFirst()).allSatisfy { $0.name.lexicographicallyPrecedes($1.name) }
    }
  }

  /// The links of a group.
  static func all(of group: hid_t) throws(LibraryFailure) -> List {
    let creation = try Handle(
      H5Gget_create_plist(group), closing: H5Pclose, to: "read the properties of the group")
    var order: UInt32 = 0
    try check(
      H5Pget_link_creation_order(creation.id, &order), to: "read the properties of the group")
    if order & UInt32(H5P_CRT_ORDER_TRACKED) != 0 {
      var links: [Link] = []
      if collect(group, by: H5_INDEX_CRT_ORDER, &links) >= 0 {
        return List(links: links, areInCreationOrder: true)
      }
      H5Eclear2(hid_t(H5E_DEFAULT))
    }
    var links: [Link] = []
    try check(collect(group, by: H5_INDEX_NAME, &links), to: "list the group")
    return List(links: links)
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
    self.name = Array(bytes)
    shownName = String(
      decoding: length > Caps.nameBytes ? bytes.prefix(64) : bytes[...], as: UTF8.self)
    address = info.pointee.type == H5L_TYPE_HARD ? uh5_link_address(info) : haddr_t.max
    var place: (file: String?, target: String)?
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
      place = (nil, shown)
      trouble = "is a soft link to \(shown): not followed"
    case H5L_TYPE_EXTERNAL:
      place = Self.externalTarget(of: name, in: group, info)
      trouble =
        "is an external link\(place.map { " to \($0.target) in \($0.file ?? "")" } ?? ""): not followed"
    default:
      trouble = "is a user-defined link: not followed"
    }
    self.place = place
  }

  /// What is known of a soft or external link at a path.
  func outline(at path: String) -> LinkOutline? {
    place.map { LinkOutline(path: path, file: $0.file, target: $0.target) }
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
  ) -> (file: String?, target: String)? {
    let value = value(of: name, in: group, size: uh5_link_value_size(info))
    guard let parts = value?.dropFirst().split(separator: 0), parts.count >= 2 else { return nil }
    return (String(decoding: parts[0], as: UTF8.self), String(decoding: parts[1], as: UTF8.self))
  }
}
