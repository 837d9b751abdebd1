import Foundation
import Testing

@testable import Reports

/// What a study may say, and what happens when it says something else.
@Suite struct StudyFileTests {
  private static let good = """
    question: Which one?   # a comment
    dumps: [a.h5, '../zoo/*.h5']
    metric: cka
    seed: 7
    runs:
      study:
        select: ['*/conv*', '-odd']
        results: [families.csv, depth.csv]
        figures: depth
      negative-control:
        metric: ["svcca:variance=0.9", cka]
        shuffle: all
        results: families.csv
    """

  private func study(_ text: String) throws -> StudyFile {
    try StudyFile(text: text, file: "a.yaml")
  }

  /// Expects an error at a line, with words in it, and a help that is not empty.
  private func expect(
    _ kind: StudyError.Kind, line: Int? = nil, saying words: [String], in text: String,
    location: SourceLocation = #_sourceLocation
  ) {
    do {
      _ = try study(text)
      Issue.record("no error", sourceLocation: location)
    } catch let error as StudyError {
      #expect(error.kind == kind, "\(error)", sourceLocation: location)
      if let line { #expect(error.line == line, "\(error)", sourceLocation: location) }
      #expect(error.message.hasPrefix("a.yaml"), sourceLocation: location)
      #expect(error.description.contains("\n  help: "), sourceLocation: location)
      for word in words {
        #expect(error.description.contains(word), "\(error)", sourceLocation: location)
      }
    } catch {
      Issue.record(error, sourceLocation: location)
    }
  }

  /// A study with other lines in place of the run.
  private func run(_ lines: String...) -> String {
    "question: q\ndumps: a.h5\nruns:\n  study:\n"
      + lines.map { "    \($0)\n" }.joined()
  }

  @Test func everythingThatIsSaidComesOut() throws {
    let study = try study(Self.good)
    #expect(study.question == "Which one?")
    #expect(study.runs.map(\.name) == ["study", "negative-control"])
    let (first, second) = (study.runs[0], study.runs[1])
    #expect(first.dumps == ["a.h5", "../zoo/*.h5"] && second.dumps == first.dumps)
    #expect(first.results == ["families.csv", "depth.csv"] && first.figures == ["depth"])
    #expect(second.results == ["families.csv"] && second.figures.isEmpty)
    #expect(
      first.arguments == [
        "--metric=cka", "--seed=7", "--select=*/conv*", "--select=-odd", "--", "a.h5",
        "../zoo/*.h5",
      ])
    #expect(
      second.arguments == [
        "--metric=svcca:variance=0.9", "--metric=cka", "--seed=7", "--shuffle=all", "--", "a.h5",
        "../zoo/*.h5",
      ])
    #expect(
      first.command
        == "universality report --metric=cka --seed=7 '--select=*/conv*' --select=-odd -- a.h5 "
        + "'../zoo/*.h5'")
  }

  /// The study that its own settings describe is the same study.
  @Test func writingASettingDownAgainChangesNothing() throws {
    let study = try study(Self.good)
    var text = "question: '\(study.question)'\nruns:\n"
    for run in study.runs {
      text += "  \(run.name):\n    dumps: \(list(run.dumps))\n"
      for setting in run.settings {
        let isNumber = setting.option == "seed"
        let isText = setting.option == "shuffle"
        text +=
          "    \(setting.option): \(isNumber ? setting.values[0] : isText ? "'\(setting.values[0])'" : list(setting.values))\n"
      }
      text += "    results: \(list(run.results))\n"
      if !run.figures.isEmpty { text += "    figures: \(list(run.figures))\n" }
    }
    #expect(try self.study(text) == study)
  }

  private func list(_ values: [String]) -> String {
    "[" + values.map { "'\($0)'" }.joined(separator: ", ") + "]"
  }

  @Test func unknownKeysAreNamedWithTheKnownOnes() {
    expect(
      .unfitting, line: 5, saying: ["runs.study", "'metrics'", "known keys: dumps, metric"],
      in: run("metrics: cka", "results: families.csv"))
    expect(
      .unfitting, line: 1, saying: ["'output'", "known keys"], in: "output: x\nruns: {}\n")
  }

  @Test func missingKeysAreNamedWithTheirMeaning() {
    expect(.unfitting, saying: ["'runs'"], in: "question: q\n")
    expect(
      .unfitting, saying: ["'question'"], in: "dumps: a\nruns: {study: {results: [a.csv]}}\n")
    expect(
      .unfitting, saying: ["runs.study", "'dumps'"],
      in: "question: q\nruns: {study: {results: [a.csv]}}\n")
    expect(.unfitting, saying: ["runs.study", "'results'"], in: run("metric: cka"))
    expect(.unfitting, line: 3, saying: ["runs"], in: "question: q\ndumps: a.h5\nruns: {}\n")
  }

  @Test func wrongTypesAreNamedWithTheRightOne() {
    let results = "results: families.csv"
    expect(
      .unfitting, line: 5, saying: ["runs.study.seed", "'many'", "whole number"],
      in: run("seed: many", results))
    expect(.unfitting, saying: ["'1.5'"], in: run("permutations: 1.5", results))
    expect(.unfitting, saying: ["'-1'"], in: run("permutations: -1", results))
    expect(.unfitting, saying: ["whole number"], in: run("seed: '7'", results))
    expect(.unfitting, saying: ["a list", "a text"], in: run("pool: [mean, max]", results))
    expect(.unfitting, saying: ["keys with values"], in: run("metric: {cka: 1}", results))
    expect(.unfitting, saying: ["missing"], in: run("select:", results))
    expect(.unfitting, saying: ["empty list"], in: run("select: []", results))
    expect(.unfitting, saying: ["a list"], in: run("select: [[a]]", results))
    expect(.unfitting, saying: ["a list"], in: "- question\n")
    expect(.unfitting, saying: ["the text 'x'"], in: "question: q\nruns: x\n")
    expect(.unfitting, saying: ["NUL"], in: run("select: \"a\\0\"", results))
  }

  @Test func onlyNamesOfTablesAndFiguresAreKept() {
    for name in [
      "../x.csv", "/etc/x.csv", "report.html", "results.nc", "a/b.csv", ".csv", "run.json",
    ] {
      expect(.unfitting, saying: ["runs.study.results", name], in: run("results: '\(name)'"))
    }
    for name in ["depth.svg", "../depth", "a b"] {
      expect(.unfitting, saying: ["runs.study.figures", name], in: run("figures: '\(name)'"))
    }
    expect(.unfitting, saying: ["twice"], in: run("results: [a.csv, a.csv]"))
    for name in ["Study", "a/b", "..", "a_b", "-a"] {
      expect(
        .unfitting, saying: ["not a name"],
        in: "question: q\ndumps: a\nruns:\n  '\(name)': {results: [a.csv]}\n")
    }
  }

  @Test func whatIsNoYAMLIsSaidWithTheLine() {
    expect(.unreadable, line: 3, saying: ["no YAML"], in: "question: q\nruns: [\n")
    expect(.unreadable, saying: ["empty"], in: "")
    expect(.unreadable, saying: ["seed", "twice"], in: "seed: 1\nseed: 2\n")
    expect(.unreadable, saying: ["quotation marks"], in: "select: */conv\n")
    expect(.unreadable, saying: ["another document"], in: "question: q\n---\nquestion: r\n")
  }

  /// Ten levels of ten: a few hundred bytes that stand for ten billion.
  @Test func aliasesAreNeverFollowed() {
    var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...10 {
      let alias = "*a\(level - 1)"
      bomb +=
        "a\(level): &a\(level) [\(Array(repeating: alias, count: 10).joined(separator: ", "))]\n"
    }
    expect(.unreadable, line: 1, saying: ["anchors"], in: bomb)
    expect(.unreadable, line: 1, saying: ["anchors"], in: bomb + "? *a10\n: x\n")
    // Wherever a node can begin.
    for start in [
      "? &a b\n", "[&a b]", "{a: &b c}", "- &a b", "{\"a\":&b c}", "[a,&b c]", "!!str &a b",
    ] {
      expect(.unreadable, saying: ["anchors"], in: start)
    }
    // A & inside a word or alone is text.
    #expect(throws: Never.self) {
      _ = try study(Self.good.replacing("Which one?", with: "R&D & more?"))
    }
  }

  @Test func deepListsDoNotExhaustTheStack() {
    let deep = String(repeating: "[", count: 30_000)
    expect(.unreadable, saying: ["no YAML"], in: "question: " + deep)
    let block = String(repeating: "- ", count: 30_000) + "x\n"
    expect(.unreadable, saying: ["no YAML"], in: block)
  }

  @Test func filesThatAreNoStudiesAreRefusedUnread() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("study-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func expect(_ word: String, _ path: String) {
      do {
        _ = try StudyFile(path: path)
        Issue.record("no error for \(path)")
      } catch {
        #expect(error.kind == .unreadable && error.message.contains(word), "\(error)")
      }
    }
    let path = folder.appendingPathComponent("a.yaml").path
    expect("no such file", path)
    expect("folder", folder.path)
    expect("cannot be read", "/dev/zero")
    #expect(mkfifo(path, 0o600) == 0)
    expect("cannot be read", path)
    unlink(path)
    try Data(repeating: UInt8(ascii: "#"), count: 70_000).write(to: URL(fileURLWithPath: path))
    expect("64 KiB", path)
    try Data([0xFF, 0xFE, 0x00]).write(to: URL(fileURLWithPath: path))
    expect("UTF-8", path)
    try Data(Self.good.utf8).write(to: URL(fileURLWithPath: path))
    #expect(try StudyFile(path: path).runs.count == 2)
  }
}
