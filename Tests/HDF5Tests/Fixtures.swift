import Foundation
import HDF5
import Testing

/// The path of a file that `Fixtures/make_fixtures.py` made.
func fixture(_ name: String) throws -> String {
  let url = try #require(Bundle.module.url(forResource: "Fixtures", withExtension: nil))
  return url.appendingPathComponent(name).path
}

/// The outline of one object of a fixture.
func object(_ path: String, of name: String) throws -> ObjectOutline {
  let outline = try LibraryReader().outline(of: fixture(name))
  return try #require(outline.objects.first { $0.path == path }, "\(path) in \(outline.objects)")
}

/// The failure that a body throws.
func failure(_ body: () throws -> Void) throws -> FileFailure {
  try #require(throws: FileFailure.self) { try body() }
}

/// A new empty folder for the time of the body.
func withTemporaryFolder(_ body: (String) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("HDF5Tests-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  try body(folder.path)
}

/// What the script writes: 0, 1, 2 … 100, 0, 1 …
func ramp(_ count: Int) -> [Double] { (0..<count).map { Double($0 % 101) } }

/// Equal bit for bit, so that the sign of zero and NaN count.
func sameBits(_ a: [Double], _ b: [Double]) -> Bool {
  a.map(\.bitPattern) == b.map(\.bitPattern)
}
