import Foundation
import Testing

/// `--unsafe-allow` by the built command.
@Suite struct UnsafeAllowTests {
  static let links = ReadingProcessTests.fixtures + "/links.h5"

  @Test func linksAreFollowedOnlyOnRequest() throws {
    let closed = try BuiltCommand.run("inspect", Self.links, "--verbose")
    #expect(!closed.output.contains("soft: 3 × 2"), "\(closed.output)")
    let open = try BuiltCommand.run(
      "inspect", Self.links, "--verbose", "--unsafe-allow", "soft-links")
    #expect(open.output.contains("soft: 3 × 2"), "\(open.output) \(open.errors)")
  }

  @Test(arguments: [
    ("virtual-datasets", "these are never read"), ("everything", "it takes soft-links"),
  ])
  func whatCannotBeAllowedIsSaid(name: String, words: String) throws {
    let outcome = try BuiltCommand.run("inspect", Self.links, "--unsafe-allow", name)
    #expect(outcome.exitCode == 64)
    #expect(outcome.errors.contains(words), "\(outcome.errors)")
  }

  @Test func theHelpNamesWhatCanBeAllowed() throws {
    let outcome = try BuiltCommand.run("inspect", "--help")
    for name in ["--unsafe-allow", "soft-links", "external-links", "external-storage"] {
      #expect(outcome.output.contains(name))
    }
  }
}
