import COpenSSL
import Foundation

/// SHA-256 digests of files.
enum Fingerprint {
  /// The SHA-256 digest of the bytes of a file, in lower-case hexadecimal, or `nil` if the file
  /// cannot be read to its end. The file passes through a buffer of 1 MiB.
  static func sha256(ofFile path: String) -> String? {
    guard let context = EVP_MD_CTX_new() else { return nil }
    defer { EVP_MD_CTX_free(context) }
    guard EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else { return nil }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    let capacity = 1 << 20
    let buffer = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
    defer { buffer.deallocate() }
    while true {
      let count = read(descriptor, buffer, capacity)
      if count == 0 { break }
      guard count > 0, EVP_DigestUpdate(context, buffer, count) == 1 else { return nil }
    }
    var digest = [UInt8](repeating: 0, count: 32)
    guard EVP_DigestFinal_ex(context, &digest, nil) == 1 else { return nil }
    let symbols = Array("0123456789abcdef")
    return String(digest.flatMap { [symbols[Int($0 >> 4)], symbols[Int($0 & 15)]] })
  }

  /// Up to 16 stretches of 4 KiB, evenly spread over a file; files that differ in them are different.
  static func sample(ofFile path: String) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    let size = Int(lseek(descriptor, 0, SEEK_END))
    let (stretch, count) = (4096, 16)
    var buffer = [UInt8](repeating: 0, count: stretch)
    var bytes: [UInt8] = []
    for index in 0..<count {
      let offset = max(0, size - stretch) / (count - 1) * index
      let read = pread(descriptor, &buffer, stretch, off_t(offset))
      if read > 0 { bytes.append(contentsOf: buffer[..<read]) }
    }
    return bytes
  }
}
