import Foundation

/// The steps that put a new report in the place of an older one.
///
/// All files are ready in a ``Staging`` before the first step. The page goes first and comes last, and
/// every other old file goes before the first new one comes: wherever a run is stopped, the folder
/// holds files of one report, and where there is a page, it holds all of them.
///
/// `run.json` lists the files of its report, so that the next run knows them.
struct ReportSwap {
  enum Step: Equatable {
    case remove(String)
    case publish(String)
  }

  static let page = "report.html"
  static let record = "run.json"

  let steps: [Step]

  /// - Parameters:
  ///   - earlier: The files of the report that is there.
  ///   - names: Those of the new one, ``page`` and ``record`` among them.
  init(earlier: [String], names: [String]) {
    let old = Set(earlier).subtracting([Self.page, Self.record]).sorted()
    let new = names.filter { $0 != Self.page && $0 != Self.record }
    // The record is replaced in one step: at no moment are there files that no record lists.
    steps =
      ([Self.page] + old).map { .remove($0) }
      + ([Self.record] + new + [Self.page]).map { .publish($0) }
  }

  /// Of files without a page, which `record` lists.
  init(earlier: [String], names: [String], record: String) {
    steps =
      earlier.filter { $0 != record }.map { .remove($0) } + ([record] + names).map { .publish($0) }
  }

  func run(_ staging: Staging) throws {
    for step in steps { try Self.run(step, staging) }
    SyncedFile.syncFolder(staging.target)
  }

  static func run(_ step: Step, _ staging: Staging) throws {
    switch step {
    case .publish(let name): try staging.publish(name)
    case .remove(let name):
      let path = staging.target + "/" + name
      if unlink(path) != 0, errno != ENOENT { throw ReportError.current(path) }
    }
  }

  /// The files of the report in a folder, by its own account.
  ///
  /// The account is a file that anybody can have changed: names that a report never uses, such as
  /// those of other folders, are left out.
  static func files(in folder: String) -> [String] {
    struct Account: Decodable {
      var files: [String]
    }
    guard let data = FileManager.default.contents(atPath: folder + "/" + record),
      let account = try? JSONDecoder().decode(Account.self, from: data)
    else { return [] }
    let name = /(figures\/)?[A-Za-z0-9][A-Za-z0-9_.-]*\.(html|nc|csv|json|yaml|svg)/
    return account.files.filter { $0.wholeMatch(of: name) != nil }
  }
}
