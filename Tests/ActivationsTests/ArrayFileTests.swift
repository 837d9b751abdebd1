import Foundation
import HDF5
import Testing

@testable import Activations

/// Damaged and hostile files of NumPy and safetensors.
struct ArrayFileTests {
  private let fixtures = LayoutCase.fixtures + "/layouts"
  private let reader = DumpReader(hdf5: LibraryReader())

  private func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(fixtures)/\(name)")))
  }

  /// A .npy file with this text as its header.
  private func npy(_ header: String, data: Int = 64) -> [UInt8] {
    let text = Array(header.utf8)
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.count & 255), UInt8(text.count >> 8)]
      + text + [UInt8](repeating: 0, count: data)
  }

  private func failure(_ bytes: [UInt8], _ name: String = "x.npy") throws -> String {
    let path = try Folder().write(name, Data(bytes))
    let error = try #require(throws: FileFailure.self) { try reader.outline(of: path) }
    #expect(error.file == path)
    return error.reason
  }

  @Test(arguments: [
    "29_numpy/mlp.npz", "29_numpy/rnn.npz", "29_plain/single.npy", "29_plain/vit.safetensors",
  ])
  func everyPrefixIsAnErrorOrTheSameData(name: String) throws {
    let whole = try bytes(name)
    let folder = try Folder()
    let ending = String(name.split(separator: ".").last ?? "")
    for length in stride(from: 0, to: whole.count, by: 7) {
      let path = try folder.write("prefix.\(ending)", Data(whole.prefix(length)))
      guard ArrayFormat(ofFile: path) != nil, let outline = try? reader.outline(of: path) else {
        continue
      }
      for object in outline.objects {
        guard object.dataset?.elementType.isNumeric == true else { continue }
        let read = try? reader.storedNumbers(in: object.path, of: path, rows: nil)
        guard let read else { continue }
        let complete = try reader.storedNumbers(
          in: name == "29_plain/single.npy" ? "/single" : object.path,
          of: "\(fixtures)/\(name)", rows: nil)
        #expect(read == complete, "\(length) bytes")
      }
    }
  }

  @Test(arguments: [
    "29_numpy/mlp.npz", "29_numpy/rnn.npz", "29_plain/single.npy", "29_plain/vit.safetensors",
  ])
  func changedBytesNeverCrash(name: String) throws {
    let whole = try bytes(name)
    let folder = try Folder()
    var state: UInt64 = 1
    func random(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(bound))
    }
    for _ in 0..<400 {
      var changed = whole
      for _ in 0...random(4) { changed[random(changed.count)] = UInt8(random(256)) }
      let path = try folder.write("changed.npz", Data(changed))
      guard let outline = try? reader.outline(of: path) else { continue }
      for object in outline.objects {
        guard let shape = object.dataset?.shape, object.dataset?.elementType.isNumeric == true
        else { continue }
        let read = try? reader.storedNumbers(in: object.path, of: path, rows: nil)
        #expect(read == nil || read?.count == shape.reduce(1, *))
      }
    }
  }

  @Test func picklesAreNeverRead() throws {
    let reason = try failure(
      npy("{'descr': '|O', 'fortran_order': False, 'shape': (3,), }"))
    #expect(reason.contains("pickle"))
  }

  @Test func sizesThatNoFileHoldsAreRefused() throws {
    for shape in ["(4611686018427387904, 4)", "(-1, 4)", "(99999999,)", "(1, 'x')", "((1,),)"] {
      let reason = try failure(
        npy("{'descr': '<f4', 'fortran_order': False, 'shape': \(shape), }"))
      #expect(reason.contains("truncated") || reason.contains("shape"))
    }
  }

  @Test func headersThatAreNoneAreRefused() throws {
    for header in [
      "", "{", "{'descr': '<f4'", "[1, 2]", "{'descr': [('a', '<f4')]}", "(((((((((((",
    ] {
      #expect(!(try failure(npy(header))).isEmpty)
    }
    #expect(
      try failure(npy("{'descr': '<M8[ns]', 'fortran_order': False, 'shape': (3,)}"))
        .contains("type"))
  }

  @Test func tensorsOutsideOfTheirFileAreRefused() throws {
    for offsets in ["[0, 99]", "[-8, 0]", "[8, 0]", "[0, 9223372036854775807]", "[0]"] {
      let header = Array(
        #"{"a": {"dtype": "F32", "shape": [2, 4], "data_offsets": \#(offsets)}}"#.utf8)
      let length = (0..<8).map { UInt8(header.count >> (8 * $0) & 255) }
      let reason = try failure(
        length + header + [UInt8](repeating: 0, count: 32), "x.safetensors")
      #expect(reason.contains("does not fit its shape"))
    }
  }

  @Test func columnMajorRowsComeInRowOrder() throws {
    let header = "{'descr': '<i2', 'fortran_order': True, 'shape': (2, 3), }"
    var file = npy(header, data: 0)
    for value in [0, 10, 1, 11, 2, 12] { file += [UInt8(value), 0] }
    let path = try Folder().write("f.npy", Data(file))
    #expect(try reader.numbers(in: "/f", of: path, rows: nil) == [0, 1, 2, 10, 11, 12])
    #expect(try reader.numbers(in: "/f", of: path, rows: 1..<2) == [10, 11, 12])
  }

  @Test func aCheckpointOfPyTorchIsNamedAndNotOpened() throws {
    // A stored member `archive/data.pkl` without content, and its directory.
    let name = Array("archive/data.pkl".utf8)
    let rest: [UInt8] = [20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    let local = [0x50, 0x4b, 3, 4] + rest + [UInt8(name.count), 0, 0, 0] + name
    let central =
      [0x50, 0x4b, 1, 2, 20, 0] + rest + [UInt8(name.count), 0, 0, 0, 0, 0]
      + [UInt8](repeating: 0, count: 12) + name
    let end: [UInt8] =
      [0x50, 0x4b, 5, 6, 0, 0, 0, 0, 1, 0, 1, 0, UInt8(central.count), 0, 0, 0]
      + [UInt8(local.count), 0, 0, 0, 0, 0]
    #expect(try failure(local + central + end, "model.pt").contains("PyTorch"))
  }
}
