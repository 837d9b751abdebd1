import HDF5
import LinearAlgebra
import Testing

@testable import Activations

struct PoolingTests {
  /// 2 samples × 3 channels × 2 × 2, numbered in C order.
  private func pooled(_ pooling: Pooling, dims: String = "n c h w", shape: [Int] = [2, 3, 2, 2])
    throws -> Matrix
  {
    let numbers = (0..<shape.reduce(1, *)).map(Double.init)
    let file = FakeFile("f", ["/x": FakeDataset(shape: shape, numbers: numbers)])
    let reading = PooledReading(
      file: "f", dataset: "/x", shape: shape, dims: Dims(dims), pooling: pooling)
    return try reading.matrices(slices: [nil], reader: FakeReader(files: ["f": file]))[0].matrix()
  }

  @Test func everyPoolingIsWhatItsNameSays() throws {
    #expect(try pooled(.mean) == Matrix(rows: [[1.5, 5.5, 9.5], [13.5, 17.5, 21.5]]))
    #expect(try pooled(.max) == Matrix(rows: [[3, 7, 11], [15, 19, 23]]))
    #expect(try pooled(.first) == Matrix(rows: [[0, 4, 8], [12, 16, 20]]))
    #expect(try pooled(.last) == Matrix(rows: [[3, 7, 11], [15, 19, 23]]))
    #expect(try pooled(.flatten) == Matrix(rows: 2, columns: 12) { Double($0 * 12 + $1) })
    #expect(
      try pooled(.positions)
        == Matrix(rows: 8, columns: 3) { (row: Int, column: Int) -> Double in
          Double(row / 4 * 12 + column * 4 + row % 4)
        })
  }

  @Test func channelsLastAndTransposedDatasetsComeOutAlike() throws {
    #expect(
      try pooled(.mean, dims: "n h w c", shape: [2, 2, 2, 3])
        == Matrix(rows: [[4.5, 5.5, 6.5], [16.5, 17.5, 18.5]]))
    #expect(
      try pooled(.mean, dims: "d n", shape: [2, 3]) == Matrix(rows: [[0, 3], [1, 4], [2, 5]]))
    #expect(
      try pooled(.mean, dims: "t n d", shape: [2, 2, 3])
        == Matrix(rows: [[3, 4, 5], [6, 7, 8]]))
  }

  @Test func maximumKeepsWhatIsNotANumber() throws {
    let file = FakeFile(
      "f", ["/x": FakeDataset(shape: [1, 2, 2], numbers: [1, .nan, -5, -3])])
    let reading = PooledReading(
      file: "f", dataset: "/x", shape: [1, 2, 2], dims: Dims("n c t"), pooling: .max)
    let matrix = try reading.matrices(slices: [nil], reader: FakeReader(files: ["f": file]))[0]
      .matrix()
    #expect(matrix[0, 0].isNaN && matrix[0, 1] == -3)
  }

  private func numbered(from start: Int) -> Matrix {
    Matrix(rows: 3, columns: 4) { (row: Int, column: Int) -> Double in
      Double(start + row * 10 + column)
    }
  }

  @Test(arguments: [["n l d", "2"], ["l n d", "0"], ["n d l", "1"]])
  func stacksComeApartIntoLayers(parameters: [String]) throws {
    let dims = Dims(parameters[0])
    let sizes: [Character: Int] = ["n": 3, "l": 2, "d": 4]
    let shape = dims.letters.map { sizes[$0] ?? 0 }
    var numbers: [Double] = []
    for i in 0..<shape[0] {
      for j in 0..<shape[1] {
        for k in 0..<shape[2] {
          let at = Dictionary(uniqueKeysWithValues: zip(dims.letters, [i, j, k]))
          let layer = at["l"] ?? 0
          let sample = at["n"] ?? 0
          let feature = at["d"] ?? 0
          numbers.append(Double(layer * 100 + sample * 10 + feature))
        }
      }
    }
    let file = FakeFile("f", ["/x": FakeDataset(shape: shape, numbers: numbers)])
    let reading = PooledReading(
      file: "f", dataset: "/x", shape: shape, dims: dims, pooling: .mean)
    let parts = try reading.matrices(slices: [1, 0], reader: FakeReader(files: ["f": file]))
    #expect(try parts[0].matrix() == numbered(from: 100))
    #expect(try parts[1].matrix() == numbered(from: 0))
  }

  @Test func positionsMustAgreeOverLayers() throws {
    let set = try load(
      FakeFile(
        "m.h5",
        [
          "/ids": .ids(names(6)), "/a": .floats(6, 2, 3), "/b": .floats(6, 2, 5),
          "/c": .floats(6, 4),
        ]), options: ReadingOptions(pooling: .positions))
    #expect(set.representations.map(\.layer) == ["a", "b"])
    #expect(set.sampleIDs?.prefix(3) == ["s_0#0", "s_0#1", "s_1#0"])
    #expect(set.sampleCount == 12)
    #expect(set.skipped.reason("/c")?.hasPrefix("1 positions a sample") == true)
  }
}

