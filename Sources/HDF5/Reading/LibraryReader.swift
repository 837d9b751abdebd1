/// Reads files with libhdf5 in this process.
///
/// A file can come from anywhere, and libhdf5 was not written for files that lie. This reader never
/// follows a link to elsewhere, loads no code that a file names, reads no data kept in other files
/// and refuses sizes that a file cannot fill; it undoes the common filters itself, with bounds.
/// What remains is the library's own parsing: let a separate process do that for unknown files.
public struct LibraryReader: FileReading {
  public init() {}

  public func outline(of file: String) throws -> FileOutline {
    try HDF5Library.serialised { () throws(FileFailure) -> FileOutline in
      do throws(LibraryFailure) {
        let source = try SourceFile(file)
        var walk = Walk()
        try walk.run(source)
        return FileOutline(
          file: file, objects: walk.objects, notes: walk.notes,
          failures: walk.failures.map { $0.failure.at(file: file, object: $0.path) })
      } catch {
        throw error.at(file: file)
      }
    }
  }

  public func storedNumbers(
    in dataset: String, of file: String, rows: Range<Int>?
  ) throws -> Numbers {
    try reading(dataset, of: file) { (source) throws(LibraryFailure) in
      try source.numbers(rows: rows)
    }
  }

  public func strings(in dataset: String, of file: String) throws -> [String] {
    try reading(dataset, of: file) { (source) throws(LibraryFailure) in try source.strings() }
  }

  private func reading<Result: Sendable>(
    _ dataset: String, of file: String,
    _ body: (borrowing SourceDataset) throws(LibraryFailure) -> Result
  ) throws(FileFailure) -> Result {
    try HDF5Library.serialised { () throws(FileFailure) -> Result in
      // Until the file is open, what goes wrong is about the file.
      var object: String?
      do throws(LibraryFailure) {
        let source = try SourceFile(file)
        object = dataset
        return try body(SourceDataset(at: dataset, in: source))
      } catch {
        throw error.at(file: file, object: object)
      }
    }
  }
}
