import Foundation
import Testing

@testable import Store

@Suite struct ContentDigestTests {
  private func digest(
    _ elements: [Double], rows: Int, columns: Int
  ) throws -> ContentDigest {
    try elements.withUnsafeBytes {
      try ContentDigest(rows: rows, columns: columns, elementType: .float64, bytes: $0)
    }
  }

  /// The definition, with the digest of another program: printf 'float32 1 1\n\0\0\200\077' |
  /// sha256sum.
  @Test func itIsTheSHA256OfHeaderAndBytes() throws {
    let digest = try [Float(1)].withUnsafeBytes {
      try ContentDigest(rows: 1, columns: 1, elementType: .float32, bytes: $0)
    }
    #expect(
      digest.description == "d6200ff0446f0c78bceaddc2ad99a0167bdbaa3bf2fa559da5310ed37ce8877c")
    #expect(ContentDigest(bytes: digest.bytes) == digest)
    #expect(ContentDigest(bytes: digest.bytes.dropLast()) == nil)
  }

  @Test func shapeTypeAndEveryBitCount() throws {
    let elements = [1.0, 2, 3, 4, 5, 0]
    let one = try digest(elements, rows: 2, columns: 3)
    #expect(try digest(elements, rows: 2, columns: 3) == one)
    #expect(try digest(elements, rows: 3, columns: 2) != one)
    #expect(try digest([1, 2, 3, 4, 5, -0.0], rows: 2, columns: 3) != one)
    #expect(try digest([1, 2, 3, 4, 5.nextUp, 0], rows: 2, columns: 3) != one)
    let asSingle = try elements.withUnsafeBytes {
      try ContentDigest(rows: 4, columns: 3, elementType: .float32, bytes: $0)
    }
    #expect(asSingle != one)
  }

  @Test func piecesGiveTheDigestOfTheWhole() throws {
    let elements = [1.0, 2, 3, 4, 5, 0]
    var stream = try ContentDigest.Stream(rows: 2, columns: 3, elementType: .float64)
    for piece in [elements[..<1], elements[1..<4], elements[4...]] {
      try piece.withUnsafeBytes { try stream.add($0) }
    }
    let digest = try stream.finish()
    #expect(try digest == self.digest(elements, rows: 2, columns: 3))
  }

  @Test func aFileHasADigestUnlessItCannotBeRead() throws {
    let program = try #require(ContentDigest(ofFile: CommandLine.arguments[0]))
    #expect(ContentDigest(ofFile: CommandLine.arguments[0]) == program)
    #expect(try #require(ContentDigest(ofFile: #filePath)) != program)
    #expect(ContentDigest(ofFile: "/no/such/file") == nil)
  }

  @Test func anEmptyMatrixHasADigestToo() throws {
    #expect(try digest([], rows: 0, columns: 3) != digest([], rows: 3, columns: 0))
  }

  @Test func theOrderIsTotalAndThatOfTheBytes() throws {
    let digests = try (0..<20).map { try digest([Double($0)], rows: 1, columns: 1) }.sorted()
    for (a, b) in zip(digests, digests.dropFirst()) {
      #expect(a < b && !(b < a))
      #expect(a.bytes.lexicographicallyPrecedes(b.bytes))
    }
  }
}
