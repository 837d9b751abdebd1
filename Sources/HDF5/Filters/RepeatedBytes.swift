#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The step that all compressors of the family of LZ77 share.
enum RepeatedBytes {
  /// Copies `count` bytes from `distance` before a place to that place. Where the regions overlap,
  /// this repeats a pattern.
  @inline(__always)
  static func copy(from distance: Int, to place: UnsafeMutableRawPointer, count: Int) {
    if distance >= count {
      place.copyMemory(from: place - distance, byteCount: count)
    } else if distance == 1 {
      memset(place, Int32(place.load(fromByteOffset: -1, as: UInt8.self)), count)
    } else {
      for i in 0..<count {
        place.storeBytes(
          of: place.load(fromByteOffset: i - distance, as: UInt8.self), toByteOffset: i,
          as: UInt8.self)
      }
    }
  }
}
