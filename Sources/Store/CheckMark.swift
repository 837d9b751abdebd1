/// A check of 32 bits over the key and the result of a row, against bits that turned over on a disk:
/// SQLite notices damage to its own structure, not to what is in it.
///
/// FNV-1a (Fowler, Noll and Vo; 64 bits, folded to 32 as its authors say): each step is one-to-one,
/// so that a single wrong byte always changes the 64 bits.
struct CheckMark {
  private var state: UInt64 = 0xCBF2_9CE4_8422_2325

  mutating func add(_ bytes: some Sequence<UInt8>) {
    for byte in bytes {
      state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
    }
  }

  mutating func add(_ word: UInt64) {
    withUnsafeBytes(of: word.littleEndian) { add($0) }
  }

  mutating func add(_ digest: ContentDigest) {
    for index in 0..<4 { add(digest.words[index]) }
  }

  /// Texts end with a zero, so that no text continues in the next.
  mutating func add(_ text: String) {
    add(text.utf8)
    add(CollectionOfOne(0))
  }

  mutating func add(_ procedure: Procedure) {
    add(procedure.metric)
    add(procedure.conventions)
    add(procedure.precision)
    add(procedure.implementation)
  }

  var value: Int64 { Int64(UInt32(truncatingIfNeeded: state >> 32 ^ state)) }
}
