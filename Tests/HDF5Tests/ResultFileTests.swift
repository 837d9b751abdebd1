import Foundation
import HDF5
import Testing

@Suite struct ResultFileTests {
  let reader = LibraryReader()

  static let attributes: [String: AttributeValue] = [
    "text": .string("Größe"), "empty": .string(""), "integer": .integer(-3), "real": .real(0.1),
    "yes": .boolean(true), "no": .boolean(false), "texts": .strings(["a", "", "ü"]),
    "integers": .integers([1, 2]), "one": .integers([1]), "reals": .reals([0.5, .infinity]),
    "none": .reals([]),
  ]

  static let result = ResultFile(
    dimensions: [
      .init("first", length: 3), .init("second", length: 3), .init("metric", length: 2),
      .init("sample", length: 0),
    ],
    variables: [
      .init("first", over: ["first"], .text(["conv1", "größe", ""])),
      .init("metric", over: ["metric"], .integer([10, 20]), attributes: ["units": .string("1")]),
      .init(
        "similarity", over: ["metric", "first", "second"],
        .real((0..<18).map { $0 == 4 ? .nan : Double($0) / 7 }), attributes: attributes),
      .init("count", over: ["first"], .integer([.min, 0, .max])),
      .init("seed", over: [], .integer([7])),
      .init("nothing", over: ["sample"], .real([])),
      .init("no_text", over: ["sample"], .text([])),
    ],
    attributes: attributes)

  @Test func whatWasWrittenIsReadBack() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/results.nc"
      try Self.result.write(to: path)
      let similarity = try reader.numbers(in: "/similarity", of: path, rows: nil)
      #expect(sameBits(similarity, (0..<18).map { $0 == 4 ? .nan : Double($0) / 7 }))
      #expect(try reader.strings(in: "/first", of: path) == ["conv1", "größe", ""])
      #expect(try reader.numbers(in: "/count", of: path, rows: nil) == [-0x1p63, 0, 0x1p63])
      #expect(try reader.numbers(in: "/seed", of: path, rows: nil) == [7])
      #expect(try reader.numbers(in: "/nothing", of: path, rows: nil) == [])
      #expect(try reader.strings(in: "/no_text", of: path) == [])

      let outline = try reader.outline(of: path)
      let byPath = Dictionary(uniqueKeysWithValues: outline.objects.map { ($0.path, $0) })
      #expect(byPath["/"]?.attributes == Self.attributes)
      for (name, value) in Self.attributes {
        #expect(byPath["/similarity"]?.attributes[name] == value, "\(name)")
      }
      #expect(byPath["/similarity"]?.dataset?.shape == [2, 3, 3])
      #expect(byPath["/similarity"]?.inCreationOrder == true)
    }
  }

  /// The names that netCDF-4 gives to dimensions with and without values.
  @Test func dimensionsAreThoseOfNetCDF() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/results.nc"
      try Self.result.write(to: path)
      let objects = try reader.outline(of: path).objects
      func attribute(_ name: String, of path: String) -> AttributeValue? {
        objects.first { $0.path == path }?.attributes[name]
      }
      for dimension in ["/first", "/second", "/metric", "/sample"] {
        #expect(attribute("CLASS", of: dimension) == .string("DIMENSION_SCALE"))
      }
      #expect(attribute("NAME", of: "/first") == .string("first"))
      #expect(
        attribute("NAME", of: "/second")
          == .string("This is a netCDF dimension but not a netCDF variable.         3"))
      #expect(attribute("_Netcdf4Dimid", of: "/metric") == .integer(2))
      #expect(attribute("DIMENSION_LIST", of: "/similarity") != nil)
    }
  }

  @Test func largeArraysAreCompressed() throws {
    let side = 300
    let values = (0..<(side * side)).map { Double($0 % 7) }
    let result = ResultFile(
      dimensions: [.init("a", length: side), .init("b", length: side)],
      variables: [
        .init("real", over: ["a", "b"], .real(values)),
        .init("integer", over: ["a", "b"], .integer(values.map { Int($0) })),
      ])
    try withTemporaryFolder { folder in
      let path = folder + "/large.nc"
      try result.write(to: path)
      for name in ["/real", "/integer"] {
        #expect(try reader.numbers(in: name, of: path, rows: nil) == values)
        let dataset = try reader.outline(of: path).objects.first { $0.path == name }?.dataset
        #expect(dataset?.filters.map(\.name) == ["shuffle", "deflate"])
        #expect((dataset?.storedBytes ?? .max) < values.count)
      }
    }
  }

  @Test func theSameResultsGiveTheSameBytes() throws {
    try withTemporaryFolder { folder in
      try Self.result.write(to: folder + "/a.nc")
      Thread.sleep(forTimeInterval: 1.1)
      try Self.result.write(to: folder + "/b.nc")
      let first = try Data(contentsOf: URL(fileURLWithPath: folder + "/a.nc"))
      #expect(try first == Data(contentsOf: URL(fileURLWithPath: folder + "/b.nc")))
    }
  }

  @Test func anOldFileIsReplacedAndNothingElseIsLeft() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/results.nc"
      try Data("old".utf8).write(to: URL(fileURLWithPath: path))
      try Self.result.write(to: path)
      #expect(try reader.numbers(in: "/seed", of: path, rows: nil) == [7])
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["results.nc"])
    }
  }

  @Test func aMissingFolderIsSaidToBeMissing() throws {
    let failure = try failure { try Self.result.write(to: "/nowhere/results.nc") }
    #expect(failure.file == "/nowhere/results.nc")
    #expect(failure.reason == "cannot create the file: No such file or directory")
    #expect(failure.help == "make the folder first")
  }

  @Test func aTargetThatCannotBeReplacedLeavesNoRemains() throws {
    try withTemporaryFolder { folder in
      let target = folder + "/taken"
      try FileManager.default.createDirectory(
        atPath: target + "/full", withIntermediateDirectories: true)
      let failure = try failure { try Self.result.write(to: target) }
      #expect(failure.reason.hasPrefix("cannot replace the file"))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["taken"])
    }
  }

  @Test func namesThatHDF5CannotHoldAreRefused() throws {
    let slash = ResultFile(variables: [.init("a/b", over: [], .integer([1]))])
    #expect(try failure { try slash.write(to: "/tmp/x.nc") }.reason.contains("“a/b”"))
    let reserved = ResultFile(attributes: ["_NCProperties": .string("x")])
    #expect(try failure { try reserved.write(to: "/tmp/x.nc") }.reason.contains("_NCProperties"))
  }

  @Test func anAttributeBeyondTheLimitIsNotReadBack() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/attribute.nc"
      let long = String(repeating: "x", count: 1 << 20 + 1)
      try ResultFile(
        attributes: ["long": .string(long), "short": .string("x")]
      ).write(to: path)
      let root = try reader.outline(of: path).objects[0].attributes
      #expect(root == ["long": .unreadable("larger than 1 MiB"), "short": .string("x")])
    }
  }

  @Test func manyThreadsMayReadAndWriteAtOnce() throws {
    try withTemporaryFolder { folder in
      DispatchQueue.concurrentPerform(iterations: 16) { index in
        let path = folder + "/\(index % 4).nc"
        do {
          try Self.result.write(to: path)
          let numbers = try reader.numbers(in: "/seed", of: path, rows: nil)
          #expect(numbers == [7])
        } catch {
          Issue.record(error)
        }
      }
    }
  }
}
