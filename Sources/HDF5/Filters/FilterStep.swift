/// A filter that is undone here rather than by libhdf5.
enum FilterStep: Equatable, Sendable {
  case deflate
  case lzf
  /// With the bytes of an element.
  case shuffle(Int)
  case fletcher32
  case lz4
  case zstd
  case bitShuffle(BitShuffle)
  case blosc

  /// - Parameters:
  ///   - filter: Its registered number.
  ///   - parameters: The first of those that the file keeps for it.
  ///   - elementBytes: The bytes of an element of the dataset.
  /// - Returns: `nil` for a filter that cannot be undone here.
  /// - Throws: ``LibraryFailure`` if the parameters are those of another dataset.
  init?(filter: Int, parameters: [UInt32], elementBytes: Int) throws(LibraryFailure) {
    switch filter {
    case 1: self = .deflate
    case 2:
      guard parameters.first == UInt32(exactly: elementBytes) else {
        throw Self.contradiction("shuffle")
      }
      self = .shuffle(elementBytes)
    case 3: self = .fletcher32
    case Int(LZF.filter): self = .lzf
    case LZ4.filter: self = .lz4
    case Zstandard.filter: self = .zstd
    case Blosc.filter: self = .blosc
    case BitShuffle.filter:
      guard let shuffle = BitShuffle(parameters: parameters) else { return nil }
      guard shuffle.width == elementBytes else { throw Self.contradiction("bitshuffle") }
      self = .bitShuffle(shuffle)
    default: return nil
    }
  }

  private static func contradiction(_ name: String) -> LibraryFailure {
    LibraryFailure(
      reason: "the parameters of its filter \(name) do not fit the size of its elements",
      help: "the file is damaged; write it again")
  }

  /// Whether what it leaves can have another size than what it got, by a compressor.
  var changesSize: Bool {
    switch self {
    case .shuffle, .fletcher32: false
    case .bitShuffle(let shuffle): shuffle.compression != .none
    case .deflate, .lzf, .lz4, .zstd, .blosc: true
    }
  }

  /// Whether it only changes the order of bytes or bits.
  var isShuffle: Bool {
    switch self {
    case .shuffle: true
    case .bitShuffle(let shuffle): shuffle.compression == .none
    default: false
    }
  }

  /// Whether it cannot be undone without the library of Zstandard.
  var needsZstandard: Bool {
    switch self {
    case .zstd: true
    case .bitShuffle(let shuffle): shuffle.compression == .zstd
    default: false
    }
  }

  /// … or only where a chunk asks for it.
  var mayNeedZstandard: Bool { needsZstandard || self == .blosc }

  /// Such as "LZF".
  var inWords: String {
    switch self {
    case .deflate: "deflated"
    case .lzf: "LZF"
    case .shuffle: "shuffled"
    case .fletcher32: "checked"
    case .lz4: "LZ4"
    case .zstd: "Zstandard"
    case .bitShuffle: "bit-shuffled"
    case .blosc: "Blosc"
    }
  }
}