struct SampleJoinTests {
  private func source(_ label: String, _ ids: [String]?, count: Int = 0, file: Int = 0)
    -> SampleJoin.Source
  {
    SampleJoin.Source(label: label, file: file, count: ids?.count ?? count, ids: ids, layers: 1)
  }

  @Test func rowsAreJoinedInTheMostCommonOrder() throws {
    let order = ["a", "b", "c", "d", "e"]
    let join = try SampleJoin.byID(
      [
        source("p", ["e", "d", "c", "b", "a"], file: 0), source("q", order, file: 1),
        source("r", ["b", "c", "d", "e"], file: 2), source("s", order, file: 3),
      ], join: .intersect, minimum: 4)
    #expect(join.ids == ["b", "c", "d", "e"])
    #expect(join.rows == [[3, 2, 1, 0], [1, 2, 3, 4], [0, 1, 2, 3], [1, 2, 3, 4]])
    #expect(join.reference == "q")
    #expect(
      join.notes[0].hasPrefix(
        "4 of 5 samples are in all files and kept; 1 were left out: r lacks 1"))
  }

  @Test func strangersDoNotEmptyTheIntersection() throws {
    let join = try SampleJoin.byID(
      [
        source("p", names(6), file: 0), source("x", ["0", "1", "2", "3"], file: 1),
        source("q", names(6), file: 2),
      ], join: .intersect, minimum: 4)
    #expect(join.count == 6 && join.rows[1] == nil)
    #expect(join.refusals.map(\.source) == [1])
    #expect(
      join.refusals[0].reason.contains(
        "none of its 4 sample ids occurs in p ('0' here, 's_0' there)"))
  }

  /// Which side the first file is on must not decide.
  @Test func aDrawBetweenStrangersIsLeftToTheUser() throws {
    let draws = [
      [source("a", names(6), file: 0), source("b", names(6, "x"), file: 1)],
      [
        source("a", names(6), file: 0), source("b", names(6, "x"), file: 1),
        source("c", names(6, "x").reversed(), file: 2), source("d", names(6), file: 3),
      ],
    ]
    for sources in draws {
      let error = #expect(throws: ReadingError.self) {
        try SampleJoin.byID(sources, join: .intersect, minimum: 4)
      }
      #expect(error?.exitCode == 4)
      #expect(error?.description.contains("a and b have no sample in common ('s_0'") == true)
      #expect(error?.help.contains("--ids positional") == true)
    }
  }

  @Test func anExactJoinRefusesOtherSets() throws {
    let join = try SampleJoin.byID(
      [
        source("p", names(6), file: 0), source("q", names(5), file: 1),
        source("r", names(6).reversed(), file: 2),
      ], join: .exact, minimum: 4)
    #expect(join.refusals.map(\.source) == [1] && join.count == 6)
  }

  @Test func withoutIDsTheMajorityCountWinsAndATieIsRefused() throws {
    let join = try SampleJoin.positional([
      source("a", nil, count: 9, file: 0), source("b", nil, count: 8, file: 1),
      source("c", nil, count: 9, file: 2),
    ])
    #expect(join.count == 9 && join.rows[1] == nil)
    let error = try #require(throws: ReadingError.self) {
      try SampleJoin.positional([
        source("a", nil, count: 9, file: 0), source("b", nil, count: 8, file: 1),
      ])
    }
    #expect(error.description.contains("9 samples in a, 8 samples in b"))
  }
}

