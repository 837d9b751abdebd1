import Foundation

extension OutputFolder {
  /// A name in a folder that a report would take for its own, although no report has written there;
  /// `nil` where the folder is new, empty, or holds a report.
  ///
  /// Hidden files do not count: caches, locks, and what killed runs have left.
  public static func stranger(in folder: String) -> String? {
    guard ReportSwap.files(in: folder).isEmpty else { return nil }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.sorted().first { !$0.hasPrefix(".") }
  }
}
