import CHDF5
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The C library behind this module.
public enum HDF5Library {
  /// The version of libhdf5 in use, such as "1.10.8".
  public static var version: String {
    serialised {
      var major: UInt32 = 0
      var minor: UInt32 = 0
      var release: UInt32 = 0
      H5get_libversion(&major, &minor, &release)
      return "\(major).\(minor).\(release)"
    }
  }

  /// Whether the library has been made ready.
  private static let isReady = Mutex(false)

  /// Runs the body while no other thread uses libhdf5, which is not safe for concurrent use in
  /// every build and gains nothing from it in the others. Not for nested use.
  static func serialised<Result: Sendable, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try isReady.withLock { (isReady) throws(Failure) -> Result in
      if !isReady {
        makeReady()
        isReady = true
      }
      // Printing is a setting of the thread.
      H5Eset_auto2(hid_t(H5E_DEFAULT), nil, nil)
      H5Eclear2(hid_t(H5E_DEFAULT))
      return try body()
    }
  }

  private static func makeReady() {
    // Dumps often lie on file systems without locks, or a writer still holds one.
    setenv("HDF5_USE_FILE_LOCKING", "FALSE", 1)
    // Before anything else: the library's own exit handler can end in an endless loop.
    H5dont_atexit()
    H5open()
    // A file that names a filter must not make the library load code.
    H5PLset_loading_state(0)
    LZF.register()
  }
}
