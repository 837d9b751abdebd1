import Foundation
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

  /// Writes the file under a temporary name, syncs and renames it. What a run that was killed has
  /// left in its folder is removed.
  public func write(to path: String, as format: Format) throws {
    let folder = (path as NSString).deletingLastPathComponent
    let name = (path as NSString).lastPathComponent
    let staging = try Staging(in: folder)
    let file = try staging.file(name)
    switch format {
    case .csv: try SyncedFile.write(to: file) { try PairsCSV(content: content).write($0) }
    case .json: try SyncedFile.write(to: file) { try MatricesJSON(content: content).write($0) }
    case .nc, .h5: try resultFile.write(to: file)
    }
    try staging.publish(name)
    SyncedFile.syncFolder(folder)
  }

  /// Emits the text of a format that is text, piece by piece.
  ///
  /// - Precondition: `format` is ``Format/csv`` or ``Format/json``.
  public func write(as format: Format, _ emit: (String) throws -> Void) throws {
    switch format {
    case .csv: try PairsCSV(content: content).write(emit)
    case .json: try MatricesJSON(content: content).write(emit)
    case .nc, .h5: preconditionFailure("\(format.rawValue) is no text")
    }
  }

  /// The arrays of `results.nc`.
  public var resultFile: ResultFile { ResultsNetCDF(content).file }
}
