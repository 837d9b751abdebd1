import COpenSSL
import Foundation

/// What a matrix of activations contains, in 256 bits: the key under which results are found again.
///
/// SHA-256 (FIPS 180-4) of shape, element type and elements, so that results follow the numbers that
/// a metric sees and not the names of files, models or layers. Matrices with the same digest are
/// taken to be equal: nobody knows two inputs with one digest, or how to make them. A faster hash
/// without that property would let a dump from elsewhere claim the results of another.
///
/// - Complexity: O(bytes), 0.6 ns a byte on a core with instructions for SHA and about four times as
///   much without. Digests of several representations are independent of each other.
public struct ContentDigest: Hashable, Sendable {
  /// How the elements are stored. Equal numbers in another type are another content.
  public enum ElementType: String, Sendable {
    case float32
    case float64

    var size: Int { self == .float32 ? 4 : 8 }
  }

  /// The 32 bytes as big-endian words.
  let words: SIMD4<UInt64>

  /// The digest of a matrix whose elements are all in memory; see ``Stream``.
  public init(
    rows: Int, columns: Int, elementType: ElementType, bytes: UnsafeRawBufferPointer
  ) throws(StoreFailure) {
    var stream = try Stream(rows: rows, columns: columns, elementType: elementType)
    try stream.add(bytes)
    self = try stream.finish()
  }

  /// The digest of a file, such as a program; `nil` when it cannot be read.
  public init?(ofFile path: String) {
    guard let data = try? Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped),
      var stream = try? Stream(header: "file \(data.count)", size: data.count),
      (try? data.withUnsafeBytes { try stream.add($0) }) != nil,
      let digest = try? stream.finish()
    else { return nil }
    self = digest
  }

  /// The digest whose bytes are given, or `nil` unless there are 32.
  init?(bytes: some Collection<UInt8>) {
    guard bytes.count == 32 else { return nil }
    var words = SIMD4<UInt64>()
    for (index, byte) in bytes.enumerated() {
      words[index / 8] = words[index / 8] << 8 | UInt64(byte)
    }
    self.words = words
  }

  /// The digest with this ``description``, or `nil` if there is none.
  public init?(hexadecimal text: String) {
    let digits = text.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
    guard digits.count == 64, text.utf8.count == 64 else { return nil }
    self.init(bytes: (0..<32).map { UInt8(16 * digits[2 * $0] + digits[2 * $0 + 1]) })
  }

  /// The 32 bytes.
  var bytes: [UInt8] {
    (0..<32).map { UInt8(truncatingIfNeeded: words[$0 / 8] >> UInt64(56 - 8 * ($0 % 8))) }
  }
}

extension ContentDigest {
  /// The digest of a matrix that comes in pieces, because it is too large for the memory.
  public struct Stream: ~Copyable {
    private let context: OpaquePointer
    /// The bytes still to come.
    private var missing: Int

    /// Begins with a matrix of `rows` × `columns` elements.
    ///
    /// - Throws: ``StoreFailure/noDigest`` when OpenSSL refuses, as it does without memory.
    public init(rows: Int, columns: Int, elementType: ElementType) throws(StoreFailure) {
      try self.init(
        header: "\(elementType.rawValue) \(rows) \(columns)",
        size: rows * columns * elementType.size)
    }

    /// The header ends with a line break, so that none is the beginning of another.
    init(header: String, size: Int) throws(StoreFailure) {
      guard let context = EVP_MD_CTX_new() else { throw .noDigest }
      let line = Array((header + "\n").utf8)
      guard EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1,
        EVP_DigestUpdate(context, line, line.count) == 1
      else {
        EVP_MD_CTX_free(context)
        throw .noDigest
      }
      self.context = context
      missing = size
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Adds the next elements: row after row, in the machine's order of bytes.
    public mutating func add(_ bytes: UnsafeRawBufferPointer) throws(StoreFailure) {
      missing -= bytes.count
      guard EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1 else { throw .noDigest }
    }

    /// The digest of all that was added.
    ///
    /// - Precondition: There were as many bytes as the shape needs.
    public consuming func finish() throws(StoreFailure) -> ContentDigest {
      precondition(missing == 0, "\(missing) bytes of the matrix are missing")
      var bytes = [UInt8](repeating: 0, count: 32)
      guard EVP_DigestFinal_ex(context, &bytes, nil) == 1, let digest = ContentDigest(bytes: bytes)
      else { throw .noDigest }
      return digest
    }
  }
}

extension ContentDigest: CustomStringConvertible {
  /// The 32 bytes in hexadecimal.
  public var description: String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}

extension ContentDigest: Comparable {
  /// The order of the bytes: it depends on the contents alone, not on the order of the inputs.
  public static func < (a: ContentDigest, b: ContentDigest) -> Bool {
    for index in 0..<4 where a.words[index] != b.words[index] {
      return a.words[index] < b.words[index]
    }
    return false
  }
}
