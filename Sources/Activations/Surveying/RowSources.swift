import HDF5

/// The sets of rows that layers share, each read once.
struct RowSources {
  private(set) var list: [Survey.RowSource] = []
  private var indices: [String: (index: Int, ids: String?, labels: String?)] = [:]

  /// The rows of a layer: found again or made.
  ///
  /// Of several lists of ids the first whose ids are unique names the rows. Where none is, the first
  /// is taken for ids with duplicates (a fault) if it is called ids or nearly all its entries are
  /// unique, and for something else otherwise.
  mutating func index(
    file: Int, label: String, count: Int, ids: [SampleList], labels: SampleList?, path: String,
    reader: any FileReading, skipped: inout [SkippedInput]
  ) -> (index: Int, ids: String?, labels: String?) {
    let key = ([String(file), String(count), labels?.path ?? ""] + ids.map(\.path))
      .joined(separator: "\n")
    if let found = indices[key] { return found }
    var source = Survey.RowSource(file: file, label: label, count: count)
    var chosen: SampleList?
    var doubtful: (list: SampleList, values: [String], duplicate: String)?
    var unreadable: String?
    for candidate in ids {
      do {
        let values = try SampleIDs(candidate, of: path, reader: reader)
        guard let duplicate = values.duplicate else {
          chosen = candidate
          source.ids = values.values
          break
        }
        let share = Double(Set(values.values).count) / Double(max(1, values.values.count))
        let isCalledIDs = SampleListName.rank(candidate.name, isText: candidate.isText) == 0
        let isMeant =
          candidate.isNamedByUser || (isCalledIDs ? share > 0.5 : candidate.isText && share > 0.9)
        if doubtful == nil && isMeant {
          doubtful = (candidate, values.values, duplicate)
        }
      } catch {
        let failure = SkippedInput(error, file: path, object: candidate.path)
        skipped.append(failure)
        unreadable =
          unreadable ?? "its sample ids \(candidate.path) cannot be read: \(failure.reason)"
      }
    }
    // Ids that exist and cannot be read must not turn into a comparison by position.
    if chosen == nil { source.fault = unreadable }
    if chosen == nil, let doubtful {
      chosen = doubtful.list
      source.ids = doubtful.values
      source.fault = "\(doubtful.duplicate), so its rows cannot be joined"
    }
    var labelPath: String?
    if let labels {
      do {
        source.labels = try SampleIDs.wholeNumbers(in: labels.path, of: path, reader: reader)
        labelPath = labels.path
      } catch {
        skipped.append(SkippedInput(error, file: path, object: labels.path))
      }
      if source.labels?.count != count { source.labels = nil }
    }
    list.append(source)
    indices[key] = (list.count - 1, chosen?.path, labelPath)
    return (list.count - 1, chosen?.path, labelPath)
  }
}
