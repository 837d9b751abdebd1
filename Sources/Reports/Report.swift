import HDF5

/// The files of a report: a page, figures, tables, arrays, and the record of the run.
public struct Report: Sendable {
  let content: ReportContent

  public init(_ content: ReportContent) { self.content = content }

  /// Writes all files into `directory`, which is made if need be, and returns their paths.
  ///
  /// Each is written under a temporary name, synced and renamed. The same content gives the same
  /// bytes; the times of the run are in `run.json` alone.
  public func write(to directory: String) throws -> [String] {
    var written: [String] = []
    func path(_ name: String) -> String {
      written.append(directory + "/" + name)
      return directory + "/" + name
    }
    try AtomicFile.createFolder(directory + "/figures")
    // A run that is interrupted while it writes must not leave the page of an earlier one beside
    // tables of its own.
    for name in ["report.html", "run.json"] { try AtomicFile.remove(directory + "/" + name) }

    try ResultsNetCDF(content).file.write(to: path("results.nc"))
    try AtomicFile.write(to: path("pairs.csv")) { try PairsCSV(content: content).write($0) }
    try AtomicFile.write(to: path("calibration.csv")) {
      try CalibrationCSV(content: content).write($0)
    }
    let ranking = RankingCSV(content)
    try AtomicFile.write(ranking.layers.text, to: path("layers.csv"))
    try AtomicFile.write(ranking.models.text, to: path("models.csv"))
    try AtomicFile.write(ranking.families.text, to: path("families.csv"))
    try AtomicFile.write(
      FamilyStatisticsCSV(content: content).table.text, to: path("family_statistics.csv"))

    let page = try HTMLPage(content)
    for figure in page.figures {
      try AtomicFile.write(figure.standalone, to: path("figures/\(figure.name).svg"))
      try AtomicFile.write(figure.table.text, to: path("figures/\(figure.name).csv"))
    }
    try AtomicFile.write(content.run.layout, to: path("layout.yaml"))
    try AtomicFile.write(try RunJSON(content: content).text(), to: path("run.json"))
    // The page last: where it is, everything it links to is.
    try AtomicFile.write(page.text, to: path("report.html"))
    return written
  }
}
