import CHDF5

/// Where raw data lie, seen through the library's own request for them (``DescriptorDriver``).
struct RawReads: ~Copyable {
  let state: UnsafeMutablePointer<uh5_raw_reads>

  init() {
    state = .allocate(capacity: 1)
    state.initialize(to: uh5_raw_reads())
  }

  deinit { state.deallocate() }

  /// The range of bytes that `body` makes the library ask for; it gets none of them.
  ///
  /// - Throws: ``LibraryFailure`` if it does not ask for exactly one range.
  borrowing func range(
    of body: () throws(LibraryFailure) -> Void
  ) throws(LibraryFailure) -> Range<Int> {
    state.pointee = uh5_raw_reads(is_recording: true, reads: 0, address: 0, size: 0)
    defer { state.pointee.is_recording = false }
    try body()
    guard state.pointee.reads == 1, let start = Int(exactly: state.pointee.address),
      start <= Int.max - state.pointee.size
    else { throw LibraryFailure(reason: "the library does not say where it lies") }
    return start..<start + state.pointee.size
  }
}
