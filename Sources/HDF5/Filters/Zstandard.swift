import CZstd

/// Zstandard, HDF5's filter 32015, by its library. One serves one thread.
struct Zstandard: ~Copyable {
  /// The number under which the filter is registered with The HDF Group.
  static let filter = 32015

  /// Whether this program was built with the library.
  static var isAvailable: Bool { uz_is_available() }

  private let context: UnsafeMutableRawPointer

  /// - Returns: `nil` if there is no library or no memory.
  init?() {
    guard let context = uz_new_context() else { return nil }
    self.context = context
  }

  deinit { uz_free_context(context) }

  /// - Returns: Whether the source decompresses to exactly the size of the target.
  func decode(
    _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
  ) -> Bool {
    guard let input = source.baseAddress, let output = target.baseAddress else { return false }
    return uz_decompress(context, input, source.count, output, target.count)
  }
}