struct LoadingTests {
  @Test func duplicatedIDsAreLocated() throws {
    var ids = names(8)
    ids[5] = "s_2"
    let set = try load(
      FakeFile("a.h5", ["/ids": .ids(names(8)), "/x": .floats(8, 4)]),
      FakeFile("b.h5", ["/ids": .ids(ids), "/x": .floats(8, 4)]))
    #expect(set.models.map(\.name) == ["a"])
    #expect(
      set.skipped.reason("b.h5")
        == "sample id 's_2' occurs 2 times (rows 2, 5), so its rows cannot be joined")
  }

  @Test func wholeNumbersJoinAsDecimalStrings() throws {
    let set = try load(
      FakeFile("a.h5", ["/stimuli/ids": .whole([7, 3, 5, 9]), "/layers/x": .floats(4, 2)]),
      FakeFile("b.h5", ["/ids": .ids(["9", "7", "5", "3"]), "/x": .floats(4, 2)]))
    #expect(set.sampleIDs == ["7", "3", "5", "9"])
    #expect(set.alignment == .joined(onIDsOf: "a.h5", samples: 4, dropped: ["a.h5": 0, "b.h5": 0]))
  }

  @Test func contradictingLabelsRevealAnotherRowOrder() throws {
    func file(_ name: String, _ labels: [Int]) -> FakeFile {
      FakeFile(name, ["/labels": .whole(labels), "/x": .floats(6, 4)])
    }
    let set = try load(
      file("a.h5", [0, 1, 2, 0, 1, 2]), file("b.h5", [0, 1, 2, 0, 2, 1]),
      file("c.h5", [0, 1, 2, 0, 1, 2]))
    #expect(set.models.map(\.name) == ["a", "c"])
    #expect(
      set.skipped.reason("b.h5")
        == "row order differs: 2 of 6 labels disagree with the other files")
    #expect(set.labels == [0, 1, 2, 0, 1, 2])
  }

  private func mixed(_ order: [Int], options: ReadingOptions = ReadingOptions()) throws
    -> ActivationSet
  {
    let values = FakeDataset.floats(40, 5).values(salt: 3)
    let shuffled = order.flatMap { values[$0 * 5..<$0 * 5 + 5] }
    return try load(
      FakeFile("a.h5", ["/ids": .ids(names(40)), "/x": .floats(40, 4)]),
      FakeFile("b.h5", ["/y": FakeDataset(shape: [40, 5], numbers: shuffled)]), options: options)
  }

  @Test func aFileWithoutIDsIsTakenInOrderWhereTheDataBearItOut() throws {
    let set = try mixed(Array(0..<40))
    #expect(set.representations.count == 2 && set.sampleIDs == names(40))
    #expect(set.notes.contains { $0.contains("b.h5 as a.h5 (debiased CKA") })
  }

  @Test func aShuffledFileWithoutIDsIsRefused() throws {
    let order = (0..<40).map { ($0 * 17 + 5) % 40 }
    let set = try mixed(order)
    #expect(set.models.map(\.name) == ["a"])
    #expect(set.skipped.reason("b.h5")?.contains("do not bear out") == true)
    #expect(set.skipped.first { $0.file == "b.h5" }?.help?.contains("--ids positional") == true)
    let forced = try mixed(order, options: ReadingOptions(ids: .positional))
    #expect(forced.representations.count == 2 && forced.sampleIDs == nil)
    #expect(forced.alignment == .positional(samples: 40))
  }

  @Test func theListOfIDsCanBeNamed() throws {
    let file = FakeFile(
      "a.h5", ["/ids": .ids(names(6)), "/code": .ids(names(6, "k")), "/x": .floats(6, 4)])
    let set = try load(file, options: ReadingOptions(ids: .dataset("code")))
    #expect(set.sampleIDs == names(6, "k"))
    let error = try #require(throws: ReadingError.self) {
      try load(file, options: ReadingOptions(ids: .dataset("/nope")))
    }
    #expect(error.exitCode == 64)
  }

  @Test func aNamedListWithDuplicatesIsNeverLeftAsideSilently() throws {
    let file = FakeFile(
      "a.h5", ["/code": .whole([1, 1, 1, 2, 2, 2]), "/x": .floats(4, 6), "/y": .floats(3, 6)])
    let error = try #require(throws: ReadingError.self) {
      try load(file, options: ReadingOptions(ids: .dataset("/code")))
    }
    #expect(error.description.contains("sample id '1' occurs 3 times (rows 0, 1, 2)"))
  }

  @Test func idsThatCannotBeReadDoNotTurnIntoPositions() throws {
    let huge = FakeDataset(
      shape: [6], type: .integer(bits: 64, signed: true),
      numbers: [1e17, 2e17, 3e17, 4e17, 5e17, 6e17])
    let set = try load(
      FakeFile("a.h5", ["/x": .floats(6, 4)]),
      FakeFile("b.h5", ["/ids": huge, "/x": .floats(6, 4)])
    )
    #expect(set.models.map(\.name) == ["a"])
    #expect(set.skipped.reason("b.h5")?.hasPrefix("its sample ids /ids cannot be read") == true)
  }

  private func damaged(_ policy: MissingValuePolicy) throws -> ActivationSet {
    var values = FakeDataset.floats(8, 4).values(salt: 1)
    values[3 * 4 + 2] = .nan
    values[6 * 4 + 1] = .infinity
    return try load(
      FakeFile(
        "a.h5",
        [
          "/ids": .ids(names(8)), "/bad": FakeDataset(shape: [8, 4], numbers: values),
          "/good": .floats(8, 4),
        ]), options: ReadingOptions(missing: policy))
  }

  @Test func whatIsNotFiniteIsLocatedOrDropped() throws {
    let refused = try damaged(.error)
    #expect(refused.representations.map(\.layer) == ["good"])
    #expect(
      refused.skipped.reason("/bad") == "1 NaN, 1 infinite: first at sample 3 (id s_3), feature 2")
    let samples = try damaged(.dropSamples)
    #expect(samples.sampleIDs == ["s_0", "s_1", "s_2", "s_4", "s_5", "s_7"])
    #expect(samples.representations.map(\.values.rows) == [6, 6])
    let features = try damaged(.dropFeatures)
    #expect(features.representations.map(\.values.columns) == [2, 4])
  }

  @Test func threeSamplesAreTooFew() throws {
    let error = try #require(throws: ReadingError.self) {
      try load(FakeFile("a.h5", ["/x": .floats(3, 4), "/y": .floats(3, 5)]))
    }
    #expect(error.description.hasPrefix("3 samples; at least 4 are needed"))
    #expect(error.exitCode == 4)
  }

  @Test func oneLayerThatCannotBeReadDoesNotSpoilTheOthers() throws {
    var broken = FakeDataset.floats(8, 4)
    broken.failure = "chunk damaged"
    let set = try load(FakeFile("a.h5", ["/x": .floats(8, 4), "/y": broken]))
    #expect(set.representations.map(\.layer) == ["x"])
    #expect(set.skipped.reason("/y") == "chunk damaged")
  }

  @Test func aLayerWithOtherRowsThanItsFileIsLeftOut() throws {
    let plain = FakeFile(
      "a.h5", ["/x": .floats(40, 4), "/y": .floats(38, 4), "/z": .floats(40, 3)])
    let alone = try load(plain)
    #expect(alone.representations.map(\.layer) == ["x", "z"])
    #expect(alone.skipped.reason("/y")?.hasPrefix("38 samples where the others have 40") == true)
    let mixed = try load(
      plain, FakeFile("b.h5", ["/ids": .ids(names(40)), "/x": .floats(40, 4)]))
    #expect(mixed.representations.map(\.layer) == ["x", "z", "x"])
    #expect(mixed.skipped.reason("/y") == "no sample ids, and no file with ids has 38 samples")
  }

  @Test func constantFeaturesAreNotedOnceForTheRun() throws {
    var values = FakeDataset.floats(8, 4).values(salt: 1)
    for row in 0..<8 { values[row * 4 + 1] = 0 }
    let dead = FakeDataset(shape: [8, 4], numbers: values)
    let flat = FakeDataset(shape: [8, 2], numbers: Array(repeating: 0.7, count: 16))
    let set = try load(
      FakeFile("a.h5", ["/x": dead, "/flat": flat]), FakeFile("b.h5", ["/x": dead]))
    #expect(set.representations.count == 3)
    #expect(set.notes.contains("Constant (dead) features: a (x 1 of 4); b (x 1 of 4)."))
    #expect(
      set.notes.contains("All features are constant, so no similarity is defined: a/flat."))
  }

  @Test func sixtyAlikeModelsMakeOneNote() throws {
    var notes = NoteBook()
    for index in 0..<60 { notes.add("Taken for untrained because of the name", "m\(index)") }
    #expect(notes.sentences == ["Taken for untrained because of the name: m0; m1; m2 and 57 more."])
  }
}
