import CHDF5

/// The decoder of LZF, the compression that h5py calls "lzf".
///
/// The format (liblzf 3.6, lzf_d.c): a control byte below 32 is followed by that many bytes plus
/// one, verbatim. Otherwise its upper three bits are a length minus two (7: a further byte is added)
/// and its lower five, with the byte that follows, the distance back minus one.
enum LZF {
  /// The number under which the filter is registered with The HDF Group.
  static let filter: H5Z_filter_t = 32000

  /// Decodes a block.
  ///
  /// - Returns: The number of bytes written, or `nil` if the block is damaged or does not fit.
  static func decode(
    _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
  ) -> Int? {
    guard let input = source.baseAddress, let output = target.baseAddress else { return 0 }
    var read = 0
    var written = 0
    while read < source.count {
      let control = Int(source[read])
      read += 1
      if control < 32 {
        let length = control + 1
        guard length <= source.count - read, length <= target.count - written else { return nil }
        (output + written).copyMemory(from: input + read, byteCount: length)
        read += length
        written += length
      } else {
        var length = control >> 5
        if length == 7 {
          guard read < source.count else { return nil }
          length += Int(source[read])
          read += 1
        }
        length += 2
        guard read < source.count else { return nil }
        let distance = (control & 31) << 8 + Int(source[read]) + 1
        read += 1
        guard distance <= written, length <= target.count - written else { return nil }
        RepeatedBytes.copy(from: distance, to: output + written, count: length)
        written += length
      }
    }
    return written
  }

  /// Makes the decoder known to libhdf5, for what the library itself reads, such as strings.
  static func register() {
    // The library keeps the name for good: a static string lives as long.
    let name: StaticString = "lzf"
    name.withUTF8Buffer { name in
      var filterClass = H5Z_class2_t(
        version: H5Z_CLASS_T_VERS, id: filter, encoder_present: 0, decoder_present: 1,
        name: UnsafeRawPointer(name.baseAddress)?.assumingMemoryBound(to: CChar.self),
        can_apply: nil, set_local: nil,
        filter: { flags, count, values, size, bufferSize, buffer in
          guard flags & UInt32(H5Z_FLAG_REVERSE) != 0, let bufferSize, let buffer,
            let source = buffer.pointee
          else { return 0 }
          // The third parameter is h5py's idea of the decoded size. It may be absent, and too
          // small for strings of variable length, of which the file holds more than the memory.
          var capacity = max(2 * size, 1024)
          if count >= 3, let values { capacity = max(1, Int(values[2])) }
          while capacity <= Caps.chunkBytes {
            guard let target = H5allocate_memory(capacity, true) else { return 0 }
            let written = LZF.decode(
              UnsafeRawBufferPointer(start: source, count: size),
              into: UnsafeMutableRawBufferPointer(start: target, count: capacity))
            if let written, written > 0 {
              H5free_memory(source)
              buffer.pointee = target
              bufferSize.pointee = capacity
              return written
            }
            H5free_memory(target)
            capacity *= 2
          }
          return 0
        })
      H5Zregister(&filterClass)
    }
  }
}
