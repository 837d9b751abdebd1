import Activations
import Foundation

/// A file that is written must not be one that is read.
func checkNotAnInput(_ output: String, of survey: Survey) throws {
  guard survey.reads(output) else { return }
  throw Failure(
    "\(output) is one of the inputs and would be overwritten",
    help: "choose another name with -o", exitCode: Exit.unusable)
}

/// Finds out before the work, not after it, that a file cannot be written.
func checkFolder(of output: String, option: String = "-o") throws {
  let folder = (output as NSString).deletingLastPathComponent
  guard access(folder.isEmpty ? "." : folder, W_OK) == 0 else {
    throw Failure(
      "\(output) cannot be written: "
        + (FileManager.default.fileExists(atPath: folder)
          ? "the folder is not writable" : "there is no folder \(folder)"),
      help: "make the folder, or choose another with \(option)", exitCode: Exit.unusable)
  }
}
