import HDF5
import Testing

@testable import Activations

struct CandidateSearchTests {
  @Test func whatIsNoMatrixIsSkippedWithItsReason() throws {
    let (result, _) = try survey(
      FakeFile(
        "m.h5",
        [
          "/ok": .floats(9, 4),
          "/complex": FakeDataset(shape: [9, 4], type: .complex),
          "/null": FakeDataset(shape: nil),
          "/empty": .floats(0, 4),
          "/loss": .floats(9),
          "/labels": .whole(Array(0..<9)),
          "/comment": FakeDataset(shape: [], type: .string),
          "/table": FakeDataset(shape: [9], type: .compound),
          "/ragged": FakeDataset(shape: [9], type: .variableLength),
          "/outside": FakeDataset(shape: [9, 4], storage: .external),
          "/mosaic": FakeDataset(shape: [9, 4], storage: .virtual),
          "/attention_mask": .floats(9, 4),
        ]))
    #expect(result.layers.map(\.name) == ["ok"])
    let faults = Set(result.skipped.filter(\.isFault).compactMap(\.object))
    #expect(faults == ["/complex", "/null", "/empty", "/ragged", "/outside", "/mosaic"])
    let others = Set(result.skipped.filter { !$0.isFault }.compactMap(\.object))
    #expect(others == ["/loss", "/labels", "/comment", "/table", "/attention_mask"])
  }

  @Test func wholeNumbersAreActivationsWhereNothingElseIsOrTheNameSaysSo() throws {
    let u8 = FakeDataset(shape: [9, 4], type: .integer(bits: 8, signed: false))
    #expect(try survey(FakeFile("q.h5", ["/a": u8, "/b": u8])).survey.layers.count == 2)
    let (mixed, _) = try survey(
      FakeFile("q.h5", ["/a": .floats(9, 4), "/edges": u8, "/layers/q": u8]))
    #expect(mixed.layers.map(\.name) == ["a", "q"])
    #expect(mixed.skipped.reason("/edges")?.contains("indices") == true)
    #expect(mixed.notes.contains { $0.contains("quantised") })
  }

  @Test func aFileThatDoesNotOpenDoesNotSpoilTheOthers() throws {
    var broken = FakeFile("broken.h5")
    broken.failure = "truncated"
    let (result, _) = try survey(FakeFile("m.h5", ["/a": .floats(9, 4)]), broken)
    #expect(result.layers.count == 1)
    #expect(result.skipped.reason("broken.h5") == "truncated")
  }

  @Test func nothingUsableNamesTheCause() throws {
    var broken = FakeFile("broken.h5")
    broken.failure = "truncated"
    let error = try #require(throws: ReadingError.self) { try survey(broken) }
    #expect(error.exitCode == 4)
    #expect(error.description == "no usable activations: broken.h5: truncated")
  }

  @Test func weightsAreNotTakenForActivations() throws {
    let error = try #require(throws: ReadingError.self) {
      try survey(
        FakeFile(
          "weights.h5", groups: ["/dense": ["weight_names": .strings(["kernel"])]],
          ["/dense/kernel": .floats(9, 4)]))
    }
    #expect(error.description.contains("weights of a Keras model"))
  }

  @Test func selectAndExcludeAreGlobsOnModelAndLayer() throws {
    let file = FakeFile(
      "m.h5", ["/conv1": .floats(9, 4), "/conv2": .floats(9, 4), "/fc": .floats(9, 4)])
    let options = ReadingOptions(select: ["m/conv?"], exclude: ["*2"])
    let (result, _) = try survey(file, options: options)
    #expect(result.layers.map(\.name) == ["conv1"])
    let error = try #require(throws: ReadingError.self) {
      try survey(file, options: ReadingOptions(select: ["x/*"]))
    }
    #expect(error.description == "--select and --exclude leave no layer")
  }

  @Test func exclusionSparesTheUserAnAmbiguity() throws {
    let file = FakeFile("m.h5", ["/ok": .floats(9, 4), "/five": .floats(9, 2, 3, 4, 5)])
    let (result, _) = try survey(file, options: ReadingOptions(exclude: ["*/five"]))
    #expect(result.layers.map(\.name) == ["ok"])
  }
}
