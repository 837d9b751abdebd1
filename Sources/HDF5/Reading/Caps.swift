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
  /// Bytes of all paths and attributes that one outline lists.
  static let outlineBytes = 32 << 20
  /// Axes of a dataset (H5S_MAX_RANK).
  static let axes = 32
  /// Chunks that one request looks up.
  static let chunks = 1 << 22
  /// Bytes of one decoded chunk.
  static let chunkBytes = 256 << 20
  /// Bytes that the library reads at once.
  static let libraryBytes = 64 << 20
  /// A dataset may always declare this many bytes …
  static let declaredBytes = 64 << 20
  /// … and above that at most this many times what the file stores for it. Deflate reaches 1032.
  static let expansion = 1000

  /// The product of sizes, or `nil` if it cannot be represented.
  static func product(_ sizes: [Int]) -> Int? {
    var product = 1
    for size in sizes {
      let (next, overflows) = product.multipliedReportingOverflow(by: size)
      guard !overflows else { return nil }
      product = next
    }
    return product
  }
}
