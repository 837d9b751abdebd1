import HDF5
import LinearAlgebra
import Testing

@testable import Activations

/// Some layers of a zoo are read, and are what they are in the whole.
@Suite struct PartialLoadingTests {
  /// Loads each single layer and expects it as it is in the whole zoo.
  private func expectTheSame(
    _ survey: Survey, _ reader: FakeReader, location: SourceLocation = #_sourceLocation
  ) throws {
    let whole = try survey.load(reader: reader)
    for index in survey.layers.indices {
      let part = try survey.load(reader: reader, layers: [index])
      #expect(part.sampleIDs == whole.sampleIDs, sourceLocation: location)
      #expect(part.alignment == whole.alignment, sourceLocation: location)
      #expect(part.labels == whole.labels, sourceLocation: location)
      let source = survey.source(of: survey.layers[index])
      let expected = whole.representations.first { $0.source == source }
      #expect(part.representations.count == (expected == nil ? 0 : 1), sourceLocation: location)
      guard let expected, let found = part.representations.first else { continue }
      #expect(try found.matrix() == expected.matrix(), sourceLocation: location)
      #expect(found.layer == expected.layer, sourceLocation: location)
    }
  }

  @Test func rowsAreJoinedWithThoseOfUnreadFiles() throws {
    let (survey, reader) = try survey(
      FakeFile("a.h5", ["/ids": .ids(names(8)), "/x": .floats(8, 3), "/y": .floats(8, 5)]),
      FakeFile("b.h5", ["/ids": .ids(names(8).reversed()), "/x": .floats(8, 4)]),
      FakeFile("c.h5", ["/ids": .ids(Array(names(8).dropFirst(2))), "/x": .floats(6, 4)]),
      FakeFile("d.h5", ["/ids": .ids(names(9, "other")), "/x": .floats(9, 4)]))
    try expectTheSame(survey, reader)
  }

  /// Whose samples are dropped, and whose rows are in which order, is in the numbers of all.
  @Test func samplesThatDependOnNumbersAreThoseOfTheWholeToo() throws {
    var numbers = FakeDataset.floats(8, 4).values(salt: 1)
    numbers[9] = .nan
    let files = [
      FakeFile("a.h5", ["/ids": .ids(names(8)), "/x": .floats(8, 3)]),
      FakeFile(
        "b.h5", ["/ids": .ids(names(8)), "/x": FakeDataset(shape: [8, 4], numbers: numbers)]),
    ]
    let dropping = try survey(
      files[0], files[1], options: ReadingOptions(missing: .dropSamples))
    #expect(dropping.survey.samplesDependOnNumbers)
    try expectTheSame(dropping.survey, dropping.reader)

    let mixed = try survey(
      FakeFile("a.h5", ["/ids": .ids(names(40)), "/x": .floats(40, 6)]),
      FakeFile("b.h5", ["/x": .floats(40, 6)]))
    #expect(mixed.survey.samplesDependOnNumbers)
    try expectTheSame(mixed.survey, mixed.reader)
    let plain = try survey(files[0], files[1])
    #expect(!plain.survey.samplesDependOnNumbers)
    try expectTheSame(plain.survey, plain.reader)
  }

  @Test func anUnreadFileIsNotOpenedForItsNumbers() throws {
    var broken = FakeDataset.floats(8, 4)
    broken.failure = "checksum error"
    let (survey, reader) = try survey(
      FakeFile("a.h5", ["/ids": .ids(names(8)), "/x": .floats(8, 3)]),
      FakeFile("b.h5", ["/ids": .ids(names(8)), "/x": broken]))
    let part = try survey.load(reader: reader, layers: [0])
    #expect(part.representations.map(\.layer) == ["x"])
    #expect(part.skipped.allSatisfy { !$0.isFault })
    #expect(part.models.map(\.name) == ["a"])
    // Nothing is left of what was wanted, and that is no error.
    let other = try survey.load(reader: reader, layers: [1])
    #expect(other.representations.isEmpty)
    #expect(other.skipped.reason("/x") == "checksum error")
    #expect(other.sampleCount == 8)
    #expect(try survey.load(reader: reader, layers: []).sampleCount == 8)
  }
}
