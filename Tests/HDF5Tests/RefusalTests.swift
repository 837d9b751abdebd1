import Foundation
import HDF5
import Testing

@Suite struct RefusalTests {
  let reader = LibraryReader()

  @Test func externalStorageIsNeverRead() throws {
    let file = try fixture("refused.h5")
    #expect(try object("/external", of: "refused.h5").dataset?.storage == .external)
    let numbers = try failure { _ = try reader.numbers(in: "/external", of: file, rows: nil) }
    #expect(numbers.reason.contains("external storage"))
    #expect(numbers.object == "/external")
    let strings = try failure { _ = try reader.strings(in: "/external_text", of: file) }
    #expect(strings.reason.contains("external storage"))
  }

  @Test func virtualDatasetsAreNeverRead() throws {
    #expect(try object("/virtual", of: "refused.h5").dataset?.storage == .virtual)
    let failure = try failure {
      _ = try reader.numbers(in: "/virtual", of: fixture("refused.h5"), rows: nil)
    }
    #expect(failure.reason.contains("virtual dataset"))
  }

  @Test(arguments: [
    ("/bomb", "it declares 4398046511104 bytes, the file stores only 0"),
    ("/contiguous_bomb", "it declares 4398046511104 bytes, the file stores only 0"),
    ("/overflow", "more elements than this machine can address"),
    ("/large_chunk", "its chunks are larger than 256 MiB"),
  ])
  func declaredSizesThatTheFileCannotFillAreRefused(path: String, reason: String) throws {
    for rows in [nil, 0..<1] {
      let failure = try failure {
        _ = try reader.numbers(in: path, of: fixture("refused.h5"), rows: rows)
      }
      #expect(failure.reason.contains(reason), "\(failure)")
    }
  }

