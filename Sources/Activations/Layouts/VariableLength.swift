import HDF5

/// One row of varying length a sample: an array of positions (and layers) × features, flattened.
extension RestatedFile {
  /// How many numbers are read to learn the lengths of the rows.
  private static let largest = 1 << 28

  mutating func restateVariableLength() {
    for object in datasets {
      guard object.dataset?.elementType == .variableLength, object.shape.count == 1,
        object.shape[0] > 0, object.attributes["PSEUDOATOM"] == nil,
        object.shape[0] <= Self.largest
      else { continue }
      restate(variable: object)
    }
  }

  private mutating func restate(variable object: ObjectOutline) {
    let rows: VariableRows
    do {
      let stored = try reader.numbers(in: object.path, of: file.path, rows: nil)
      rows = try VariableRows(
        stored, count: object.shape[0], file: file.path, dataset: object.path)
    } catch {
      let failure = SkippedInput(error, file: file.path, object: object.path)
      leaveOut(object.path, failure.reason, isFault: true, help: failure.help)
      return
    }
    let lengths = rows.ranges.map(\.count)
    let around = surroundings(of: object.path)
    let features = around["hidden_dim", "hidden_size", "dim", "d_model", "n_features"]?.wholeNumber
    let layers = around["n_layers", "num_layers"]?.wholeNumber
    let divisor = lengths.reduce(0, RestatedFile.greatestCommonDivisor)
    guard divisor > 0, !lengths.contains(0) else {
      leaveOut(object.path, "rows of varying length, some of them empty", isFault: true)
      return
    }
    // Readings that the user can choose from, with the sizes of the axes but one.
    var readings: [(letters: [Character], lengths: [Int])] = []
    if let features, let layers, features > 0, layers > 0, divisor % (features * layers) == 0 {
      readings = [
        (["t", "l", "d"], [0, layers, features]), (["l", "t", "d"], [layers, 0, features]),
      ]
    } else if let features, features > 0, divisor % features == 0 {
      readings = [(["t", "d"], [0, features])]
    } else if Set(lengths).count == 1 {
      readings = [(["d"], [divisor])]
    } else if divisor > 1 {
      readings = [(["t", "d"], [0, divisor])]
    }
    guard let first = readings.first else {
      leaveOut(
        object.path, "rows of varying length without a common divisor", isFault: true,
        help: "write one row a sample, padded or pooled to equal length, or an attribute hidden_dim"
      )
      return
    }
    guard isPoolable(object) else { return }
    let chosen = readings.first { reading in
      rules(for: object).contains { $0 == ["n"] + reading.letters }
    }
    let reading = chosen ?? first
    let pooling = pooling
    let kept = zip(reading.letters, reading.lengths).filter { !Dims.isPosition($0.0) }
    replace(object, shape: [object.shape[0]] + kept.map(\.1), type: .float64) {
      .variableLength(
        $0,
        SampleReduction(letters: reading.letters, lengths: reading.lengths, pooling: pooling))
    }
    let sizes = "\(lengths.min() ?? 0)–\(lengths.max() ?? 0) entries"
    if let chosen {
      usedRules.append(["n"] + chosen.letters)
      noteReduction(object, by: sizes)
      axes[object.path] = Axes(
        dims: Dims(["n"] + kept.map(\.0)),
        evidence: "--dims 'n \(String(reading.letters.flatMap { [$0, " "] }).trimmed)', rows of "
          + sizes)
    } else {
      open[object.path] = OpenAxes(
        reason: "rows of varying length (\(sizes)), whose parts the file does not tell; with the "
          + "flag the last axis has \(reading.lengths.last ?? 0) entries",
        choices: readings.map { Dims(["n"] + $0.letters) })
    }
  }

  /// The axes that `--dims` gives for a dataset.
  private func rules(for object: ObjectOutline) -> [[Character]] {
    dimsRules.filter { rule in
      let glob = Glob(rule.glob)
      let stem = file.stem
      let around = surroundings(of: object.path)
      let model = ModelNaming.nameKeys.lazy.compactMap { around[$0]?.text }.first ?? stem
      let names = [
        "\(model)/\(object.name)", "\(stem)/\(object.name)", "\(file.name)\(object.path)",
      ]
      return (names + [object.path, String(object.path.dropFirst())]).contains { glob.matches($0) }
    }.map(\.dims)
  }

  private static func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
    var (a, b) = (a, b)
    while b != 0 { (a, b) = (b, a % b) }
    return a
  }
}
