import Foundation
import Testing

@testable import HDF5

/// What is followed only when the user allows it.
@Suite struct LinkingTests {
  private func reader(_ allowed: UnsafeFeature...) -> LinkingReader {
    LinkingReader(LibraryReader(), allowing: Set(allowed))
  }

  @Test func nothingIsFollowedThatIsNotAllowed() throws {
    for name in ["links.h5", "refused.h5"] {
      let file = try fixture(name)
      #expect(try reader().outline(of: file) == LibraryReader().outline(of: file))
    }
    let links = try reader(.externalStorage).outline(of: fixture("links.h5"))
    #expect(!links.objects.contains { ["/soft", "/external"].contains($0.path) })
    #expect(
      Set(links.links)
        == [
          LinkOutline(path: "/soft", target: "/a/data"),
          LinkOutline(path: "/dangling", target: "/nowhere"),
          LinkOutline(path: "/external", file: "numbers.h5", target: "/scalar"),
        ])
  }

  @Test func softLinksLeadToObjectsOfTheFile() throws {
    let file = try fixture("links.h5")
    let reader = reader(.softLinks)
    let outline = try reader.outline(of: file)
    #expect(outline.objects.contains { $0.path == "/soft" && $0.dataset?.shape == [3, 2] })
    #expect(!outline.notes.contains { $0.hasPrefix("/soft ") })
    #expect(try reader.numbers(in: "/soft", of: file, rows: nil) == ramp(6))
    let fault = try #require(outline.faults.first { $0.object == "/dangling" })
    #expect(fault.reason == "it is a soft link to /nowhere, where there is no such object")
  }

  @Test func externalLinksLeadToFilesBesides() throws {
    let file = try fixture("links.h5")
    let reader = reader(.externalLinks)
    #expect(try reader.outline(of: file).objects.contains { $0.path == "/external" })
    #expect(
      try reader.numbers(in: "/external", of: file, rows: nil)
        == LibraryReader().numbers(in: "/scalar", of: fixture("numbers.h5"), rows: nil))
  }

  @Test func externalStorageIsReadFromFilesBesides() throws {
    let file = try fixture("refused.h5")
    let reader = reader(.externalStorage)
    #expect(try reader.numbers(in: "/external", of: file, rows: nil) == [84, 104, 101, 32])
    #expect(try reader.numbers(in: "/external", of: file, rows: 1..<3) == [104, 101])
    let outside = try failure { _ = try reader.numbers(in: "/external", of: file, rows: 3..<5) }
    #expect(outside.reason == "rows 3..<5 lie outside of its 4 rows")
    // Not with another leave.
    let refused = try failure {
      _ = try self.reader(.softLinks).numbers(in: "/external", of: file, rows: nil)
    }
    #expect(refused.reason.contains("external storage"))
  }

  @Test(arguments: [
    "/etc/hostname", "../secret.txt", "a/../../secret.txt", "", ".", "a\0b", "link",
  ])
  func namesThatLeadElsewhereAreRefused(name: String) throws {
    try withTemporaryFolder { folder in
      let inner = folder + "/inner"
      try FileManager.default.createDirectory(atPath: inner, withIntermediateDirectories: true)
      try Data("secret".utf8).write(to: URL(fileURLWithPath: folder + "/secret.txt"))
      try FileManager.default.createSymbolicLink(
        atPath: inner + "/link", withDestinationPath: folder + "/secret.txt")
      #expect(throws: LibraryFailure.self) {
        try OpenFile.named(name, besides: inner + "/dump.h5")
      }
    }
  }

  @Test func namesBelowTheFolderAreOpened() throws {
    try withTemporaryFolder { folder in
      try FileManager.default.createDirectory(
        atPath: folder + "/raw", withIntermediateDirectories: true)
      try Data([1, 2, 3]).write(to: URL(fileURLWithPath: folder + "/raw/a.bin"))
      #expect(try OpenFile.named("./raw/a.bin", besides: folder + "/dump.h5").size == 3)
      #expect(
        try OpenFile.path(of: "./raw/a.bin", besides: folder + "/dump.h5") == folder + "/raw/a.bin")
    }
  }

  @Test func aPieceThatEndsTooEarlyIsRefused() throws {
    let outline = DatasetOutline(shape: [2, 2], elementType: .float32, storage: .external)
    let file = try fixture("refused.h5")
    for part in [
      ExternalPart(file: "secret.txt", offset: 0, bytes: 1 << 20),
      ExternalPart(file: "secret.txt", offset: 1 << 20, bytes: nil),
      ExternalPart(file: "secret.txt", offset: -1, bytes: 4),
      ExternalPart(file: "secret.txt", offset: 0, bytes: 12),
      ExternalPart(file: "nowhere", offset: 0, bytes: 16),
    ] {
      #expect(throws: LibraryFailure.self, "\(part)") {
        try ExternalNumbers(outline, parts: [part], besides: file).numbers(rows: nil)
      }
    }
    let halves = [
      ExternalPart(file: "secret.txt", offset: 8, bytes: 8),
      ExternalPart(file: "secret.txt", offset: 0, bytes: nil),
    ]
    let numbers = try ExternalNumbers(outline, parts: halves, besides: file).numbers(rows: nil)
    #expect(numbers.count == 4)
  }
}
