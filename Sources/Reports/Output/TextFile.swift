import Foundation

/// A text that becomes a file of its own.
public struct TextFile: Sendable {
  let text: String

  public init(_ text: String) { self.text = text }

  /// Writes the file under a temporary name, syncs and renames it.
  ///
  /// - Throws: ``ReportError``.
  public func write(to path: String) throws {
    let folder = (path as NSString).deletingLastPathComponent
    let name = (path as NSString).lastPathComponent
    let staging = try Staging(in: folder)
    try SyncedFile.write(text, to: staging.file(name))
    try staging.publish(name)
    SyncedFile.syncFolder(folder)
  }
}
