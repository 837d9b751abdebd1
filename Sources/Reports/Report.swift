import HDF5

/// The files of a report: a page, figures, tables, arrays, and the record of the run.
public struct Report: Sendable {
  let content: ReportContent

  public init(_ content: ReportContent) { self.content = content }

  /// Writes all files into `directory`, which is made if need be, and returns their paths.
  ///
  /// - Throws: ``ReportError``, also when another run is writing there.
  public func write(to directory: String) throws -> [String] {
    let folder = try OutputFolder(directory)
    defer { folder.release() }
    return try write(to: folder)
  }

  /// Writes all files into a folder, in place of the report that is there, and returns their paths.
  ///
  /// They are written and synced under a temporary name, all of them, and appear together: files of
  /// two reports are never mixed, also when the run is stopped. The same content
  /// gives the same bytes; the times of the run are in `run.json` alone.
  public func write(to folder: OutputFolder) throws -> [String] {
    let staging = try Staging(in: folder.path)
    let names = try write(to: staging)
    try ReportSwap(earlier: ReportSwap.files(in: folder.path), names: names).run(staging)
    return names.map { folder.path + "/" + $0 }
  }

  /// Writes all files into a staging folder, and returns their names.
  func write(to staging: Staging) throws -> [String] {
    var names: [String] = []
    func path(_ name: String) throws -> String {
      names.append(name)
      return try staging.file(name)
    }
    try ResultsNetCDF(content).file.write(to: path("results.nc"))
    try SyncedFile.write(to: path("pairs.csv")) { try PairsCSV(content: content).write($0) }
    try SyncedFile.write(to: path("calibration.csv")) {
      try CalibrationCSV(content: content).write($0)
    }
    let ranking = RankingCSV(content)
    try SyncedFile.write(ranking.layers.text, to: path("layers.csv"))
    try SyncedFile.write(ranking.models.text, to: path("models.csv"))
    try SyncedFile.write(ranking.families.text, to: path("families.csv"))
    try SyncedFile.write(
      FamilyStatisticsCSV(content: content).table.text, to: path("family_statistics.csv"))
    try SyncedFile.write(to: path("features.csv")) {
      try FeaturesCSV(content.features, of: content.activations).write($0)
    }
    if let cards = content.cards, !cards.cards.isEmpty {
      try SyncedFile.write(
        FeatureCardsCSV(cards: cards, activations: content.activations).table.text,
        to: path("feature_cards.csv"))
    }
    if let waterfall = content.waterfall {
      try SyncedFile.write(
        WaterfallCSV(waterfall: waterfall).table.text, to: path("waterfall.csv"))
    }
    if !content.diagnostics.isEmpty {
      try SyncedFile.write(
        RegularitiesCSV(content: content).table.text, to: path("regularities.csv"))
    }
    if !content.rankingAgreements.isEmpty {
      try SyncedFile.write(
        RankingAgreementCSV(agreements: content.rankingAgreements).table.text,
        to: path("ranking_agreement.csv"))
    }
    if !content.layerIdentifications.isEmpty {
      try SyncedFile.write(
        LayerIdentificationCSV(identifications: content.layerIdentifications).table.text,
        to: path("layer_identification.csv"))
    }
    if let dynamics = content.dynamics {
      try SyncedFile.write(
        DynamicsCSV(dynamics: dynamics, models: content.activations.models).table.text,
        to: path("dynamics.csv"))
    }
    try writeChecks(path)

    let page = try HTMLPage(content)
    for figure in page.figures {
      try SyncedFile.write(figure.standalone, to: path("figures/\(figure.name).svg"))
      try SyncedFile.write(figure.table.text, to: path("figures/\(figure.name).csv"))
    }
    try SyncedFile.write(content.run.layout, to: path("layout.yaml"))
    try SyncedFile.write(page.text, to: path(ReportSwap.page))
    let record = RunJSON(content: content, files: (names + [ReportSwap.record]).sorted())
    try SyncedFile.write(try record.text(), to: path(ReportSwap.record))
    return names
  }

  /// The files beside the ranking.
  private func writeChecks(_ path: (String) throws -> String) throws {
    let (checks, tables) = (content.checks, ChecksCSV(content))
    if let audit = checks.audit {
      try SyncedFile.write(tables.audit(audit).text, to: path("audit.csv"))
    }
    if let influence = checks.influence {
      try SyncedFile.write(tables.influence(influence).text, to: path("influence.csv"))
    }
    if !checks.cautions.isEmpty {
      try SyncedFile.write(tables.cautions.text, to: path("cautions.csv"))
    }
    if let trends = checks.trends {
      try SyncedFile.write(tables.trend(trends).text, to: path("trend.csv"))
    }
  }
}
