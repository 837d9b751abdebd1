import HDF5
import Testing

@Suite struct ChunkTests {
  let reader = LibraryReader()

  @Test(arguments: [
    "none", "gzip", "shuffle_gzip", "fletcher32", "gzip_fletcher32", "shuffle_gzip_fletcher32",
    "lzf", "shuffle_lzf", "shuffle_lzf_fletcher32", "shuffle", "scaleoffset",
  ])
  func everyFilterIsUndone(name: String) throws {
    let numbers = try reader.numbers(in: "/filters/\(name)", of: fixture("chunks.h5"), rows: nil)
    #expect(numbers == ramp(23 * 17))
  }

  @Test(arguments: NumberTests.types.map(\.name))
  func everyElementSizeIsUnshuffled(name: String) throws {
    let numbers = try reader.numbers(in: "/shuffled/\(name)", of: fixture("chunks.h5"), rows: nil)
    #expect(numbers == ramp(23 * 17))
  }

  @Test(arguments: [
    ("/odd_bytes", [23, 17]), ("/one_axis", [103]), ("/three_axes", [5, 6, 7]),
    ("/whole_rows", [23, 4, 5]), ("/one_column", [23, 1]), ("/growing", [23, 17]),
    ("/filters/shuffle_gzip", [23, 17]),
  ])
  func everyRangeOfRowsIsThatPartOfTheWhole(path: String, shape: [Int]) throws {
    let file = try fixture("chunks.h5")
    let whole = ramp(shape.reduce(1, *))
    let width = shape.dropFirst().reduce(1, *)
    #expect(try reader.numbers(in: path, of: file, rows: nil) == whole)
    let step = max(1, shape[0] / 8)
    for lower in stride(from: 0, to: shape[0], by: step) {
      for upper in stride(from: lower, through: shape[0], by: step) {
        let expected = Array(whole[(lower * width)..<(upper * width)])
        #expect(try reader.numbers(in: path, of: file, rows: lower..<upper) == expected)
      }
    }
  }

  @Test func chunkShapeFiltersAndGrowthAreListed() throws {
    let dataset = try #require(
      try object("/filters/shuffle_gzip_fletcher32", of: "chunks.h5").dataset)
    #expect(dataset.storage == .chunked([5, 4]))
    #expect(dataset.filters.map(\.name).sorted() == ["deflate", "fletcher32", "shuffle"])
    #expect(dataset.storedBytes > 0)
    #expect(dataset.maximumShape == [23, 17])
    #expect(try object("/growing", of: "chunks.h5").dataset?.maximumShape == [nil, 17])
    let lzf = try object("/filters/lzf", of: "chunks.h5").dataset
    #expect(lzf?.filters == [.init(id: 32000, name: "lzf")])
  }

  @Test func aChunkThatSkippedAFilterIsRead() throws {
    let file = try fixture("chunks.h5")
    #expect(try reader.numbers(in: "/mask", of: file, rows: nil) == ramp(16))
    #expect(
      try reader.numbers(in: "/noise_lzf", of: file, rows: nil)
        == reader.numbers(in: "/noise_plain", of: file, rows: nil))
  }

  @Test func whatWasNeverWrittenIsTheFillValue() throws {
    let file = try fixture("chunks.h5")
    let numbers = try reader.numbers(in: "/unwritten", of: file, rows: nil)
    let expected = (0..<36).map { (12..<24).contains($0) && $0 % 6 < 3 ? 1 : -1.5 }
    #expect(numbers == expected)
    #expect(
      try reader.numbers(in: "/never_written", of: file, rows: nil)
        == [Double](repeating: 7, count: 12))
  }

  @Test(arguments: [
    ("/fletcher32", "the chunk at row 10, column 4 is damaged: checksum mismatch"),
    ("/gzip", "the chunk at row 10, column 4 is damaged: it does not inflate"),
    ("/lzf", "the chunk at row 10, column 4 is damaged: its LZF data do not decode to 80 bytes"),
    ("/short", "the chunk at row 5, column 0 is damaged: it does not inflate to 80 bytes"),
    ("/long", "the chunk at row 5, column 0 is damaged: it does not inflate to 80 bytes"),
    (
      "/short_lzf",
      "the chunk at row 5, column 0 is damaged: its LZF data do not decode to 80 bytes"
    ),
    (
      "/short_plain_mask", "the chunk at row 0, column 4 is damaged: it holds 8 bytes instead of 80"
    ),
  ])
  func aDamagedChunkIsNamed(path: String, reason: String) throws {
    let file = try fixture("damaged.h5")
    let failure = try failure { _ = try reader.numbers(in: path, of: file, rows: nil) }
    #expect(
      failure
        == FileFailure(
          file: file, object: path, reason: reason, help: "copy or write the file again"))
  }

  @Test func rowsBesideADamagedChunkAreStillRead() throws {
    let file = try fixture("damaged.h5")
    #expect(try reader.numbers(in: "/good", of: file, rows: nil) == ramp(160))
    #expect(
      try reader.numbers(in: "/gzip", of: file, rows: 15..<20) == Array(ramp(160)[120..<160]))
  }
}
