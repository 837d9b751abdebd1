import COpenSSL

/// Which samples a zoo has, apart from the order of its rows.
public struct SampleDigest: Sendable, Equatable {
  /// For each row the place of its sample when the ids are sorted by their bytes; `nil` without ids,
  /// where the rows are in their order by definition.
  public let places: [Int]?
  /// SHA-256 in lower-case hexadecimal, of the sorted ids, each after its length in bytes and a colon;
  /// without ids of the number of rows. Two zoos on the same samples have the same digest.
  public let hexadecimal: String

  /// - Parameters:
  ///   - ids: The sample ids row by row, `nil` if there are none.
  ///   - count: The number of samples.
  public init(ids: [String]?, count: Int) {
    guard let ids else {
      places = nil
      hexadecimal = Self.sha256("positional:\(count)")
      return
    }
    precondition(ids.count == count, "\(ids.count) ids for \(count) samples")
    let order = ids.indices.sorted { a, b in
      ids[a] == ids[b] ? a < b : ids[a].utf8.lexicographicallyPrecedes(ids[b].utf8)
    }
    var places = [Int](repeating: 0, count: count)
    for (place, row) in order.enumerated() { places[row] = place }
    self.places = places
    hexadecimal = Self.sha256(
      order.reduce(into: "ids:") { $0 += "\(ids[$1].utf8.count):\(ids[$1])" })
  }

  private static func sha256(_ text: String) -> String {
    let bytes = Array(text.utf8)
    var digest = [UInt8](repeating: 0, count: 32)
    let status = EVP_Digest(bytes, bytes.count, &digest, nil, EVP_sha256(), nil)
    precondition(status == 1, "SHA-256 is not to be had from the library")
    let symbols = Array("0123456789abcdef")
    return String(digest.flatMap { [symbols[Int($0 >> 4)], symbols[Int($0 & 15)]] })
  }
}

extension ActivationSet {
  /// Which samples the zoo has.
  public var sampleDigest: SampleDigest { SampleDigest(ids: sampleIDs, count: sampleCount) }
}
