import CDeflate

/// Deflate without a wrapper, as zip archives hold it.
public enum RawDeflate {
  /// Inflates a stream that must end exactly at `size` bytes.
  ///
  /// - Returns: `nil` if the stream is damaged or has another length.
  public static func inflated(_ source: [UInt8], size: Int) -> [UInt8]? {
    guard size >= 0, let decompressor = libdeflate_alloc_decompressor() else { return nil }
    defer { libdeflate_free_decompressor(decompressor) }
    // One byte at least, so that there is an address to write to.
    var target = [UInt8](repeating: 0, count: max(1, size))
    let result = libdeflate_deflate_decompress(
      decompressor, source, source.count, &target, size, nil)
    guard result == LIBDEFLATE_SUCCESS else { return nil }
    return size == 0 ? [] : target
  }

  /// The CRC-32 of bytes, as zip archives and gzip use it.
  public static func checksum(_ bytes: [UInt8]) -> UInt32 {
    libdeflate_crc32(0, bytes, bytes.count)
  }
}
