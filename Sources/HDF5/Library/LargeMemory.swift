#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// New memory that is going to be filled at once.
enum LargeMemory {
  /// Asks for large pages, where the system has them on request: most of the time of filling fresh
  /// memory goes into faults of small pages. NumPy does the same, from the same size on.
  static func prepare(_ memory: UnsafeMutableRawBufferPointer) {
    #if os(Linux)
      guard memory.count >= 4 << 20, let start = memory.baseAddress else { return }
      let page = 4096
      let first = (Int(bitPattern: start) + page - 1) / page * page
      let end = (Int(bitPattern: start) + memory.count) / page * page
      madvise(UnsafeMutableRawPointer(bitPattern: first), end - first, Int32(MADV_HUGEPAGE))
    #endif
  }
}
