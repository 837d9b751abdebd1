import Foundation

/// The folders `results` and `figures` beside the file of a study.
///
/// Runs are added one by one; nothing is seen of them before ``publish(_:version:)``, which puts all
/// files in the place of those of the last time. Other files in the two folders are not touched. The same
/// study gives the same bytes: no file holds a time, a number of threads or a place on this machine.
public final class StudyOutput {
  private let folder: OutputFolder
  private let staging: Staging
  private var names: [String] = []
  private var runs: [StudyRecord.Run] = []

  /// The account of the study, which also lists the files that belong to it.
  static let record = "results/record.json"

  /// - Throws: ``ReportError``.
  public init(in folder: OutputFolder) throws {
    self.folder = folder
    staging = try Staging(in: folder.path)
  }

  /// Keeps the files that a run asks for, from its report.
  ///
  /// - Throws: ``ReportError``; ``ResultsMissing`` when the report has no such file.
  public func keep(_ content: ReportContent, of run: StudyFile.Run) throws {
    let report = try Staging(in: folder.path)
    let files = try Report(content).write(to: report)
    let tables = try run.results.map { name in
      guard let source = files.first(where: { $0 == name || $0 == "figures/\(name)" }) else {
        throw ResultsMissing(run: run.name, name: name, ending: ".csv", among: files)
      }
      return (source, "results/\(run.name)/\(name)")
    }
    let figures = try run.figures.map { name in
      guard let source = files.first(where: { $0 == "figures/\(name).svg" }) else {
        throw ResultsMissing(run: run.name, name: name, ending: ".svg", among: files)
      }
      return (source, "figures/\(run.name)/\(name).svg")
    }
    for (source, name) in tables + figures {
      let target = try staging.file(name)
      if rename(try report.file(source), target) != 0 { throw ReportError.current(target) }
      names.append(name)
    }
    runs.append(StudyRecord.Run(run, content))
  }

  /// Lets all files appear, in place of the earlier ones; returns their names, sorted.
  ///
  /// - Throws: ``ReportError``.
  public func publish(_ study: StudyFile, version: String) throws -> [String] {
    let all = (names + [Self.record]).sorted()
    let record = StudyRecord(version: version, question: study.question, runs: runs, files: all)
    try SyncedFile.write(try record.json(), to: try staging.file(Self.record))
    let earlier = Self.files(in: folder.path)
    try refuseLinks(among: Set((earlier + all).map { ($0 as NSString).deletingLastPathComponent }))
    try ReportSwap(earlier: earlier, names: names, record: Self.record).run(staging)
    for name in Set(earlier.map { ($0 as NSString).deletingLastPathComponent }) {
      // Only an empty one goes.
      rmdir(folder.path + "/" + name)
    }
    return all
  }

  /// Through a link in the place of a folder, files would appear or go elsewhere.
  private func refuseLinks(among folders: Set<String>) throws {
    for name in folders.union(["results", "figures"]).sorted() {
      let path = folder.path + "/" + name
      var status = stat()
      guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK else { continue }
      throw ReportError(
        path: path, reason: "it is a link to another place",
        help: "remove it: the results of a study lie beside its file")
    }
  }

  /// The files of the last time, by their own account, which anybody can have changed: names that a
  /// study never uses are left out.
  static func files(in folder: String) -> [String] {
    struct Account: Decodable {
      var files: [String]
    }
    guard let data = FileManager.default.contents(atPath: folder + "/" + record),
      let account = try? JSONDecoder().decode(Account.self, from: data)
    else { return [] }
    let name = /(results|figures)\/[a-z0-9-]+\/[a-z0-9_-]+\.(csv|svg)/
    return account.files.filter { $0.wholeMatch(of: name) != nil }
  }
}

/// A run asks for a file that its report does not have.
public struct ResultsMissing: Error, Sendable, Equatable, CustomStringConvertible {
  public var run: String
  public var name: String
  /// What the report has instead.
  public var known: [String]

  init(run: String, name: String, ending: String, among files: [String]) {
    self.run = run
    self.name = name
    known = Set(
      files.filter { $0.hasSuffix(ending) }.map {
        let file = ($0 as NSString).lastPathComponent
        return ending == ".svg" ? String(file.dropLast(ending.count)) : file
      }
    ).sorted()
  }

  public var description: String { "the report of the run '\(run)' has no '\(name)'" }

  public var help: String { "it has \(known.joined(separator: ", "))" }
}
