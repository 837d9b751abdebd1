import Foundation
import HDF5

/// Lists of samples in a text file beside the dump: thingsvision writes `file_names.txt`.
extension RestatedFile {
  /// The largest list that is read.
  private static let largest = 64 << 20

  mutating func restateSidecars() {
    let matrices = datasets.filter(isFloatMatrix)
    guard matrices.contains(where: { $0.path == "/features" }),
      !datasets.contains(where: { $0.shape.count == 1 && ($0.isText || $0.isWhole) })
    else { return }
    var folder = (file.path as NSString).deletingLastPathComponent
    for _ in 0..<3 {
      let path = (folder.isEmpty ? "." : folder) + "/file_names.txt"
      if let lines = RestatedFile.lines(of: path) {
        if matrices.contains(where: { $0.shape[0] == lines.count }) {
          addIDs(lines)
          notes.add("Sample ids from a list beside the dump", "\(file.path): \(path)")
        } else {
          notes.add(
            "Lists beside dumps that do not have an entry a sample were not used",
            "\(path) (\(lines.count) lines)")
        }
        return
      }
      guard !folder.isEmpty, folder != "/" else { return }
      folder = (folder as NSString).deletingLastPathComponent
    }
  }

  private static func lines(of path: String) -> [String]? {
    // A symbolic link may lead anywhere; its own attributes say that it is one.
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    guard attributes?[.type] as? FileAttributeType == .typeRegular,
      let size = attributes?[.size] as? Int, size > 0, size <= largest,
      let data = FileManager.default.contents(atPath: path),
      let text = String(validating: data, as: UTF8.self)
    else { return nil }
    return text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
      .filter { !$0.isEmpty }
  }
}
