import HDF5
import LinearAlgebra

extension Loading {
  /// Brings the rows into the common order, and deals with what is not finite as the options say.
  mutating func checkNumbers(threads: Int) throws {
    var kept = Array(0..<(rows.lazy.compactMap { $0 }.first?.count ?? 0) * positions)
    var isBad = [Bool](repeating: false, count: kept.count)
    alignRows()
    var checks = try dataChecks(threads: threads)
    for layer in matrices.indices {
      guard let aligned = matrices[layer], let check = checks[layer], !check.isFinite,
        let order = rows[survey.layers[layer].rows]
      else { continue }
      let expanded = expand(order)
      let sentence = check.sentence(ids: expandedIDs, rows: expanded)
      switch survey.options.missing {
      case .error:
        refuse(
          layer: layer, sentence,
          help: "`--nan drop-samples` or `--nan drop-features` leaves them out")
      case .dropSamples:
        for row in check.badRows { isBad[row] = true }
        notes.add(
          "Samples with NaN or infinite values were left out everywhere",
          "\(name(of: layer)): \(sentence)")
      case .dropFeatures:
        let bad = Set(check.badColumns)
        let good = (0..<aligned.columns).filter { !bad.contains($0) }
        if good.isEmpty {
          refuse(layer: layer, "every feature has NaN or infinite values: \(sentence)")
        } else {
          let rest = try aligned.selectingColumns(good)
          matrices[layer] = rest
          checks[layer] = try DataChecks(rest)
          notes.add(
            "Features with NaN or infinite values were left out",
            "\(name(of: layer)): \(bad.count) of \(aligned.columns)")
        }
      }
    }
    if isBad.contains(true) {
      kept = kept.filter { !isBad[$0] }
      for layer in matrices.indices {
        matrices[layer] = matrices[layer]?.selectingRows(kept)
      }
      checks = try dataChecks(threads: threads)
      notes.add("\(isBad.count - kept.count) of \(isBad.count) samples had NaN or infinite values.")
    }
    ids = expandedIDs.map { list in kept.map { list[$0] } }
    labels = labels.map { list in kept.map { list[$0 / positions] } }
    switch alignment {
    case .joined(let file, _, let dropped):
      alignment = .joined(onIDsOf: file, samples: kept.count, dropped: dropped)
    case .positional: alignment = .positional(samples: kept.count)
    }
    guard matrices.indices.contains(where: takesPart) else { throw nothingLeft() }
    guard kept.count >= Loading.fewestSamples else { throw tooFew(kept.count) }
    noteConstants(checks)
  }

  /// Puts the rows of every layer into the common order; most are in it already.
  private mutating func alignRows() {
    for layer in matrices.indices {
      guard let matrix = matrices[layer] else { continue }
      guard let order = rows[survey.layers[layer].rows] else {
        matrices[layer] = nil
        continue
      }
      let expanded = expand(order)
      let isInOrder = expanded.count == matrix.rows && expanded.enumerated().allSatisfy { $0 == $1 }
      if !isInOrder { matrices[layer] = matrix.selectingRows(expanded) }
    }
  }

  private func dataChecks(threads: Int) throws -> [DataChecks?] {
    try Parallel.map(count: matrices.count, threads: threads) { [matrices] layer in
      try matrices[layer].map { try DataChecks($0) }
    }
  }

  /// The ids where every position is a sample of its own: `id#p`.
  private var expandedIDs: [String]? {
    positions == 1
      ? ids : ids.map { list in list.flatMap { id in (0..<positions).map { "\(id)#\($0)" } } }
  }

  /// The rows of a pooled matrix for rows of a file.
  private func expand(_ rows: [Int]) -> [Int] {
    positions == 1
      ? rows : rows.flatMap { row in (0..<positions).map { row * positions + $0 } }
  }

  private mutating func noteConstants(_ checks: [DataChecks?]) {
    for (index, model) in survey.models.enumerated() {
      var parts: [String] = []
      for layer in matrices.indices where survey.layers[layer].model == index {
        guard let matrix = matrices[layer], let check = checks[layer], check.constantFeatures > 0
        else { continue }
        if check.constantFeatures == matrix.columns {
          notes.add(
            "All features are constant, so no similarity is defined", name(of: layer))
        } else {
          parts.append(
            "\(survey.layers[layer].name) \(check.constantFeatures) of \(matrix.columns)")
        }
      }
      if !parts.isEmpty {
        notes.add(
          "Constant (dead) features",
          "\(model.name) (\(NoteBook.abridged(parts, separator: ", ")))")
      }
    }
  }

  /// The set, with the models and files that still have layers.
  func result(withDigests: Bool, threads: Int) throws -> ActivationSet {
    let live = matrices.indices.filter { matrices[$0] != nil }
    let keptModels = Set(live.map { survey.layers[$0].model }).sorted()
    let keptFiles = Set(live.map { survey.layers[$0].file }).sorted()
    let modelIndex = Dictionary(uniqueKeysWithValues: keptModels.enumerated().map { ($1, $0) })
    let representations = live.compactMap { index -> Representation? in
      let layer = survey.layers[index]
      guard let matrix = matrices[index], let model = modelIndex[layer.model] else { return nil }
      return Representation(
        values: matrix, model: model, layer: layer.name, order: layer.order, depth: layer.depth,
        isOutput: layer.isOutput, source: survey.source(of: layer))
    }
    let files = keptFiles.map { survey.files[$0] }.flatMap { survey.members[$0.path] ?? [$0] }
    let inputs = try Parallel.map(count: files.count, threads: threads) { [files] index in
      var file = files[index]
      if withDigests, file.sha256.isEmpty {
        file.sha256 = Fingerprint.sha256(ofFile: file.path) ?? ""
      }
      return file
    }
    return ActivationSet(
      models: keptModels.map { survey.models[$0] }, representations: representations,
      sampleIDs: ids, labels: labels, alignment: alignment, notes: notes.sentences,
      skipped: skipped, inputs: inputs)
  }
}
