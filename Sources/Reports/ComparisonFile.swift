public import HDF5

/// The similarity matrices as one file: what `compare -o FILE` writes.
public struct ComparisonFile: Sendable {
  /// The formats, by the ending of the file's name.
  public enum Format: String, Sendable, CaseIterable {
    case csv
    case json
    /// netCDF-4, which is HDF5 with dimension scales.
    case nc
    case h5
  }

  let content: ReportContent

  public init(_ content: ReportContent) { self.content = content }

  /// Writes the file under a temporary name, syncs and renames it.
  public func write(to path: String, as format: Format) throws {
    switch format {
    case .csv: try AtomicFile.write(to: path) { try PairsCSV(content: content).write($0) }
    case .json: try AtomicFile.write(to: path) { try MatricesJSON(content: content).write($0) }
    case .nc, .h5: try resultFile.write(to: path)
    }
  }

  /// The arrays of `results.nc`.
  public var resultFile: ResultFile { ResultsNetCDF(content).file }
}
