import Foundation

/// Finds out before the work, not after it, that a file cannot be written.
func checkFolder(of output: String) throws {
  let folder = (output as NSString).deletingLastPathComponent
  guard access(folder.isEmpty ? "." : folder, W_OK) == 0 else {
    throw Failure(
      "\(output) cannot be written: "
        + (FileManager.default.fileExists(atPath: folder)
          ? "the folder is not writable" : "there is no folder \(folder)"),
      help: "make the folder, or choose another with -o", exitCode: Exit.unusable)
  }
}
