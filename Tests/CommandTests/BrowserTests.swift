import Foundation
import Testing

/// The page in a real browser.
@Suite struct BrowserTests {
  private static let browser = ["chromium", "chromium-browser", "google-chrome"].lazy
    .flatMap { name in ["/usr/bin/", "/usr/local/bin/", "/snap/bin/"].map { $0 + name } }
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  private func open(_ page: URL) throws -> BuiltCommand.Outcome {
    let profile = BuiltCommand.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: profile) }
    return try BuiltCommand.run(
      try #require(Self.browser),
      [
        "--headless=new", "--no-sandbox", "--disable-gpu", "--user-data-dir=\(profile.path)",
        "--virtual-time-budget=8000", "--enable-logging=stderr", "--dump-dom", page.absoluteString,
      ])
  }

  private func page() throws -> URL {
    try BuiltCommand.report.get().folder.appendingPathComponent("report.html")
  }

  private func count(_ word: String, in text: String) -> Int {
    text.components(separatedBy: word).count - 1
  }

  @Test(.enabled(if: browser != nil, "no Chromium is installed"))
  func thePageShowsItsTextAndFiguresWithoutScriptErrors() throws {
    let outcome = try open(page())
    let text = outcome.output
    #expect(text.contains("How universal are the features of this zoo?"))
    #expect(text.contains("debiased CKA of 0."))
    #expect(count("<svg", in: text) >= 6)
    for family in ["mlp", "cnn", "resnet", "vit", "mixer", "gru"] { #expect(text.contains(family)) }
    let complaints = outcome.errors.split(separator: "\n").filter { $0.contains("CONSOLE") }
    #expect(complaints.isEmpty, "\(complaints)")
  }

  /// The browser is given a copy without any script element.
  @Test(.enabled(if: browser != nil, "no Chromium is installed"))
  func theFiguresNeedNoJavaScript() throws {
    let folder = BuiltCommand.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let original = try String(contentsOf: page(), encoding: .utf8)
    let stripped = original.replacing(/(?s)<script.*?<\/script>/, with: "")
    #expect(!stripped.contains("<script"))
    let copy = folder.appendingPathComponent("without-scripts.html")
    try Data(stripped.utf8).write(to: copy)
    let text = try open(copy).output
    #expect(count("<svg", in: text) == count("<svg", in: original))
    #expect(text.contains("debiased CKA of 0."))
  }
}
