import CHDF5

/// An identifier of libhdf5 that is closed when its owner goes away.
struct Handle: ~Copyable {
  let id: hid_t
  private let close: (hid_t) -> herr_t

  /// Takes over an identifier.
  ///
  /// - Parameters:
  ///   - id: What a function of libhdf5 returned; negative if it failed.
  ///   - close: The function that closes this kind of identifier.
  ///   - purpose: What was tried, to complete "cannot …".
  /// - Throws: ``LibraryFailure`` with the library's error stack if the identifier is negative.
  init(
    _ id: hid_t, closing close: @escaping (hid_t) -> herr_t, to purpose: String
  ) throws(LibraryFailure) {
    guard id >= 0 else { throw LibraryFailure(cannot: purpose) }
    self.id = id
    self.close = close
  }

  deinit { _ = close(id) }
}

/// Checks the status of a call.
///
/// - Throws: ``LibraryFailure`` with the library's error stack if the status is negative.
func check(_ status: some SignedInteger, to purpose: String) throws(LibraryFailure) {
  guard status >= 0 else { throw LibraryFailure(cannot: purpose) }
}
