import Foundation
import Testing

@testable import HDF5

/// A plan can come from a process that a file has taken over: it is followed only where it makes
/// sense for the file.
@Suite struct PlanTests {
  /// 24 floats: 0, 1, 2, …
  private func withFile(_ body: (OpenFile) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let path = folder + "/numbers"
      let values = (0..<24).map { Float($0) }
      try values.withUnsafeBytes { try Data($0).write(to: URL(fileURLWithPath: path)) }
      try body(OpenFile(path))
    }
  }

  private func numbers(
    _ plan: ReadingPlan, rows: Range<Int>? = nil, of file: OpenFile
  ) throws -> [Double] {
    try PlannedNumbers(plan, rows: rows, of: file, cores: CorePool(count: 2))
      .numbers { (rows) throws(LibraryFailure) in
        [UInt8](repeating: 0, count: rows.count)
      }.doubles
  }

  private func plan(
    _ shape: [Int], _ place: ReadingPlan.Place, _ type: ElementType = .float32, bytes: Int = 4
  ) -> ReadingPlan {
    ReadingPlan(
      elementType: type, isBigEndian: false, elementBytes: bytes, shape: shape, place: place)
  }

  private func chunks(
    _ entries: [ChunkMap.Entry], chunk: [Int] = [2, 3], fill: [UInt8] = [0, 0, 0, 0],
    steps: [FilterStep] = []
  ) -> ReadingPlan.Place {
    .chunked(ChunkMap(chunk: chunk, steps: steps, fill: fill, entries: entries))
  }

  private func entry(_ offset: Int, _ bytes: Int = 24) -> ChunkMap.Entry {
    ChunkMap.Entry(offset: offset, bytes: bytes, mask: 0)
  }

  @Test func soundPlansAreFollowed() throws {
    try withFile { file in
      let whole = plan([4, 6], .contiguous(offset: 0))
      let expected = (0..<24).map { Double($0) }
      let all = try numbers(whole, of: file)
      #expect(all == expected)
      let some = try numbers(whole, rows: 1..<3, of: file)
      #expect(some == Array(expected[6..<18]))
      // Two chunks side by side; then a third row that was never written.
      let map = chunks([entry(0), entry(24), entry(0, 0), entry(0, 0)], fill: [0, 0, 128, 63])
      let mapped = try numbers(plan([3, 6], map), of: file)
      #expect(
        mapped == [0, 1, 2, 6, 7, 8, 3, 4, 5, 9, 10, 11] + [Double](repeating: 1, count: 6))
    }
  }

  @Test(arguments: [-4, 1, 100, Int.max - 3, Int.min])
  func dataOutsideOfTheFileAreNotRead(offset: Int) throws {
    try withFile { file in
      #expect(throws: LibraryFailure.self) {
        try numbers(plan([4, 6], .contiguous(offset: offset)), of: file)
      }
      #expect(throws: LibraryFailure.self) {
        try numbers(plan([2, 3], chunks([entry(offset, 96)])), of: file)
      }
    }
  }

  @Test func mapsThatDoNotFitAreRefused() throws {
    try withFile { file in
      let bad: [ReadingPlan] = [
        plan([4, 6], chunks([entry(0)])),  // three chunks are missing
        plan([2, 3], chunks([entry(0), entry(24)])),  // one too many
        plan([2, 6], chunks([entry(0), entry(12)])),  // the same bytes twice
        plan([2, 3], chunks([entry(0, -24)])),
        plan([2, 3], chunks([entry(0)], chunk: [0, 3])),
        plan([2, 3], chunks([entry(0)], chunk: [2])),
        plan([2, 3], chunks([entry(0)], chunk: [1 << 40, 1 << 40])),
        plan([2, 3], chunks([entry(0)], fill: [0])),
        plan([2, 3], chunks([entry(0)], steps: [.deflate, .deflate])),
        plan([2, 3], chunks([entry(0, 23)])),  // too few bytes
        plan([2, 3], chunks([entry(0)], steps: [.fletcher32])),
        plan([2, 3], chunks([entry(0)], steps: [.shuffle(-1), .lzf])),
        plan([Int.max, Int.max], .contiguous(offset: 0)),
        plan([-1, 6], .contiguous(offset: 0)),
        plan(Array(repeating: 1, count: 33), .contiguous(offset: 0)),
        plan([4, 6], .contiguous(offset: 0), bytes: 0),
        plan([4, 6], .contiguous(offset: 0), bytes: Int.max),
        plan([4, 6], .contiguous(offset: 0), .string, bytes: 8),
        // No decoder for that size, and the library delivers something else.
        plan([4, 6], .contiguous(offset: 0), .float64, bytes: 4),
        plan([4, 6], .library),
      ]
      for plan in bad {
        #expect(throws: LibraryFailure.self, "\(plan)") { try numbers(plan, of: file) }
      }
      for rows in [-1..<2, 3..<5, 4..<6] {
        #expect(throws: LibraryFailure.self) {
          try numbers(plan([4, 6], .contiguous(offset: 0)), rows: rows, of: file)
        }
      }
    }
  }

  @Test func chunksThatWouldExpandBeyondMeasureAreRefused() throws {
    try withFile { file in
      // 128 MiB of fill value from 96 bytes of file.
      let map = chunks(Array(repeating: entry(0, 0), count: 32), chunk: [1 << 20, 1])
      #expect(throws: LibraryFailure.self) { try numbers(plan([32 << 20, 1], map), of: file) }
    }
  }

  @Test func aFileThatChangesWhileItIsReadIsNoticed() throws {
    try withFile { file in
      try file.checkUnchanged()
      let handle = try #require(FileHandle(forWritingAtPath: file.path))
      try handle.truncate(atOffset: 90)
      #expect(throws: LibraryFailure.self) { try file.checkUnchanged() }
      #expect(throws: LibraryFailure.self) {
        try numbers(plan([4, 6], .contiguous(offset: 0)), of: file)
      }
    }
  }

  @Test func theFirstFailureCountsWhateverTheThreads() throws {
    for threads in [1, 2, 7] {
      let failure = try #require(throws: LibraryFailure.self) {
        try CorePool(count: threads).forEach(count: 100) { next, failures in
          while let index = next() {
            if index >= 10 { failures.add(LibraryFailure(reason: "\(index)"), at: index) }
          }
        }
      }
      #expect(failure.reason == "10")
    }
  }
}
