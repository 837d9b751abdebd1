import Foundation

/// What a file is, told from its first bytes and never from its name.
enum FileSignature: Equatable {
  case hdf5
  /// Arrays of NumPy or safetensors.
  case arrays
  /// No HDF5 file, with what it seems to be instead and what to do about it.
  case other(reason: String, help: String?)

  /// The eight bytes with which an HDF5 superblock begins.
  static let hdf5Bytes: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]

  /// Looks for the superblock at 0, 512, 1024, 2048 … as the HDF5 specification (II.A) lays down.
  init(ofFile path: String, bytes: Int) {
    if bytes == 0 {
      self = .other(
        reason: "the file is empty (0 bytes)",
        help: "was the program that wrote it stopped? Write the dump again")
      return
    }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      let cause = String(cString: strerror(errno))
      self = .other(reason: "the file cannot be opened: \(cause)", help: "check its permissions")
      return
    }
    defer { close(descriptor) }
    var offset = 0
    while offset + 8 <= bytes {
      if FileSignature.read(8, at: offset, from: descriptor) == FileSignature.hdf5Bytes {
        self = .hdf5
        return
      }
      offset = offset == 0 ? 512 : offset * 2
    }
    if ArrayFormat(ofFile: path) != nil {
      self = .arrays
      return
    }
    self = FileSignature.guess(from: FileSignature.read(512, at: 0, from: descriptor))
  }

  private static func read(_ count: Int, at offset: Int, from descriptor: Int32) -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: count)
    let got = pread(descriptor, &buffer, count, off_t(offset))
    return Array(buffer.prefix(max(0, got)))
  }

  private static func guess(from head: [UInt8]) -> FileSignature {
    // The number with which files of torch.save began before they became zip archives.
    if head.starts(with: [
      0x80, 2, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50,
    ]) {
      return .other(
        reason: "a PyTorch file (a pickle), which is never read because it can run code",
        help: "save the tensors with safetensors.torch.save_file, or as HDF5")
    }
    if head.starts(with: [0x80]) && (2...5).contains(head.dropFirst().first ?? 0) {
      return .other(
        reason: "a pickle, which is never read because it can run code",
        help: "save the arrays with np.savez, safetensors or h5py")
    }
    // A length in eight bytes and JSON; one that fits the file has been recognised before.
    if head.count > 9, head[8] == UInt8(ascii: "{"), [UInt8(ascii: "\""), 0x20].contains(head[9]) {
      return .other(
        reason: "a safetensors file whose header is said to be longer than the file",
        help: "the file is damaged or truncated; copy or write it again")
    }
    if head.starts(with: Array("CDF".utf8)) {
      return .other(
        reason: "no HDF5 file but classic netCDF", help: "convert it with `nccopy -k netCDF-4`")
    }
    if head.starts(with: Array("MATLAB 5.0".utf8)) {
      return .other(
        reason: "no HDF5 file but an older .mat file", help: "save it in MATLAB with '-v7.3'")
    }
    let isText = head.allSatisfy { $0 >= 0x20 || [0x09, 0x0a, 0x0d].contains($0) }
    if isText, String(validating: head, as: UTF8.self) != nil || head.allSatisfy({ $0 < 0x80 }) {
      return .other(reason: "no HDF5 file but text", help: "is the extension right?")
    }
    return .other(
      reason: "no HDF5 file: its signature is missing",
      help: "is the file complete, and is the extension right?")
  }
}
