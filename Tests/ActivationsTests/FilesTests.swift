import Foundation
import Testing

@testable import Activations

struct NaturalOrderTests {
  @Test func numbersInNamesCompareAsNumbers() {
    let sorted = ["layer10", "layer2", "a", "layer2.10", "layer2.9", "Layer1", "layer02"]
      .sorted(by: NaturalOrder.precedes)
    #expect(sorted == ["Layer1", "a", "layer02", "layer2", "layer2.9", "layer2.10", "layer10"])
  }

  @Test func digitsBeyondAnyIntegerTypeAreFine() {
    let big = "x" + String(repeating: "9", count: 60)
    #expect(NaturalOrder.precedes("x1", big) && !NaturalOrder.precedes(big, "x1"))
  }
}

struct GlobTests {
  @Test(arguments: [
    ("*", "a/b", true), ("a/*", "a/b/c", true), ("a?c", "abc", true), ("a?c", "ac", false),
    ("conv[0-3]", "conv2", true), ("conv[!0-3]", "conv2", false), ("[]x", "[]x", true),
    ("*b*c", "abxc", true), ("*b*c", "abxd", false), ("a[", "a[", true), ("", "", true),
    ("é*", "école", true), ("[a]*", "abc", true),
  ])
  func patternsFitWholeNames(pattern: String, name: String, fits: Bool) {
    #expect(Glob(pattern).matches(name) == fits)
  }

  @Test func aLiteralPatternFitsItsNameAlone() {
    for name in ["a*b", "x?[1]", "plain", "]"] {
      #expect(Glob(Glob.literal(name)).matches(name))
    }
    #expect(!Glob(Glob.literal("a*b")).matches("axb"))
  }

  @Test func manyStarsDoNotTakeForever() {
    let pattern = String(repeating: "*a", count: 40) + "b"
    #expect(!Glob(pattern).matches(String(repeating: "a", count: 2000)))
  }
}

struct FingerprintTests {
  @Test func theDigestIsThatOfThePublishedExample() throws {
    let file = try Folder().write("abc", "abc")
    // FIPS 180-2, appendix B.1.
    #expect(
      Fingerprint.sha256(ofFile: file)
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(Fingerprint.sha256(ofFile: file + ".missing") == nil)
  }
}

struct MetadataTableTests {
  @Test func quotesCommasAndLineEndsInCellsAreKept() throws {
    let text =
      "\u{FEFF}Model,family , note\r\n\"a, \"\"b\"\"\", cnn ,\"two\nlines\"\r\n\r\nc,,\"\"\r\n"
    let table = try MetadataTable(csv: text, name: "t.csv")
    #expect(table.rows.map(\.model) == ["a, \"b\"", "c"])
    #expect(table.rows[0].cells == ["family": "cnn", "note": "two\nlines"])
    #expect(table.rows[1].cells.isEmpty)
  }

  @Test(arguments: [
    ("name\na\n", "no column `model`"), ("model,x\na\n", "record 2 has 1 cells"),
    ("model\n\"a\n", "never ends"), ("model,x\na,1\na,2\n", "occurs twice"),
  ])
  func whatIsNoTableIsRefused(text: String, reason: String) throws {
    let error = try #require(throws: ReadingError.self) {
      try MetadataTable(csv: text, name: "t.csv")
    }
    #expect(error.description.contains(reason) && error.exitCode == 64)
  }

  @Test func theTableOverridesAttributesAndUnknownModelsAreNoted() throws {
    let file = try Folder().write("m.csv", "model,family,trained,step\nm,vit,false,7\nghost,x,,\n")
    let (result, _) = try survey(
      FakeFile("m.h5", ["family": .string("cnn"), "seed": .integer(4)], ["/a": .floats(9, 4)]),
      options: ReadingOptions(metadata: file))
    let model = result.models[0]
    #expect(model.family == "vit" && model.role == .untrained && model.step == 7 && model.seed == 4)
    #expect(result.notes.contains("Models of the metadata table that are not in the run: ghost."))
  }
}

/// A folder of its own for one test.
struct Folder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "activations-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  @discardableResult
  func write(_ name: String, _ text: String) throws -> String {
    try write(name, Data(text.utf8))
  }

  @discardableResult
  func write(_ name: String, _ data: Data) throws -> String {
    let file = "\(path)/\(name)"
    let folder = (file as NSString).deletingLastPathComponent
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try data.write(to: URL(fileURLWithPath: file))
    return file
  }
}

struct PathCollectionTests {
  private let signature = Data(FileSignature.hdf5Bytes + [0, 0, 0, 0])

  @Test func foldersAreSearchedInNaturalOrderBySignature() throws {
    let folder = try Folder()
    for name in ["m10.h5", "m2.h5", "deep/er/noextension", ".hidden.h5", "user.block"] {
      try folder.write(name, name == "user.block" ? Data(count: 512) + signature : signature)
    }
    try folder.write("card.json", "{}")
    try folder.write("broken.h5", "text")
    try folder.write("empty.hdf5", "")
    try FileManager.default.createSymbolicLink(
      atPath: folder.path + "/link.h5", withDestinationPath: folder.path + "/m2.h5")
    let found = try PathCollection([folder.path])
    #expect(
      found.files.map { String($0.path.dropFirst(folder.path.count + 1)) } == [
        "deep/er/noextension", "m2.h5", "m10.h5", "user.block",
      ])
    #expect(
      found.skipped.map(\.reason) == ["no HDF5 file but text", "the file is empty (0 bytes)"])
    #expect(found.notes.sentences.count == 1)
  }

  @Test func globsListsAndRepetitionsLeadToEachFileOnce() throws {
    let folder = try Folder()
    let a = try folder.write("a.h5", signature)
    let b = try folder.write("b.h5", signature)
    try FileManager.default.linkItem(atPath: b, toPath: folder.path + "/hard.h5")
    let list = try folder.write("list.txt", "# dumps\na.h5\n\n\(b)\n")
    let found = try PathCollection([folder.path + "/*.h5", "@" + list, a])
    #expect(found.files.map(\.path) == [a, b])
    #expect(found.notes.sentences.first?.contains("hard.h5 is \(b)") == true)
  }

  @Test func damagedAndForeignFilesAreCalledWhatTheyAre() throws {
    let folder = try Folder()
    func reason(_ bytes: [UInt8]) throws -> String {
      let file = try folder.write("x.safetensors", Data(bytes) + Data(count: 100))
      return try PathCollection([file]).skipped.first?.reason ?? "none"
    }
    let tensors = Array("{\"a\":{\"dtype\":\"F32\"".utf8)
    #expect(
      try reason([0, 0, 0, 0, 0, 1, 0, 0] + tensors)
        == "a safetensors file whose header is said to be longer than the file")
    #expect(
      try reason([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff] + tensors).contains("longer"))
    // The beginning of what torch.save wrote before version 1.6.
    let torch: [UInt8] = [
      0x80, 2, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50,
    ]
    #expect(try reason(torch + [0x19, 0x2e]).hasPrefix("a PyTorch file (a pickle)"))
    #expect(try reason([0x80, 4, 0x95]).hasPrefix("a pickle"))
    #expect(try reason([1, 2, 3]).hasPrefix("no HDF5 file"))
  }

  @Test func aPathThatLeadsNowhereIsAnError() throws {
    let folder = try Folder()
    for path in [folder.path + "/none.h5", folder.path + "/*.h5", "@" + folder.path + "/list"] {
      let error = try #require(throws: ReadingError.self) { try PathCollection([path]) }
      #expect(error.exitCode == 4 && !error.help.isEmpty)
    }
  }
}
