import Foundation
import Testing

@testable import HDF5

/// Damage to metadata that have no checksum, where the file as a whole gives it away.
@Suite struct DamageTests {
  @Test func twoClaimsToTheSameBytesAreAConflict() throws {
    var claims = ByteClaims()
    try claims.claim([100..<200, 300..<400], for: "/a")
    try claims.claim([200..<300, 400..<500], for: "/b")
    // Again, or in part: nothing new.
    try claims.claim([150..<160], for: "/a")
    #expect(Self.conflict([399..<400], "/c", in: &claims) == .init(owner: "/c", other: "/a"))
    #expect(
      Self.conflict([0..<1, 499..<600], "/c", in: &claims) == .init(owner: "/c", other: "/b"))
    // Nothing of a refused claim remains.
    claims.note(structure: [600, 100, 499])
    #expect(Self.conflict([0..<100, 500..<600], "/d", in: &claims) == nil)
    #expect(Self.conflict([601..<700], "/e", in: &claims) == nil)
    #expect(Self.conflict([650..<800], "/e", in: &claims) == nil)
    #expect(Self.conflict([600..<601], "/f", in: &claims) == .init(owner: "/f", other: nil))
    claims.note(structure: Array(1000..<4000))
    #expect(Self.conflict([800..<1000], "/f", in: &claims) == nil)
    #expect(Self.conflict([3999..<5000], "/f", in: &claims) == .init(owner: "/f", other: nil))
    #expect(Self.conflict([4000..<5000, 799..<801], "/f", in: &claims)?.other == "/e")
  }

  private static func conflict(
    _ bytes: [Range<Int>], _ owner: String, in claims: inout ByteClaims
  ) -> ByteClaims.Conflict? {
    do throws(ByteClaims.Conflict) {
      try claims.claim(bytes, for: owner)
      return nil
    } catch {
      return error
    }
  }

  /// Against all pairs of pieces, one by one.
  @Test func conflictsAmongPiecesAreThoseOfThePairs() {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<300 {
      let pieces = (0..<8).map { index in
        let start = Int.random(in: 0..<200, using: &generator)
        return (
          owner: "/\(index)", bytes: start..<start + Int.random(in: 0..<30, using: &generator)
        )
      }
      let place = Int.random(in: 0..<200, using: &generator)
      var claims = ByteClaims()
      claims.note(structure: [place])
      let conflicts = claims.claim(pieces: pieces)
      for piece in pieces {
        let isWrong =
          piece.bytes.contains(place)
          || pieces.contains { $0.owner != piece.owner && $0.bytes.overlaps(piece.bytes) }
        #expect((conflicts[piece.owner] != nil) == isWrong, "\(pieces) \(place)")
      }
    }
  }

  /// Changes an eight-byte number of a file.
  private func withFile(
    _ name: String, replacing old: Int, by new: Int, _ body: (String) throws -> Void
  ) throws {
    try withTemporaryFolder { folder in
      var data = try Data(contentsOf: URL(fileURLWithPath: fixture(name)))
      let bytes = withUnsafeBytes(of: UInt64(old).littleEndian) { Data($0) }
      let range = try #require(data.range(of: bytes))
      data.replaceSubrange(range, with: withUnsafeBytes(of: UInt64(new).littleEndian) { Data($0) })
      let path = folder + "/damaged.h5"
      try data.write(to: URL(fileURLWithPath: path))
      try body(path)
    }
  }

  private func place(of dataset: String, in name: String) throws -> Range<Int> {
    let source = try OpenFile(fixture(name))
    return try HDF5Library.serialised { () throws(LibraryFailure) -> Range<Int>? in
      try SourceDataset(at: dataset, in: SourceFile(source)).piece
    } ?? 0..<0
  }

  @Test func anAddressThatLeadsIntoAnotherDatasetIsDamage() throws {
    let own = try place(of: "/little/float32", in: "numbers.h5")
    let other = try place(of: "/little/float64", in: "numbers.h5")
    #expect(own.lowerBound != other.lowerBound && !own.isEmpty)
    try withFile("numbers.h5", replacing: own.lowerBound, by: other.lowerBound) { path in
      let outline = try LibraryReader().outline(of: path)
      #expect(!outline.objects.contains { $0.path == "/little/float32" })
      let faults = outline.faults.filter { $0.object?.hasPrefix("/little/float") == true }
      #expect(Set(faults.compactMap(\.object)) == ["/little/float32", "/little/float64"])
      #expect(faults.allSatisfy { $0.reason.contains("its numbers are said to lie where") })
      // The others are still there.
      #expect(outline.objects.contains { $0.path == "/little/int32" })
    }
  }

  @Test func anAddressThatLeadsIntoTheStructureIsDamage() throws {
    let own = try place(of: "/little/float32", in: "numbers.h5")
    try withFile("numbers.h5", replacing: own.lowerBound, by: 48) { path in
      let outline = try LibraryReader().outline(of: path)
      let fault = try #require(outline.faults.first { $0.object == "/little/float32" })
      #expect(fault.reason.hasSuffix("where the file keeps its structure"))
    }
  }

  @Test func soundFilesHaveNoConflicts() throws {
    for name in ["numbers.h5", "chunks.h5", "strings.h5", "links.h5", "order.h5", "filters.h5"] {
      #expect(try LibraryReader().outline(of: fixture(name)).faults.isEmpty, "\(name)")
    }
  }

  /// A shape of 22 rows has as many chunks of 5 rows as one of 23.
  @Test func aShapeThatLostARowIsNoticed() throws {
    let shape = ReadingPlan(
      elementType: .float32, isBigEndian: false, elementBytes: 4, shape: [3, 2],
      place: .chunked(
        ChunkMap(
          chunk: [2, 2], steps: [], fill: [0, 0, 128, 191], checksPadding: true,
          entries: [
            ChunkMap.Entry(offset: 0, bytes: 16, mask: 0),
            ChunkMap.Entry(offset: 16, bytes: 16, mask: 0),
          ])))
    for (last, isSound) in [(Float(0), true), (-1, true), (7, false)] {
      try withTemporaryFolder { folder in
        let path = folder + "/numbers"
        let values: [Float] = [1, 2, 3, 4, 5, 6, last, last]
        try values.withUnsafeBytes { try Data($0).write(to: URL(fileURLWithPath: path)) }
        let file = try OpenFile(path)
        let outcome = Result {
          try PlannedNumbers(shape, rows: nil, of: file, cores: CorePool(count: 1))
            .numbers { (_) throws(LibraryFailure) in [UInt8]() }.doubles
        }
        if isSound {
          #expect(try outcome.get() == [1, 2, 3, 4, 5, 6])
        } else {
          let failure = try #require(throws: LibraryFailure.self) { try outcome.get() }
          #expect(failure.reason.contains("beyond the shape [3, 2]"))
        }
      }
    }
  }

  @Test func namesOutOfOrderAreDamage() throws {
    try withTemporaryFolder { folder in
      var data = try Data(contentsOf: URL(fileURLWithPath: fixture("numbers.h5")))
      let name = try #require(data.range(of: Data("int16\0".utf8)))
      data.replaceSubrange(name, with: Data("~nt16\0".utf8))
      let path = folder + "/damaged.h5"
      try data.write(to: URL(fileURLWithPath: path))
      let outline = try LibraryReader().outline(of: path)
      #expect(outline.faults.contains { $0.reason.hasPrefix("the names in it may be wrong") })
    }
  }
}
