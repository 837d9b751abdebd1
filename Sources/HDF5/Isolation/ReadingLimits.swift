import CIsolation

/// What a process that reads a file may use.
enum ReadingLimits {
  /// Bytes of memory besides that of the program itself.
  static let memory = 384 << 20
  /// Bytes of addresses, the program and its libraries included.
  static let addresses = 1 << 30

  /// Seconds of processor time for a file: a few for any file, and more for large ones, because an
  /// honest file can hold an object in some hundred bytes, each of which takes some microseconds.
  static func seconds(fileSize: Int) -> Int { min(600, 2 + fileSize / (4 << 20)) }

  /// Seconds to wait for an answer. Processor time ends first, save on a busy machine or a slow
  /// disk.
  static func patience(fileSize: Int) -> Int { 4 + 2 * seconds(fileSize: fileSize) }

  /// Limits this process and the ones that it starts: memory, no core files, no byte to any file.
  static func apply() {
    ui_limit_memory(UInt64(memory), UInt64(addresses))
    ui_limit_core_and_files()
  }

  /// Limits the processor time of this process, and lets it open nothing more.
  static func apply(seconds: Int) { ui_limit_seconds_and_descriptors(UInt64(seconds)) }
}