  @Test func aMissingFilterIsNamed() throws {
    let failure = try failure {
      _ = try reader.numbers(in: "/zfp", of: fixture("refused.h5"), rows: nil)
    }
    #expect(
      failure.reason
        == "compressed with the filter “zfp” (32013), which this program cannot undo")
    #expect(failure.help?.contains("h5repack -f GZIP=4 in.h5 out.h5") == true)
  }

  @Test func rowsOfVaryingLengthComeWithTheirLengths() throws {
    let file = try fixture("refused.h5")
    #expect(try object("/lists", of: "refused.h5").dataset?.elementType == .variableLength)
    #expect(try reader.numbers(in: "/lists", of: file, rows: nil) == [2, 0, 1, 0, 3, 0, 1, 2])
    #expect(try reader.numbers(in: "/lists", of: file, rows: 1..<3) == [0, 3, 0, 1, 2])
    let texts = try failure { _ = try reader.numbers(in: "/lists_of_texts", of: file, rows: nil) }
    #expect(texts.reason == "cannot be read as real numbers: its rows hold strings")
    let outside = try failure { _ = try reader.numbers(in: "/lists", of: file, rows: 2..<4) }
    #expect(outside.reason == "rows 2..<4 lie outside of its 3 rows")
  }

  @Test func referencesToTextsAreFollowedAndOthersRefused() throws {
    let file = try fixture("refused.h5")
    #expect(try reader.strings(in: "/references", of: file) == ["größe", "ab"])
    for (path, reason) in [
      ("/references_to_numbers", "a reference points to something else than text"),
      ("/references_to_groups", "reference 0 points to something else than a dataset"),
      ("/references_to_nothing", "cannot follow reference 1"),
      ("/regions", "cannot be read as strings: its elements are references to regions"),
    ] {
      let failure = try failure { _ = try reader.strings(in: path, of: file) }
      #expect(failure.reason == reason, "\(path)")
      #expect(failure.object == path)
    }
    let numbers = try failure { _ = try reader.numbers(in: "/references", of: file, rows: nil) }
    #expect(numbers.reason.hasPrefix("cannot be read as real numbers"))
  }

  @Test func whatIsNotRefusedInSuchAFileIsRead() throws {
    #expect(try reader.numbers(in: "/good", of: fixture("refused.h5"), rows: nil) == ramp(6))
  }

  @Test func aTruncatedFileSaysWhereItEnds() throws {
    let failure = try failure { _ = try reader.outline(of: fixture("truncated.h5")) }
    #expect(failure.reason == "truncated: the file ends at byte 2000, its header says 4448")
    #expect(failure.detail?.contains("truncated file: eof = 2000") == true)
    #expect(failure.detail?.contains("\n") == false)
  }

  @Test(arguments: [
    ("text.h5", "not an HDF5 file: it begins with the text “layer,unit,value fc1,0,0.25 ”"),
    ("empty.h5", "the file is empty (0 bytes)"),
    ("missing.h5", "the file does not exist"),
    ("text.h5/deeper.h5", "the file does not exist"),
    (".", "not a file but a folder"),
    ("pointer.h5", "not an HDF5 file: it is a Git LFS pointer"),
    ("archive.h5", "not an HDF5 file: it is a zip archive, such as NumPy's .npz or PyTorch's .pt"),
    ("killed.h5", "marked as open for writing: its writer is still running or was killed"),
  ])
  func whatIsNoReadableFileSaysWhatItIs(name: String, reason: String) throws {
    let file = try fixture(name)
    let outline = try failure { _ = try reader.outline(of: file) }
    #expect(outline.reason == reason)
    #expect(outline.file == file)
    let numbers = try failure { _ = try reader.numbers(in: "/data", of: file, rows: nil) }
    #expect(numbers.reason == reason)
    #expect(numbers.object == nil)
  }

  @Test func devicesAreNoFiles() throws {
    let failure = try failure { _ = try reader.outline(of: "/dev/null") }
    #expect(failure.reason == "not a regular file")
  }

  @Test func aUserBlockBeforeTheDataDoesNotMatter() throws {
    #expect(try reader.numbers(in: "/data", of: fixture("userblock.h5"), rows: nil) == ramp(6))
  }

  /// Versions from 1.12 on read such a dataset: then there is nothing to explain.
  @Test func aNewerFormatSaysHowToConvert() throws {
    let outline = try reader.outline(of: fixture("newer.h5"))
    guard HDF5Library.version.hasPrefix("1.10") else { return }
    #expect(outline.objects.map(\.path) == ["/"])
    #expect(outline.faults.map(\.object) == ["/data"])
    #expect(outline.faults.first?.reason.contains("newer format") == true)
    let failure = try failure {
      _ = try reader.numbers(in: "/data", of: fixture("newer.h5"), rows: nil)
    }
    #expect(failure.help?.contains("libver=\"v110\"") == true)
    #expect(failure.help?.contains("h5repack") == true)
  }

  @Test func aFileThatGoesOnAfterItsEndWasChanged() throws {
    try withTemporaryFolder { folder in
      var data = try Data(contentsOf: URL(fileURLWithPath: fixture("numbers.h5")))
      data.append(contentsOf: [1, 2, 3])
      let path = folder + "/longer.h5"
      try data.write(to: URL(fileURLWithPath: path))
      let failure = try failure { _ = try reader.outline(of: path) }
      #expect(failure.reason.contains("goes on for 3 bytes"))
    }
  }

  @Test func aSignatureAloneIsNoNewerFormat() throws {
    try withTemporaryFolder { folder in
      var data = try Data(contentsOf: URL(fileURLWithPath: fixture("numbers.h5")))
      let path = folder + "/rubbish.h5"
      data.replaceSubrange(8..<64, with: (0..<56).map { UInt8(0x61 + $0 % 26) })
      try data.write(to: URL(fileURLWithPath: path))
      let rubbish = try failure { _ = try reader.outline(of: path) }
      #expect(rubbish.reason.hasPrefix("damaged: it begins with the signature of HDF5"))
      data.replaceSubrange(8..<12, with: [5, 8, 8, 0])
      try data.write(to: URL(fileURLWithPath: path))
      let newer = try failure { _ = try reader.outline(of: path) }
      #expect(newer.reason.hasPrefix("written in a newer format"))
      try data.prefix(12).write(to: URL(fileURLWithPath: path))
      let short = try failure { _ = try reader.outline(of: path) }
      #expect(short.reason == "truncated: the file ends within its header")
    }
  }

  @Test func aFileThatIsCutAnywhereFails() throws {
    let data = try Data(contentsOf: URL(fileURLWithPath: fixture("links.h5")))
    try withTemporaryFolder { folder in
      let path = folder + "/cut.h5"
      for end in stride(from: 0, to: data.count, by: 97) {
        try data.prefix(end).write(to: URL(fileURLWithPath: path))
        let failure = try failure { _ = try reader.outline(of: path) }
        #expect(!failure.reason.isEmpty)
      }
    }
  }
}
