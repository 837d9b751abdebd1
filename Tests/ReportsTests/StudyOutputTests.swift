import Foundation
import Testing

@testable import Reports

/// What a study leaves in its folder.
@Suite struct StudyOutputTests {
  private func withFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("study-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(
      atPath: folder + "/results/study", withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }

  private func study(_ runs: String) throws -> StudyFile {
    try StudyFile(text: "question: q\ndumps: a.h5\nruns:\n\(runs)", file: "a.yaml")
  }

  private func write(_ study: StudyFile, to path: String) throws -> [String] {
    let folder = try OutputFolder(path)
    defer { folder.release() }
    let output = try StudyOutput(in: folder)
    for run in study.runs { try output.keep(SyntheticZoo(seeds: 2).content, of: run) }
    return try output.publish(study, version: "1.2.3")
  }

  private func files(_ folder: String) throws -> [String: Data] {
    var files: [String: Data] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: folder) {
      var isDirectory: ObjCBool = false
      let exists = FileManager.default.fileExists(
        atPath: folder + "/" + name, isDirectory: &isDirectory)
      if exists, !isDirectory.boolValue {
        files[name] = FileManager.default.contents(atPath: folder + "/" + name)
      }
    }
    return files
  }

  @Test func theFilesAskedForAppearAndNoOthers() throws {
    try withFolder { folder in
      let study = try study(
        """
          study: {results: [families.csv, depth.csv], figures: [depth]}
          control: {seed: 1, results: [families.csv]}
        """)
      let names = try write(study, to: folder)
      #expect(
        names == [
          "figures/study/depth.svg", "results/control/families.csv", "results/record.json",
          "results/study/depth.csv", "results/study/families.csv",
        ])
      let first = try files(folder)
      #expect(first.keys.sorted() == names)
      let data = try #require(first["results/record.json"])
      let record = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
      #expect(record["files"] as? [String] == names)
      let runs = try #require(record["runs"] as? [[String: Any]])
      #expect(runs.map { $0["name"] as? String } == ["study", "control"])
      #expect((runs[1]["settings"] as? [String: [String]]) == ["seed": ["1"]])
      #expect((runs[0]["headline"] as? [String])?.isEmpty == false)
      // Again: the same bytes.
      #expect(try write(study, to: folder) == names)
      #expect(try files(folder) == first)
    }
  }

  @Test func filesOfTheLastTimeGoAndFilesOfOthersStay() throws {
    try withFolder { folder in
      let other = folder + "/results/study/notes.csv"
      try Data("mine".utf8).write(to: URL(fileURLWithPath: other))
      _ = try write(
        try study("  study: {results: [families.csv]}\n  old: {results: [layers.csv]}\n"),
        to: folder)
      _ = try write(try study("  study: {figures: [depth]}\n"), to: folder)
      #expect(
        try files(folder).keys.sorted() == [
          "figures/study/depth.svg", "results/record.json", "results/study/notes.csv",
        ])
      #expect(!FileManager.default.fileExists(atPath: folder + "/results/old"))
      #expect(try String(contentsOfFile: other, encoding: .utf8) == "mine")
    }
  }

  @Test func nothingIsWrittenThroughALink() throws {
    for name in ["figures", "results/study"] {
      try withFolder { folder in
        let elsewhere = folder + "/elsewhere"
        try FileManager.default.createDirectory(
          atPath: elsewhere, withIntermediateDirectories: true)
        try? FileManager.default.removeItem(atPath: folder + "/" + name)
        try FileManager.default.createSymbolicLink(
          atPath: folder + "/" + name, withDestinationPath: elsewhere)
        let study = try study("  study: {results: [families.csv], figures: [depth]}\n")
        #expect(throws: ReportError.self) { try write(study, to: folder) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: elsewhere).isEmpty)
      }
    }
  }

  /// A record that somebody has changed must not make a run delete other files.
  @Test func aRecordNamesNoFilesOutsideOfTheStudy() throws {
    try withFolder { folder in
      let names = [
        "../x.csv", "results/../../x.csv", "analysis.yaml", "results/study/a.csv", "/tmp/x.csv",
        "results/study/a.py", "results/a/b/c.csv",
      ]
      let text = String(decoding: try JSONEncoder().encode(["files": names]), as: UTF8.self)
      try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/results/record.json"))
      #expect(StudyOutput.files(in: folder) == ["results/study/a.csv"])
    }
  }

  @Test func aFileThatAReportDoesNotHaveIsNamedAndNothingIsChanged() throws {
    try withFolder { folder in
      _ = try write(try study("  study: {results: [families.csv]}\n"), to: folder)
      let before = try files(folder)
      do {
        _ = try write(
          try study("  study: {results: [layers.csv]}\n  control: {results: [famlies.csv]}\n"),
          to: folder)
        Issue.record("no error")
      } catch let error as ResultsMissing {
        #expect(error.description == "the report of the run 'control' has no 'famlies.csv'")
        #expect(error.help.contains("families.csv") && !error.help.contains("svg"))
      }
      #expect(try files(folder) == before)
    }
  }
}
