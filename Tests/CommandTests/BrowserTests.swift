import Foundation
import Testing

/// The page in a real browser.
@Suite struct BrowserTests {
  private static let browser = ["chromium", "chromium-browser", "google-chrome"].lazy
    .flatMap { name in ["/usr/bin/", "/usr/local/bin/", "/snap/bin/"].map { $0 + name } }
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  private func open(_ options: [String]) throws -> BuiltCommand.Outcome {
    let page = try BuiltCommand.report.get().folder.appendingPathComponent("report.html")
    let profile = BuiltCommand.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: profile) }
    return try BuiltCommand.run(
      try #require(Self.browser),
      [
        "--headless=new", "--no-sandbox", "--disable-gpu", "--user-data-dir=\(profile.path)",
        "--virtual-time-budget=8000", "--enable-logging=stderr", "--dump-dom",
      ] + options + [page.absoluteString])
  }

  @Test(.enabled(if: browser != nil, "no Chromium is installed"))
  func thePageShowsItsTextAndFiguresWithoutScriptErrors() throws {
    let outcome = try open([])
    let page = outcome.output
    #expect(page.contains("How universal are the features of this zoo?"))
    #expect(page.contains("debiased CKA of 0."))
    #expect(page.components(separatedBy: "<svg").count - 1 >= 6)
    for family in ["mlp", "cnn", "resnet", "vit", "mixer", "gru"] { #expect(page.contains(family)) }
    let complaints = outcome.errors.split(separator: "\n").filter { $0.contains("CONSOLE") }
    #expect(complaints.isEmpty, "\(complaints)")
  }

  @Test(.enabled(if: browser != nil, "no Chromium is installed"))
  func theFiguresNeedNoJavaScript() throws {
    let page = try open(["--blink-settings=scriptEnabled=false"]).output
    #expect(page.components(separatedBy: "<svg").count - 1 >= 6)
    #expect(page.contains("debiased CKA of 0."))
  }
}
