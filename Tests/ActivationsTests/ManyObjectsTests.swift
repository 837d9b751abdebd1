import HDF5
import Testing

@testable import Activations

/// Files of many objects: what is decided about one must not cost a search through all.
@Suite struct ManyObjectsTests {
  private static let count = 20_000

  @Test(.timeLimit(.minutes(1))) func manyDatasetsInOneGroupAreSurveyed() throws {
    var file = FakeFile("wide.h5")
    file.datasets = (0..<Self.count).map { ("/a\($0)", .floats(8, 3)) }
    let found = try survey(file).survey
    #expect(found.models.count == 1)
    #expect(found.layers.count == Self.count)
    #expect(found.layers(ofModel: 0).count == Self.count)
  }

  @Test(.timeLimit(.minutes(1))) func manyGroupsOfOneDatasetAreSurveyed() throws {
    var file = FakeFile("deep.h5")
    file.datasets = (0..<Self.count).map { ("/g\($0)/x", .floats(8, 3)) }
    let found = try survey(file).survey
    #expect(found.models.count == Self.count)
    #expect(found.layers(ofModel: Self.count - 1).map(\.name) == ["x"])
  }
}

/// What the table finds after objects were put in, changed and taken out.
@Suite struct ObjectTableTests {
  private static func object(_ path: String, _ shape: [Int]) -> ObjectOutline {
    ObjectOutline(
      path: path, attributes: [:], dataset: DatasetOutline(shape: shape, elementType: .float32))
  }

  @Test func insertionsBeforeOnePlaceKeepTheirOrder() {
    var table = ObjectTable([Self.object("/a", [1]), Self.object("/z", [1])])
    // More than the halvings that fit between two neighbouring ranks.
    for number in 0..<200 { table.insert(Self.object("/m\(number)", [2, 2]), before: "/z") }
    let expected = ["/a"] + (0..<200).map { "/m\($0)" } + ["/z"]
    #expect(table.map(\.path) == expected)
    #expect(table.datasets(in: "/").map(\.path) == expected)
  }

  @Test func whatIsRemovedIsFoundNowhere() {
    var table = ObjectTable([
      Self.object("/a/x", [3]), Self.object("/a/b/y", [3]), Self.object("/ab", [3]),
    ])
    table.remove("/a")
    table.removeAll(below: "/a")
    #expect(table.map(\.path) == ["/ab"])
    #expect(table["/a/b/y"] == nil)
    #expect(table.lists(in: "/a").isEmpty)
    #expect(table.datasets(named: ["y"], in: "/a/b").isEmpty)
    #expect(table.datasets(named: "ab").map(\.path) == ["/ab"])
  }

  @Test func changedObjectsAreFoundByWhatTheyAreNow() {
    var table = ObjectTable([Self.object("/a", [3]), Self.object("/b", [3])])
    table.update("/a") { $0.path = "/g/C" }
    table.update("/b") { $0.dataset?.shape = [3, 3] }
    #expect(table["/a"] == nil)
    #expect(table.datasets(named: ["c"], in: "/g").map(\.path) == ["/g/C"])
    #expect(table.lists(in: "/").isEmpty)
    #expect(table.map(\.path) == ["/g/C", "/b"])
  }
}
