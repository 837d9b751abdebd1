/// Owned memory, aligned for any number, filled with zeros.
struct AlignedBuffer: ~Copyable {
  let start: UnsafeMutableRawPointer
  let count: Int

  init(count: Int) {
    start = .allocate(byteCount: max(1, count), alignment: 64)
    start.initializeMemory(as: UInt8.self, repeating: 0, count: count)
    self.count = count
  }

  deinit { start.deallocate() }

  var bytes: UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(start: start, count: count)
  }
}
