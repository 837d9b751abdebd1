import CHDF5

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A driver of libhdf5 for a file that is already open: the library gets no path, and cannot open
/// another file.
///
/// It can also record where the raw data lie that the library asks for, instead of reading them: so
/// the place of a chunk is found in logarithmic time, where libhdf5 1.10 has functions in linear
/// time alone.
enum DescriptorDriver {
  /// Makes an access property list open a file through this driver.
  static func set(
    on access: hid_t, _ source: UnsafePointer<uh5_descriptor_source>
  ) throws(LibraryFailure) {
    try check(identifier, to: "prepare opening the file")
    try check(H5Pset_driver(access, identifier, source), to: "prepare opening the file")
  }

  /// Registered once; the first use is under the lock of ``HDF5Library``.
  private static let identifier: hid_t = {
    // The library keeps the name: a static string lives as long.
    let name: StaticString = "descriptor"
    return name.withUTF8Buffer { name in
      var driver = H5FD_class_t()
      driver.name = UnsafeRawPointer(name.baseAddress)?.assumingMemoryBound(to: CChar.self)
      driver.maxaddr = haddr_t(Int.max)
      driver.fc_degree = H5F_CLOSE_WEAK
      driver.fapl_size = MemoryLayout<uh5_descriptor_source>.size
      driver.open = { _, flags, access, _ in open(flags: flags, access: access) }
      driver.close = { file in
        free(file)
        return 0
      }
      driver.query = { _, flags in
        // Not collected into larger requests, which would hide where metadata begin.
        flags?.pointee = UInt(H5FD_FEAT_IGNORE_DRVRINFO)
        return 0
      }
      driver.get_eoa = { file, _ in file.map { own($0).pointee.end } ?? haddr_t.max }
      driver.set_eoa = { file, _, end in
        guard let file else { return -1 }
        own(file).pointee.end = end
        return 0
      }
      driver.get_eof = { file, _ in file.map { own($0).pointee.source.size } ?? haddr_t.max }
      driver.read = { file, kind, _, address, size, buffer in
        guard let file, let buffer else { return -1 }
        return read(own(file), kind, at: address, size: size, into: buffer)
      }
      driver.write = { _, _, _, _, _, _ in -1 }
      return H5FDregister(&driver)
    }
  }()

  private static func open(flags: UInt32, access: hid_t) -> UnsafeMutablePointer<H5FD_t>? {
    guard flags & uh5_read_write() == 0, let source = uh5_driver_info(access),
      let memory = calloc(1, MemoryLayout<uh5_descriptor_file>.size)
    else { return nil }
    let file = memory.assumingMemoryBound(to: uh5_descriptor_file.self)
    file.pointee.source = source.load(as: uh5_descriptor_source.self)
    return memory.assumingMemoryBound(to: H5FD_t.self)
  }

  /// The library hands out the first member of what ``open(flags:access:)`` made.
  private static func own(
    _ file: UnsafePointer<H5FD_t>
  ) -> UnsafeMutablePointer<uh5_descriptor_file> {
    UnsafeMutableRawPointer(mutating: file).assumingMemoryBound(to: uh5_descriptor_file.self)
  }

  private static func read(
    _ file: UnsafeMutablePointer<uh5_descriptor_file>, _ kind: H5FD_mem_t, at address: haddr_t,
    size: Int, into buffer: UnsafeMutableRawPointer
  ) -> herr_t {
    let source = file.pointee.source
    // Unlike the library's own driver, no zeros are made up beyond the end of the file.
    guard let offset = Int(exactly: address), let end = Int(exactly: source.size), size >= 0,
      offset <= end, size <= end - offset
    else { return -1 }
    if kind == H5FD_MEM_DRAW, let raw = source.raw, raw.pointee.is_recording {
      raw.pointee.reads += 1
      raw.pointee.address = address
      raw.pointee.size = size
      return 0
    }
    if kind != H5FD_MEM_DRAW, let raw = source.raw { RawReads.noteMetadata(at: address, raw) }
    var done = 0
    while done < size {
      let count = pread(source.descriptor, buffer + done, size - done, off_t(offset + done))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return -1 }
      done += count
    }
    return 0
  }
}
