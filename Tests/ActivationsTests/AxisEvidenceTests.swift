import HDF5
import Testing

@testable import Activations

struct AxisEvidenceTests {
  @Test func idsSayWhichAxisHoldsTheSamples() throws {
    let (result, _) = try survey(
      FakeFile("m.h5", ["/ids": .ids(names(9)), "/a": .floats(4, 9), "/b": .floats(9, 4)]))
    #expect(result.dimsByLayer == ["m/a": "d n", "m/b": "n d"])
  }

  @Test func aDatasetThatFitsNoIdsIsAFault() throws {
    let (result, _) = try survey(
      FakeFile(
        "m.h5",
        ["/ids": .ids(names(9)), "/a": .floats(9, 4), "/b": .floats(9, 3), "/c": .floats(8, 4)]))
    #expect(result.layers.map(\.name) == ["a", "b"])
    #expect(result.skipped.reason("/c") == "no axis of 8 × 4 has the 9 entries of /ids")
  }

  @Test func featuresTimesSamplesAloneIsAmbiguous() throws {
    let file = FakeFile("t.h5", ["/a": .floats(4, 9), "/b": .floats(3, 9)])
    let error = try #require(throws: ReadingError.self) { try survey(file) }
    #expect(error.exitCode == 3)
    #expect(error.help.contains("--dims 't/*=d n'  or  --dims 't/*=n d'"))
    let rule = DimsRule(glob: "t/*", dims: ["d", "n"])
    #expect(
      try survey(file, options: ReadingOptions(dims: [rule])).survey.dimsByLayer
        == ["t/a": "d n", "t/b": "d n"])
  }

  @Test func otherFilesOfTheRunSettleFeaturesTimesSamples() throws {
    let (result, _) = try survey(
      FakeFile("a.h5", ["/x": .floats(9, 4), "/y": .floats(9, 3)]),
      FakeFile("t.h5", ["/a": .floats(4, 9), "/b": .floats(3, 9)]))
    #expect(result.dimsByLayer["t/a"] == "d n")
    #expect(result.notes.contains { $0.hasPrefix("Read as features × samples: t.h5/a") })
  }

  @Test func namesOfFeaturesOrClassesDoNotTurnAMatrixAround() throws {
    for list in ["feature_names", "names", "classes", "class_ids", "index"] {
      let text = FakeFile("m.h5", ["/\(list)": .ids(names(4)), "/a": .floats(9, 4)])
      #expect(try survey(text).survey.dimsByLayer == ["m/a": "n d"])
      let whole = FakeFile("m.h5", ["/\(list)": .whole([0, 1, 2, 3]), "/a": .floats(9, 4)])
      #expect(try survey(whole).survey.dimsByLayer == ["m/a": "n d"])
    }
  }

  @Test func aFeatureCountThatEqualsTheSamplesOfOtherFilesIsAmbiguous() throws {
    #expect(throws: ReadingError.self) {
      try survey(
        FakeFile("a.h5", ["/ids": .ids(names(9)), "/x": .floats(9, 4)]),
        FakeFile("b.h5", ["/y": .floats(7, 9)]))
    }
  }

  @Test func aLoneStackIsAmbiguousUntilTheNumberOfLayersIsKnown() throws {
    let error = try #require(throws: ReadingError.self) {
      try survey(FakeFile("s.h5", ["/hidden_states": .floats(8, 5, 6)]))
    }
    guard case .ambiguous(let list) = error else { return #expect(Bool(false)) }
    #expect(list[0].choices.map { String($0.dims) } == ["nld", "lnd", "ntd"])
    let (result, _) = try survey(
      FakeFile("s.h5", ["n_layers": .integer(5)], ["/hidden_states": .floats(8, 5, 6)]))
    #expect(result.layers.map(\.name) == (0..<5).map { "hidden_states.\($0)" })
    #expect(result.layers.map(\.depth) == [0, 0.25, 0.5, 0.75, 1])
  }

  @Test func threeAxesWithEvidenceForSamplesAreTokens() throws {
    let (result, _) = try survey(
      FakeFile(
        "m.h5",
        [
          "/ids": .ids(names(9)), "/a": .floats(9, 5, 6),
          "/b": .floats(9, 6, 5, attributes: ["kind": .string("conv")]),
        ]))
    #expect(result.dimsByLayer == ["m/a": "n t d", "m/b": "n c w"])
    #expect(result.layers[0].evidence.contains("assumed"))
  }

  @Test func idsOnTheSecondOfThreeAxesLeaveTheFirstOpen() throws {
    let error = try #require(throws: ReadingError.self) {
      try survey(FakeFile("m.h5", ["/ids": .ids(names(9)), "/a": .floats(5, 9, 6)]))
    }
    #expect(error.help.contains("'m/*=l n d'") && error.help.contains("'m/*=t n d'"))
  }

  @Test func channelsAreToldByEqualAxes() throws {
    let (result, _) = try survey(
      FakeFile("torch.h5", ["/a": .floats(9, 3, 4, 4), "/b": .floats(9, 4, 4, 4)]),
      FakeFile("tensorflow.h5", ["/a": .floats(9, 4, 4, 3), "/b": .floats(9, 2, 2, 2)]))
    #expect(
      result.dimsByLayer == [
        "torch/a": "n c h w", "torch/b": "n c h w", "tensorflow/a": "n h w c",
        "tensorflow/b": "n h w c",
      ])
  }

  @Test func undecidedConvolutionsAreNotGuessedUnlessTheirKindIsKnown() throws {
    #expect(throws: ReadingError.self) { try survey(FakeFile("m.h5", ["/a": .floats(9, 4, 4, 4)])) }
    let (result, _) = try survey(
      FakeFile("m.h5", ["/a": .floats(9, 4, 4, 4, attributes: ["kind": .string("conv")])]))
    #expect(result.dimsByLayer == ["m/a": "n c h w"])
    #expect(result.layers[0].evidence.contains("assumed"))
  }

  @Test func fiveAxesNeedTheUser() throws {
    #expect(throws: ReadingError.self) {
      try survey(FakeFile("m.h5", ["/a": .floats(9, 2, 3, 4, 5)]))
    }
    let rule = DimsRule(glob: "*", dims: ["n", "c", "t", "h", "w"])
    let (result, _) = try survey(
      FakeFile("m.h5", ["/a": .floats(9, 2, 3, 4, 5)]), options: ReadingOptions(dims: [rule]))
    #expect(result.layers[0].features == 2 && result.layers[0].positions == 60)
  }

  @Test func theAttributeDimsIsBelieved() throws {
    let (result, _) = try survey(
      FakeFile(
        "m.h5",
        [
          "/a": .floats(4, 9, attributes: ["dims": .string("(D, N)")]),
          "/b": .floats(
            9, 2, 3, 4,
            attributes: ["dims": .strings(["batch", "height", "width", "channel"])]),
        ]))
    #expect(result.dimsByLayer == ["m/a": "d n", "m/b": "n h w c"])
  }

  @Test func aDatasetThatNamesTheAxesIsBelieved() throws {
    let (result, _) = try survey(
      FakeFile(
        "m.h5",
        [
          "/axes": .ids(["layer", "batch", "seq", "hidden"]),
          "/activations": .floats(2, 9, 3, 5),
        ]))
    #expect(result.layers.map(\.dims) == ["l n t d", "l n t d"])
    #expect(result.layers.map(\.name) == ["activations.0", "activations.1"])
  }

  @Test func impossibleDimsAreRefused() throws {
    let rule = DimsRule(glob: "*", dims: ["d", "t"])
    let error = try #require(throws: ReadingError.self) {
      try survey(FakeFile("m.h5", ["/a": .floats(9, 4)]), options: ReadingOptions(dims: [rule]))
    }
    #expect(error.exitCode == 64)
  }

  @Test func matlabReversesTheAxes() throws {
    let (result, _) = try survey(
      FakeFile("m.mat", ["/a": .floats(4, 9, attributes: ["MATLAB_class": .string("double")])]))
    #expect(result.dimsByLayer == ["m/a": "d n"])
  }
}
