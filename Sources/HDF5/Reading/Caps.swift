/// Limits on what a file may make the reader do. Files come from anywhere.
enum Caps {
  /// Levels of groups below the root.
  static let depth = 32
  /// Links looked at in one file.
  static let objects = 200_000
  /// Bytes of one attribute.
  static let attributeBytes = 1 << 20
  /// Attributes of one object.
  static let attributes = 4096
  /// Bytes of one name.
  static let nameBytes = 1 << 16
  /// Bytes of one decoded chunk.
  static let chunkBytes = 256 << 20
  /// A dataset may always declare this many bytes …
  static let declaredBytes = 64 << 20
  /// … and above that at most this many times what the file stores for it. Deflate reaches 1032.
  static let expansion = 1000
}
