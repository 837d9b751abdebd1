import HDF5
import Testing

@testable import Activations

/// What is found in files and cannot be used is said.
struct HonestReadingTests {
  @Test func idsStoredAsFloatingPointNumbersNameRowsOrRefuseThem() throws {
    let whole = FakeDataset(shape: [9], type: .float64, numbers: (0..<9).map { Double(90 - $0) })
    let (named, _) = try survey(FakeFile("m.h5", ["/a": .floats(9, 4), "/ids": whole]))
    #expect(named.idCount(of: named.layers[0]) == 9)
    #expect(named.notes.contains { $0.contains("floating-point") })
    let broken = FakeDataset(shape: [9], type: .float64, numbers: (0..<9).map { Double($0) + 0.5 })
    let error = try #require(throws: ReadingError.self) {
      try load(FakeFile("m.h5", ["/a": .floats(9, 4), "/ids": broken]))
    }
    #expect(error.description.contains("ids"))
  }

  @Test func namesOfAxesThatFitNotAreNoted() throws {
    let (result, _) = try survey(
      FakeFile("m.h5", ["/a": .floats(9, 4, attributes: ["dims": .string("n c h w")])]))
    #expect(result.layers[0].dims == "n d")
    #expect(result.notes.contains { $0.contains("Names of axes") && $0.contains("'n c h w'") })
  }

  @Test func valuesThatAreNoNumbersAreNoted() throws {
    let (result, _) = try survey(
      FakeFile(
        "m.h5", ["seed": .string("first"), "accuracy": .string("high"), "step": .real(1.5)],
        ["/a": .floats(9, 4)]))
    let note = result.notes.first { $0.contains("no numbers") } ?? ""
    #expect(note.contains("seed 'first'") && note.contains("accuracy 'high'"))
    #expect(note.contains("step 1.5"))
  }

  @Test func unknownColumnsOfTheMetadataTableAreNoted() throws {
    let table = try Folder().write("models.csv", "model,famliy,accuracy\nm,cnn,0.9\n")
    let (result, _) = try survey(
      FakeFile("m.h5", ["/a": .floats(9, 4)]), options: ReadingOptions(metadata: table))
    #expect(result.notes.contains { $0.contains("famliy") })
    #expect(result.models[0].accuracy == 0.9)
  }

  @Test func theLargestGroupOfFilesThatAgreeIsKept() throws {
    let stranger = FakeFile("a.h5", ["/x": .floats(9, 4), "/ids": .ids(names(9, "other"))])
    let first = FakeFile("b.h5", ["/x": .floats(9, 4), "/ids": .ids(names(9))])
    let second = FakeFile(
      "c.h5", ["/x": .floats(9, 4), "/ids": .ids(Array(names(9).reversed()))])
    let set = try load(stranger, first, second)
    #expect(set.models.map(\.name) == ["b", "c"])
    #expect(set.skipped.contains { $0.file == "a.h5" && $0.isFault })
    #expect(set.notes.contains { $0.contains("groups without common samples") })
  }

  @Test func layersWithTheSameNumbersAreNoted() throws {
    let numbers = (0..<36).map { Double($0 * $0 % 17) }
    let data = FakeDataset(shape: [9, 4], numbers: numbers)
    let set = try load(
      FakeFile("a.h5", ["/x": data, "/ids": .ids(names(9))]),
      FakeFile("b.h5", ["/y": data, "/ids": .ids(names(9))]))
    #expect(set.notes.contains { $0.contains("same numbers") && $0.contains("a/x = b/y") })
  }

  @Test func rowsOfZerosAtTheEndAreNoted() throws {
    let numbers = (0..<36).map { $0 < 24 ? Double($0 * $0 % 17 + 1) : 0 }
    let set = try load(
      FakeFile("a.h5", ["/x": FakeDataset(shape: [9, 4], numbers: numbers)]))
    #expect(set.notes.contains { $0.contains("padding") && $0.contains("the last 3") })
  }

  @Test func aNumberThatDoesNotCountTheRowsCutsNone() throws {
    let data = FakeDataset(shape: [9, 4], numbers: (0..<36).map { Double($0 * $0 % 17 + 1) })
    func file(_ name: String) -> FakeFile {
      FakeFile("m.h5", ["/a": data, "/\(name)": .whole([6])])
    }
    let (kept, _) = try survey(file("length"))
    #expect(kept.layers.map(\.samples) == [9])
    #expect(kept.notes.contains { $0.contains("do not count the rows") })
    let error = try #require(throws: ReadingError.self) { try survey(file("count")) }
    #expect(error.description.contains("not empty"))
  }

  @Test func aStackInEitherOrderIsNotGuessed() throws {
    let error = try #require(throws: ReadingError.self) {
      try survey(FakeFile("m.h5", ["/hidden_states": .floats(12, 9, 4)]))
    }
    #expect(error.exitCode == 3)
    #expect(error.help.contains("n l d") && error.help.contains("l n d"))
  }
}
