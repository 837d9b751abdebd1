import Foundation
import HDF5
import LinearAlgebra
import Testing

@testable import Activations

/// A dump as some writer leaves it, and what must be read (see Fixtures/make_layouts.py).
struct LayoutCase: Decodable, Sendable, CustomTestStringConvertible {
  struct Layer: Decodable {
    var name: String
    var rows: [[Double]]
  }

  struct Model: Decodable {
    var name: String
    var layers: [Layer]
  }

  var name: String
  /// The `--dims` that the message must offer and that then settles the axes.
  var flag: String?
  /// A word of the reason, for files that hold something else.
  var refused: String?
  var ids: [String]?
  var labels: [Int]?
  var models: [Model]

  var testDescription: String { name }

  static let fixtures = Bundle.module.resourcePath.map { $0 + "/Fixtures" } ?? "Fixtures"

  static let all: [LayoutCase] = {
    guard let data = FileManager.default.contents(atPath: fixtures + "/layouts.json") else {
      return []
    }
    return (try? JSONDecoder().decode([LayoutCase].self, from: data)) ?? []
  }()

  var folder: String { "\(LayoutCase.fixtures)/layouts/\(name)" }

  var rules: [DimsRule] {
    guard let flag, let equals = flag.lastIndex(of: "=") else { return [] }
    return [
      DimsRule(
        glob: String(flag[..<equals]), dims: flag[flag.index(after: equals)...].filter { $0 != " " }
      )
    ]
  }
}

struct LayoutFixtureTests {
  @Test func thereIsACaseForEachOf28Layouts() {
    let numbers = Set(LayoutCase.all.compactMap { Int($0.name.prefix(2)) })
    #expect(numbers.isSuperset(of: 1...28))
    let flagged = LayoutCase.all.filter { $0.flag != nil }
    #expect(flagged.count <= 2)
  }

  @Test(arguments: LayoutCase.all)
  func aDumpIsReadAsItsWriterMeantIt(item: LayoutCase) throws {
    if item.flag != nil { try theMessageOffersTheFlag(item) }
    let options = ReadingOptions(dims: item.rules)
    if let word = item.refused {
      let error = try #require(throws: ReadingError.self) {
        try Survey.of(paths: [item.folder], options: options)
      }
      #expect(error.exitCode == 4 && error.description.contains(word))
      return
    }
    let survey = try Survey.of(paths: [item.folder], options: options)
    try expect(try survey.load(threads: 2), equals: item)

    // What was decided can be frozen and replayed without the flag.
    let file = try Folder().write("layout.yaml", survey.layoutYAML())
    let again = try Survey.of(paths: [item.folder], options: ReadingOptions(layout: file))
    try expect(try again.load(threads: 1), equals: item)
  }

  private func theMessageOffersTheFlag(_ item: LayoutCase) throws {
    let error = try #require(throws: ReadingError.self) { try Survey.of(paths: [item.folder]) }
    #expect(error.exitCode == 3)
    #expect(error.help.contains("--dims '\(item.flag ?? "")'"))
  }

  private func expect(_ set: ActivationSet, equals item: LayoutCase) throws {
    #expect(set.models.map(\.name) == item.models.map(\.name))
    #expect(set.sampleIDs == item.ids)
    #expect(set.labels == item.labels)
    let wanted = item.models.flatMap { model in model.layers.map { (model.name, $0) } }
    #expect(set.representations.map(\.layer) == wanted.map(\.1.name))
    for (item, (model, layer)) in zip(set.representations, wanted) {
      #expect(set.models[item.model].name == model)
      #expect(item.numbers.rows == layer.rows.count)
      #expect(item.numbers.columns == layer.rows.first?.count)
      #expect(item.numbers.elements == layer.rows.flatMap { $0 }, "\(model)/\(layer.name)")
    }
  }

  @Test func otherPoolingsReachTheSamplesOfDifferentLengths() throws {
    let folder = "\(LayoutCase.fixtures)/layouts/18_ragged_ends"
    let plain = try #require(LayoutCase.all.first { $0.name == "18_ragged_ends" })
    let mean = plain.models[0].layers[0].rows
    for pooling in [Pooling.max, .first, .last] {
      let set = try Survey.of(paths: [folder], options: ReadingOptions(pooling: pooling)).load()
      let rows = set.representations[0].numbers
      // The second sample has one position, which every pooling returns.
      #expect((0..<5).allSatisfy { rows[1, $0] == mean[1][$0] })
      #expect((0..<5).contains { rows[0, $0] != mean[0][$0] })
    }
    for pooling in [Pooling.flatten, .positions] {
      let error = try #require(throws: ReadingError.self) {
        try Survey.of(paths: [folder], options: ReadingOptions(pooling: pooling))
      }
      #expect(error.description.contains("differ in the number of positions"))
    }
  }

  @Test func everyInputOfAnAssemblyHasItsDigest() throws {
    let set = try Survey.of(paths: ["\(LayoutCase.fixtures)/layouts/20_rank_shards"]).load()
    #expect(set.inputs.count == 3)
    #expect(set.inputs.allSatisfy { $0.sha256.count == 64 })
  }

  @Test func aMissingShardIsSaid() throws {
    let source = "\(LayoutCase.fixtures)/layouts/20_rank_shards"
    let folder = try Folder()
    for rank in [0, 2] {
      let data = try Data(contentsOf: URL(fileURLWithPath: "\(source)/clip_rank\(rank).h5"))
      try folder.write("clip_rank\(rank).h5", data)
    }
    let survey = try Survey.of(paths: [folder.path])
    #expect(survey.skipped.contains { $0.isFault && $0.reason.contains("shards are missing") })
    #expect(survey.models.map(\.name) == ["clip"])
  }
}

struct SegmentListTests {
  @Test func theReadingOfOffsetsFollowsFromTheirNumbers() {
    #expect(
      SegmentList(numbers: [2, 5, 9], total: 9, count: nil)?.ranges == [0..<2, 2..<5, 5..<9])
    #expect(
      SegmentList(numbers: [0, 2, 5, 9], total: 9, count: nil)?.ranges == [0..<2, 2..<5, 5..<9])
    #expect(
      SegmentList(numbers: [0, 2, 5], total: 9, count: nil)?.ranges == [0..<2, 2..<5, 5..<9])
    #expect(
      SegmentList(numbers: [2, 3, 4], total: 9, count: nil)?.ranges == [0..<2, 2..<5, 5..<9])
    // Four ids: the first sample is empty, the numbers are ends.
    #expect(
      SegmentList(numbers: [0, 2, 5, 9], total: 9, count: 4)?.ranges
        == [0..<0, 0..<2, 2..<5, 5..<9])
  }

  @Test func whatFitsNoReadingOrTwoIsRefused() {
    #expect(SegmentList(numbers: [5, 2, 9], total: 9, count: nil) == nil)
    #expect(SegmentList(numbers: [1, 2, 3], total: 9, count: nil) == nil)
    // Ends or lengths.
    #expect(SegmentList(numbers: [0, 0, 9], total: 9, count: 3)?.ranges == [0..<0, 0..<0, 0..<9])
    #expect(SegmentList(pairs: [[0, 2], [2, 7]], total: 9)?.ranges == [0..<2, 2..<9])
    #expect(SegmentList(pairs: [[0, 2], [2, 9]], total: 9)?.ranges == [0..<2, 2..<9])
    #expect(SegmentList(pairs: [[0, 2], [3, 9]], total: 9) == nil)
    #expect(SegmentList(triples: [[1, 0, 2], [1, 2, 7]], total: 9) == nil)
  }
}
