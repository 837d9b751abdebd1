import CHDF5

/// Where raw data and metadata lie, seen through the library's own requests (``DescriptorDriver``).
struct RawReads: ~Copyable {
  let state: UnsafeMutablePointer<uh5_raw_reads>

  /// The requests for metadata that are remembered.
  private static let places = 1 << 20

  init() {
    state = .allocate(capacity: 1)
    state.initialize(to: uh5_raw_reads())
    state.pointee.metadata = .allocate(capacity: Self.places)
    state.pointee.metadata_capacity = Self.places
  }

  deinit {
    state.pointee.metadata.deallocate()
    state.deallocate()
  }

  /// The range of bytes that `body` makes the library ask for; it gets none of them.
  ///
  /// - Throws: ``LibraryFailure`` if it does not ask for exactly one range.
  borrowing func range(
    of body: () throws(LibraryFailure) -> Void
  ) throws(LibraryFailure) -> Range<Int> {
    state.pointee.is_recording = true
    state.pointee.reads = 0
    defer { state.pointee.is_recording = false }
    try body()
    guard state.pointee.reads == 1, let start = Int(exactly: state.pointee.address),
      start <= Int.max - state.pointee.size
    else { throw LibraryFailure(reason: "the library does not say where it lies") }
    return start..<start + state.pointee.size
  }

  static func noteMetadata(at address: haddr_t, _ state: UnsafeMutablePointer<uh5_raw_reads>) {
    guard state.pointee.metadata_count < state.pointee.metadata_capacity else { return }
    state.pointee.metadata[state.pointee.metadata_count] = address
    state.pointee.metadata_count += 1
  }

  /// How many requests for metadata there were.
  var metadataCount: Int { state.pointee.metadata_count }

  /// Forgets the last requests: what was read there proved to be none.
  borrowing func forgetMetadata(after count: Int) { state.pointee.metadata_count = count }

  /// Where metadata begin that were asked for since this was last asked.
  func takeMetadata() -> [Int] {
    defer { state.pointee.metadata_count = 0 }
    return UnsafeBufferPointer(start: state.pointee.metadata, count: state.pointee.metadata_count)
      .compactMap { Int(exactly: $0) }
  }
}
