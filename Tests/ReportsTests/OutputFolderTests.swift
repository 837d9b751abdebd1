import Foundation
import Testing

@testable import Reports

/// What lies in the folder of a report, whatever happened before.
@Suite struct OutputFolderTests {
  private let folder = NSTemporaryDirectory() + "output-\(UUID().uuidString)"

  private func clean() { try? FileManager.default.removeItem(atPath: folder) }

  private func names() throws -> Set<String> {
    var isFolder: ObjCBool = false
    return Set(
      try FileManager.default.subpathsOfDirectory(atPath: folder).filter {
        FileManager.default.fileExists(atPath: folder + "/" + $0, isDirectory: &isFolder)
          && !isFolder.boolValue
      })
  }

  private func write(_ text: String, to name: String) throws {
    let path = folder + "/" + name
    try FileManager.default.createDirectory(
      atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try text.write(toFile: path, atomically: false, encoding: .utf8)
  }

  @Test func asLongAsOneRunWritesNoOtherCan() throws {
    defer { clean() }
    let first = try OutputFolder(folder)
    let error = #expect(throws: ReportError.self) { _ = try OutputFolder(folder) }
    #expect(error?.reason == "another run is writing to it (process \(getpid()))")
    #expect(throws: ReportError.self) { try Report(SmallZoo.content()).write(to: folder) }
    first.release()
    first.release()
    let second = try OutputFolder(folder)
    second.release()
    #expect(try names().isEmpty)
  }

  /// The lock is the kernel's: a file of that name without one is nobody's.
  @Test func theFileOfALockWithoutItsProcessKeepsNobodyOut() throws {
    defer { clean() }
    try write("1\n", to: ".universality.lock")
    try OutputFolder(folder).release()
    #expect(try names().isEmpty)
  }

  @Test func whatKilledRunsLeftIsRemovedAndNothingElse() throws {
    defer { clean() }
    try write("", to: ".partial-123-0/results.nc.123-5.partial")
    try write("", to: ".partial-99999999-7/figures/x.svg")
    let others = [
      ".partial-of-mine", ".partial-1-2-3", "partial-1-2", "notes.txt", "figures/my.svg",
    ]
    for name in others { try write("mine", to: name) }
    let folder = try OutputFolder(folder)
    defer { folder.release() }
    #expect(try names() == Set(others + [".universality.lock"]))
  }

  @Test func aStagingThatIsInUseIsLeftAlone() throws {
    defer { clean() }
    try write("", to: ".partial-123-0/pairs.csv")
    do {
      let staging = try Staging(in: folder)
      try SyncedFile.write("a", to: staging.file("a.csv"))
      let other = try Staging(in: folder)
      try SyncedFile.write("b", to: other.file("b.csv"))
      #expect(try names().count == 2)
      try staging.publish("a.csv")
      try other.publish("b.csv")
    }
    #expect(try names() == ["a.csv", "b.csv"])
  }

  @Test func aLaterReportLeavesNothingOfTheEarlierAndAllOfTheUsers() throws {
    defer { clean() }
    let large = try Report(SyntheticZoo(seeds: 2).content).write(to: folder)
    let mine = ["notes.txt", "figures/mine.svg", "data/pairs.csv"]
    for name in mine { try write("mine", to: name) }
    let small = try Report(SmallZoo.content()).write(to: folder)
    #expect(small.count < large.count)
    #expect(try names() == Set(small.map { String($0.dropFirst(folder.count + 1)) } + mine))
    for name in mine {
      #expect(try String(contentsOfFile: folder + "/" + name, encoding: .utf8) == "mine")
    }
  }

  /// A record that somebody has changed leads to no other file.
  @Test func theRecordCannotNameFilesThatNoReportHas() throws {
    defer { clean() }
    let victims = ["../\(UUID().uuidString).csv", "sub/table.csv", ".hidden.csv", "thesis.tex"]
    for name in victims { try write("mine", to: name) }
    let list = victims + [folder + "/sub/table.csv", "figures/../sub/table.csv", "figures/.x.svg"]
    try write(
      String(decoding: JSONEncoder().encode(["files": list]), as: UTF8.self), to: "run.json")
    #expect(ReportSwap.files(in: folder).isEmpty)
    _ = try Report(SmallZoo.content()).write(to: folder)
    for name in victims { #expect(FileManager.default.fileExists(atPath: folder + "/" + name)) }
    try FileManager.default.removeItem(atPath: folder + "/" + victims[0])
  }

  /// A run that is stopped after each step of the exchange.
  @Test func noInterruptionMixesTwoReports() throws {
    let earlier = ["run.json", "report.html", "pairs.csv", "models.csv", "figures/a.svg"]
    let names = ["pairs.csv", "layers.csv", "figures/b.svg", "report.html", "run.json"]
    let count = ReportSwap(earlier: earlier, names: names).steps.count
    for stop in 0...count {
      defer { clean() }
      func record(_ names: [String]) throws -> String {
        String(decoding: try JSONEncoder().encode(["files": names]), as: UTF8.self)
      }
      for name in earlier { try write(name == "run.json" ? record(earlier) : "old", to: name) }
      try write("mine", to: "figures/mine.svg")
      do {
        let staging = try Staging(in: folder)
        for name in names {
          try SyncedFile.write(
            name == "run.json" ? record(names) : "new", to: staging.file(name))
        }
        let swap = ReportSwap(earlier: ReportSwap.files(in: folder), names: names)
        #expect(swap.steps.count == count)
        for step in swap.steps.prefix(stop) { try ReportSwap.run(step, staging) }
      }
      let left = try self.names()
      let contents = try left.subtracting(["run.json"]).map {
        try String(contentsOfFile: folder + "/" + $0, encoding: .utf8)
      }
      #expect(Set(contents).subtracting(["mine"]).count <= 1, "stopped at \(stop): \(left)")
      #expect(left.contains("figures/mine.svg"))
      if left.contains("report.html") {
        #expect(Set(ReportSwap.files(in: folder)).isSubset(of: left), "stopped at \(stop)")
      }
      // Whatever is there, the next run knows it for a report's.
      _ = try Report(SmallZoo.content()).write(to: folder)
      let files = ReportSwap.files(in: folder)
      #expect(try self.names() == Set(files + ["figures/mine.svg"]), "stopped at \(stop)")
    }
  }
}
