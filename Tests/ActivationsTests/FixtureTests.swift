import Foundation
import HDF5
import LinearAlgebra
import Testing

@testable import Activations

/// Files that h5py wrote, against what numpy makes of them (see Fixtures/make_fixtures.py).
struct FixtureTests {
  private let folder = Bundle.module.resourcePath.map { $0 + "/Fixtures" } ?? "Fixtures"
  private let reader = LibraryReader()

  private func dump(_ name: String) -> String { "\(folder)/dumps/\(name)" }

  private func set(_ names: String..., options: ReadingOptions = ReadingOptions()) throws
    -> ActivationSet
  {
    try Survey.of(paths: names.map(dump), options: options).load(threads: 2)
  }

  private func expected(_ name: String) throws -> [Double] {
    try reader.numbers(in: name, of: "\(folder)/expected.h5", rows: nil)
  }

  @Test(arguments: Pooling.allCases)
  func poolingEqualsNumpy(pooling: Pooling) throws {
    let result = try set("model_a.h5", options: ReadingOptions(pooling: pooling))
    #expect(result.representations.count == (pooling == .positions ? 2 : 5))
    for item in result.representations {
      let wanted = try expected("/\(pooling.rawValue)/\(item.layer)")
      #expect(wanted.count == item.numbers.elements.count)
      let scale = wanted.map(abs).max() ?? 1
      #expect(zip(wanted, item.numbers.elements).allSatisfy { abs($0 - $1) <= 1e-15 * scale })
    }
  }

  @Test func permutedRowsComeBackIntoOrder() throws {
    let result = try set("model_a.h5", "model_b_permuted.h5")
    let (a, b) = (result.representations.prefix(5), result.representations.suffix(5))
    #expect(zip(a, b).allSatisfy { $0.numbers == $1.numbers })
    #expect(result.models.map(\.name) == ["a", "b"])
    #expect(result.labels?.count == 28 && result.sampleIDs?.first == "stimulus_000")
    #expect(result.models[0].accuracy == 0.1 + 0.2)
  }

  @Test func missingRowsAreLeftOutEverywhere() throws {
    let result = try set("model_a.h5", "model_c_missing.h5")
    #expect(result.sampleCount == 24)
    #expect(result.sampleIDs?[13] == "stimulus_017")
    #expect(result.representations[0].numbers == result.representations[5].numbers)
    #expect(result.notes.contains { $0.contains("model_c_missing.h5 lacks 4") })
  }

  @Test func aFolderOfSoundAndBrokenFilesIsReadInOneRun() throws {
    let survey = try Survey.of(paths: ["\(folder)/dumps"])
    let result = try survey.load(threads: 2)
    #expect(
      result.models.map(\.name) == [
        "x", "y_untrained", "damaged_layer", "a", "b", "c", "no_ids", "transposed",
      ])
    let faults = Dictionary(
      result.skipped.filter(\.isFault).map {
        (URL(fileURLWithPath: $0.file).lastPathComponent, $0)
      },
      uniquingKeysWith: { first, _ in first })
    #expect(faults["truncated.h5"]?.reason.hasPrefix("truncated") == true)
    #expect(faults["text.h5"]?.reason == "no HDF5 file but text")
    #expect(faults["empty.h5"]?.reason == "the file is empty (0 bytes)")
    #expect(faults["damaged_layer.h5"]?.object == "/fc")
    #expect(faults["no_ids_shuffled.h5"]?.reason.contains("do not bear out") == true)
    #expect(result.inputs.allSatisfy { $0.sha256.count == 64 })
    let transposed = try #require(
      result.representations.first { $0.layer == "fc" && $0.source.dims == "d n" })
    #expect(try transposed.numbers == rows(expected("/transposed/fc"), of: result))
  }

  /// The rows of an expected 28 × 7 matrix that a set kept.
  private func rows(_ numbers: [Double], of set: ActivationSet) throws -> Matrix {
    let ids = try #require(set.sampleIDs)
    let kept = ids.compactMap { Int($0.suffix(3)) }
    return Matrix(rows: 28, columns: 7, elements: numbers).selectingRows(kept)
  }

  @Test func quantisedNumbersAreRight() throws {
    let result = try set("quantised.h5")
    #expect(result.representations.map(\.layer) == ["bool", "i16", "i64", "u8"])
    for item in result.representations {
      #expect(try item.numbers.elements == expected("/quantised/\(item.layer)"))
    }
  }

  @Test func aLayoutFileReplaysEveryDecision() throws {
    let paths = ["model_a.h5", "model_c_missing.h5", "all_in_one.h5", "transposed.h5"].map(dump)
    let options = ReadingOptions(
      pooling: .max, exclude: ["*/logits"], ids: .found, join: .intersect)
    let first = try Survey.of(paths: paths, options: options)
    let file = try Folder().write("layout.yaml", first.layoutYAML())
    let again = try Survey.of(paths: paths, options: ReadingOptions(layout: file))
    #expect(again.layers == first.layers)
    #expect(again.models == first.models)
    #expect(again.options.pooling == .max)
    #expect(try again.layoutYAML() == first.layoutYAML())
    let (x, y) = (try first.load(), try again.load(threads: 2))
    #expect(x.representations.map(\.numbers) == y.representations.map(\.numbers))
  }

  @Test func aLayoutThatIsNoneIsRefused() throws {
    let file = try Folder().write("layout.yaml", "version: 1\n")
    let error = try #require(throws: ReadingError.self) {
      try Survey.of(paths: [dump("model_a.h5")], options: ReadingOptions(layout: file))
    }
    #expect(error.exitCode == 64)
  }

  @Test func identicalFilesAreNoted() throws {
    let folder = try Folder()
    let data = try Data(contentsOf: URL(fileURLWithPath: dump("no_ids.h5")))
    try folder.write("one.h5", data)
    try folder.write("two.h5", data)
    let survey = try Survey.of(paths: [folder.path])
    #expect(survey.notes.contains { $0.hasPrefix("Files with the same bytes") })
  }

  @Test func theResultDoesNotDependOnThreads() throws {
    let survey = try Survey.of(paths: [dump("model_a.h5"), dump("all_in_one.h5")])
    let (one, many) = (try survey.load(threads: 1), try survey.load(threads: 8))
    #expect(one.representations.map(\.numbers) == many.representations.map(\.numbers))
    #expect(one.notes == many.notes && one.skipped == many.skipped)
  }
}
