/// What leads out of a file, or twice to the same place in it, and is followed only when the user
/// allows it.
public enum UnsafeFeature: String, CaseIterable, Sendable {
  /// Paths that stand for other objects of the file.
  case softLinks = "soft-links"
  /// Objects of other HDF5 files below the folder of the file.
  case externalLinks = "external-links"
  /// Numbers in other files below the folder of the file.
  case externalStorage = "external-storage"
}

/// A link that is not followed by itself.
public struct LinkOutline: Sendable, Codable, Hashable {
  /// The path of the link.
  public var path: String
  /// The name of the other file, or `nil` for a soft link.
  public var file: String?
  /// The path of the object that it leads to.
  public var target: String

  public init(path: String, file: String? = nil, target: String) {
    self.path = path
    self.file = file
    self.target = target
  }

  /// What it is, as the end of a sentence that begins with its path.
  var inWords: String {
    file.map { "is an external link to \(target) in \($0)" } ?? "is a soft link to \(target)"
  }

  /// The path of the object, from the root: that of a soft link may begin at its group.
  ///
  /// - Returns: `nil` if it leads upwards.
  var absoluteTarget: String? {
    var parts = target.split(separator: "/").filter { $0 != "." }
    if file == nil, !target.hasPrefix("/") {
      parts = path.split(separator: "/").dropLast() + parts
    }
    return parts.contains("..") ? nil : "/" + parts.joined(separator: "/")
  }
}

/// A piece of the numbers of a dataset with external storage.
public struct ExternalPart: Sendable, Equatable {
  /// The name of the file, as the dataset gives it.
  public var file: String
  /// Where the piece begins, in bytes.
  public var offset: Int
  /// The bytes of the piece; `nil` for all that remain.
  public var bytes: Int?

  public init(file: String, offset: Int, bytes: Int?) {
    self.file = file
    self.offset = offset
    self.bytes = bytes
  }
}
