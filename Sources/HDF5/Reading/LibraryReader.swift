/// Reads files with libhdf5 in this process.
///
/// A file can come from anywhere, and libhdf5 was not written for files that lie. This reader never
/// follows a link to elsewhere, loads no code that a file names, reads no data kept in other files
/// and refuses sizes that a file cannot fill; the library only says where numbers lie, and they are
/// read and decoded here, with bounds. What remains is the library's own parsing, which can crash:
/// ``IsolatedReader`` leaves that to another process.
public struct LibraryReader: FileReading {
  private let cores: CorePool

  /// - Parameter threads: The most threads that decode numbers at a time.
  public init(threads: Int = 1) { cores = CorePool(count: threads) }

  public func outline(of file: String) throws -> FileOutline {
    let opened = try open(file)
    return try HDF5Library.serialised { () throws(FileFailure) -> FileOutline in
      do throws(LibraryFailure) {
        var claims = ByteClaims()
        var outline = try SourceFile(opened).outline(&claims)
        for index in outline.faults.indices { outline.faults[index].file = file }
        return outline
      } catch {
        throw error.at(file: file)
      }
    }
  }

  public func storedNumbers(
    in dataset: String, of file: String, rows: Range<Int>?
  ) throws -> Numbers {
    let opened = try open(file)
    let plan = try reading(dataset, of: opened) { (dataset, source) throws(LibraryFailure) in
      try dataset.numberPlan(rows: rows, in: source)
    }
    do throws(LibraryFailure) {
      let numbers = try PlannedNumbers(plan, rows: rows, of: opened, cores: cores)
        .numbers { (rows) throws(LibraryFailure) in
          do throws(FileFailure) {
            return try reading(dataset, of: opened) { (dataset, _) throws(LibraryFailure) in
              try dataset.elements(rows: rows)
            }
          } catch {
            throw LibraryFailure(reason: error.reason, detail: error.detail, help: error.help)
          }
        }
      try opened.checkUnchanged()
      return numbers
    } catch {
      throw error.at(file: file, object: dataset)
    }
  }

  public func strings(in dataset: String, of file: String) throws -> [String] {
    try reading(dataset, of: open(file)) { (dataset, source) throws(LibraryFailure) in
      try dataset.strings(in: source)
    }
  }

  public func externalParts(of dataset: String, in file: String) throws -> [ExternalPart] {
    try reading(dataset, of: open(file)) { (dataset, _) throws(LibraryFailure) in
      try dataset.externalParts()
    }
  }

  private func open(_ file: String) throws(FileFailure) -> OpenFile {
    do throws(LibraryFailure) { return try OpenFile(file) } catch { throw error.at(file: file) }
  }

  private func reading<Result: Sendable>(
    _ dataset: String, of file: OpenFile,
    _ body: (borrowing SourceDataset, borrowing SourceFile) throws(LibraryFailure) -> Result
  ) throws(FileFailure) -> Result {
    try HDF5Library.serialised { () throws(FileFailure) -> Result in
      // Until the file is open, what goes wrong is about the file.
      var object: String?
      do throws(LibraryFailure) {
        let source = try SourceFile(file)
        object = dataset
        return try body(SourceDataset(at: dataset, in: source), source)
      } catch {
        throw error.at(file: file.path, object: object)
      }
    }
  }
}
