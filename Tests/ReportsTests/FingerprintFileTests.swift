import Activations
import Foundation
import HDF5
import LinearAlgebra
import Testing
import Zoo

@testable import Reports

@Suite struct FingerprintFileTests {
  private func set(
    ids: [String]?, models: [String] = ["a", "b"], size: Int = 512, seed: UInt64 = 3,
    constant: Bool = true
  ) throws -> FingerprintSet {
    var generator = SeededGenerator(seed: 1)
    var layers = (0..<4).map { index in
      Representation(
        matrix: generator.gaussianMatrix(rows: 40, columns: 3 + index), model: index / 2,
        layer: "layer \(index)", order: index % 2, depth: Double(index % 2), isOutput: index == 3,
        source: .init(
          file: "x.h5", dataset: "/x", shape: [], dims: "n d", evidence: "test", pooling: "none",
          elementType: "float64"))
    }
    if constant { layers[1].values = StoredMatrix(Matrix(rows: 40, columns: 2, repeating: 1)) }
    let activations = ActivationSet(
      models: [
        ModelRecord(name: models[0], family: "f", isTrained: true),
        ModelRecord(name: models[1], role: .input),
      ],
      representations: layers, sampleIDs: ids,
      alignment: ids == nil
        ? .positional(samples: 40) : .joined(onIDsOf: "x.h5", samples: 40, dropped: [:]))
    return try FingerprintSet(of: activations, size: size, seed: seed)
  }

  private let ids = (0..<40).map { "stimulus \($0)" }

  private func temporaryFile() -> String {
    FileManager.default.temporaryDirectory
      .appendingPathComponent("fingerprints-\(UUID().uuidString).h5").path
  }

  @Test func whatIsWrittenIsReadAgain() throws {
    let path = temporaryFile()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let written = try set(ids: ids)
    try FingerprintFile(written, version: "1").write(to: path)
    #expect(try FingerprintFile.isFingerprintFile(path))
    let read = try FingerprintFile(from: path).set
    #expect(read.fingerprints == written.fingerprints)
    #expect(read.design == written.design)
    #expect(read.sampleDigest == written.sampleDigest)
    #expect(read.activations.models.map(\.name) == ["a", "b"])
    #expect(read.activations.models.map(\.family) == ["f", nil])
    #expect(read.activations.models.map(\.isTrained) == [true, nil])
    #expect(read.activations.models.map(\.role) == [.contestant, .input])
    #expect(read.activations.representations.map(\.layer) == (0..<4).map { "layer \($0)" })
    #expect(read.activations.representations.map(\.isOutput) == [false, false, false, true])
    #expect(read.activations.sampleCount == 40)
    #expect(
      try read.compared(by: [.debiased]).matrices == written.compared(by: [.debiased]).matrices)
  }

  @Test func theReasonOfALayerWithoutFingerprintIsKept() throws {
    let path = temporaryFile()
    defer { try? FileManager.default.removeItem(atPath: path) }
    try FingerprintFile(try set(ids: ids), version: "1").write(to: path)
    let matrix = try FingerprintFile(from: path).set.compared(by: [.linear]).matrices[0]
    #expect(matrix[0, 1].reason == "constant: all samples have the same activations")
    #expect(matrix[0, 2].value != nil)
  }

  @Test func aFileThatContradictsItselfIsRefused() throws {
    let path = temporaryFile()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let good = FingerprintFile(try set(ids: ids), version: "1").resultFile
    func expectRefusal(_ change: (inout ResultFile) -> Void) throws {
      var file = good
      change(&file)
      try file.write(to: path)
      #expect(throws: FileFailure.self) { try FingerprintFile(from: path) }
    }
    try expectRefusal { $0.attributes["format_version"] = .integer(99) }
    try expectRefusal { $0.attributes["sketch_size"] = .integer(500) }
    try expectRefusal { $0.attributes["sketch_size"] = .integer(1024) }
    try expectRefusal { $0.attributes["samples"] = .integer(3) }
    try expectRefusal { $0.attributes["seed"] = .string("none") }
    try expectRefusal { $0.attributes["format"] = .string("something else") }
    try expectRefusal { $0.variables.removeAll { $0.name == "rows" } }
    for (name, value) in [("model_of_layer", 2), ("is_output", -1)] {
      try expectRefusal { file in
        for index in file.variables.indices where file.variables[index].name == name {
          file.variables[index].values = .integer([0, 0, 0, value])
        }
      }
    }
  }

  @Test func fingerprintsOfOtherSamplesSeedsOrSizesAreRefused() throws {
    let first = try set(ids: ids)
    func join(_ other: FingerprintSet) throws -> FingerprintSet {
      try FingerprintSet.joined([(name: "x.h5", set: first), (name: "y.h5", set: other)])
    }
    #expect(throws: FingerprintMismatch.samples(first: "x.h5", other: "y.h5")) {
      try join(set(ids: ids.map { $0 + "!" }))
    }
    #expect(throws: FingerprintMismatch.samples(first: "x.h5", other: "y.h5")) {
      try join(set(ids: nil))
    }
    #expect(throws: FingerprintMismatch.design(first: "x.h5", other: "y.h5")) {
      try join(set(ids: ids, seed: 4))
    }
    #expect(throws: FingerprintMismatch.design(first: "x.h5", other: "y.h5")) {
      try join(set(ids: ids, size: 256))
    }
  }

  /// The same layers from two places are found again, under names of their own.
  @Test func setsOfTwoPlacesAreComparedWithEachOther() throws {
    let set = try set(ids: ids, constant: false)
    let joined = try FingerprintSet.joined([(name: "x", set: set), (name: "y", set: set)])
    #expect(joined.activations.models.map(\.name) == ["a", "b", "a (2)", "b (2)"])
    let matrix = try joined.compared(by: [.debiased]).matrices[0]
    for layer in 0..<4 {
      #expect(abs(try #require(matrix[layer, layer + 4].value) - 1) <= 1e-12)
      #expect(try #require(matrix.standardError(layer, layer + 4)) <= 1e-6)
    }
  }

  @Test func theDigestDependsOnTheSamplesAndNotOnTheirOrder() throws {
    let digest = SampleDigest(ids: ids, count: 40)
    let turned = SampleDigest(ids: ids.reversed(), count: 40)
    #expect(digest.hexadecimal == turned.hexadecimal)
    #expect(digest.places == turned.places?.reversed())
    #expect(digest != SampleDigest(ids: Array(ids.dropLast()), count: 39))
    #expect(
      SampleDigest(ids: ["ab", "c"], count: 2).hexadecimal
        != SampleDigest(ids: ["a", "bc"], count: 2).hexadecimal)
    // sha256sum of “ids:1:a2:bc”.
    #expect(
      SampleDigest(ids: ["bc", "a"], count: 2).hexadecimal
        == "a5c537248a90446eedd3fe7f249700f429204760803b17d9fbe2fb83ddec7e2c")
    #expect(SampleDigest(ids: nil, count: 40).places == nil)
  }
}
