import HDF5
import Universality
import Zoo

/// `results.nc`: similarity matrices and rankings as named arrays for xarray and h5py.
struct ResultsNetCDF {
  let content: ReportContent
  let outline: ZooOutline

  init(_ content: ReportContent) {
    self.content = content
    outline = ZooOutline(content)
  }

  var file: ResultFile {
    let count = outline.representations.count
    var file = ResultFile(
      dimensions: [
        .init("metric", length: content.matrices.count), .init("a", length: count),
        .init("b", length: count), .init("model_index", length: outline.models.count),
      ],
      variables: coordinates + [similarity] + calibrations + layerScores + modelScores,
      attributes: attributes)
    addStandardErrors(to: &file)
    addReasons(to: &file)
    addFamilies(to: &file)
    addDirections(to: &file)
    return file
  }

  private var attributes: [String: AttributeValue] {
    var attributes: [String: AttributeValue] = [
      "title": .string("Similarity of neural network layers and universality of their features"),
      "source": .string("Universality \(content.run.version)"),
      "version": .string(content.run.version),
      "seed": .string(String(content.run.seed)),
      "precision": .string(content.run.precision),
      "samples": .integer(content.activations.sampleCount),
      "alignment": .string(content.activations.alignment.statement),
    ]
    if let findings = content.findings {
      attributes["ranking_metric"] = .string(findings.metric)
      attributes["ranking_reference"] = .string(findings.ranking.reference.rawValue)
      attributes["permutations"] = .integer(findings.permutations)
      attributes["jackknife_groups"] = .integer(findings.jackknifeGroups)
      if !findings.limits.isEmpty { attributes["limits"] = .strings(findings.limits) }
    } else {
      attributes["no_ranking"] = .string(content.reasonWithoutFindings ?? "no ranking was made")
    }
    return attributes
  }

  private var coordinates: [ResultFile.Variable] {
    let layers = outline.representations
    let labels = layers.indices.map(outline.label)
    let models = layers.map { outline.models[$0.model] }
    return [
      .init("metric", over: ["metric"], .text(content.matrices.map(\.metric))),
      .init(
        "conventions", over: ["metric"], .text(content.matrices.map(\.conventions)),
        attributes: ["long_name": .string("centring, estimator, range and direction")]),
      .init("a", over: ["a"], .text(labels), attributes: ["long_name": .string("model/layer")]),
      .init("b", over: ["b"], .text(labels), attributes: ["long_name": .string("model/layer")]),
      .init("model", over: ["a"], .text(models.map(\.name))),
      .init("layer", over: ["a"], .text(layers.map(\.layer))),
      .init("family", over: ["a"], .text(models.map { $0.family ?? "" })),
      .init(
        "depth", over: ["a"], .real(layers.map(\.depth)),
        attributes: ["long_name": .string("relative depth: 0 first layer, 1 last layer")]),
      .init(
        "trained", over: ["a"], .integer(models.map { $0.isTrained.map { $0 ? 1 : 0 } ?? -1 }),
        attributes: Self.trainedAttributes),
      .init("role", over: ["a"], .text(models.map(\.role.rawValue))),
    ]
  }

  private static let trainedAttributes: [String: AttributeValue] = [
    "flag_values": .integers([-1, 0, 1]), "flag_meanings": .string("unknown no yes"),
  ]

  private var similarity: ResultFile.Variable {
    var values: [Double] = []
    let count = outline.representations.count
    values.reserveCapacity(content.matrices.count * count * count)
    for matrix in content.matrices {
      for a in 0..<count {
        for b in 0..<count { values.append(matrix[a, b].value ?? .nan) }
      }
    }
    return .init(
      "similarity", over: ["metric", "a", "b"], .real(values),
      attributes: [
        "long_name": .string(
          "similarity of two representations; NaN: see pairs.csv for the reason"),
        "coordinates": .string("conventions model layer family depth trained role"),
      ])
  }

  /// What chance gives for each pair, where it is known in closed form for any metric.
  private var calibrations: [ResultFile.Variable] {
    guard !content.calibrations.isEmpty else { return [] }
    let ofMatrix = content.matrices.map { matrix in
      content.calibrations.first { $0.metric == matrix.metric }
    }
    let count = outline.representations.count
    func variable(
      _ name: String, _ meaning: String, _ value: (PairCalibration) -> Double?
    ) -> ResultFile.Variable {
      var values: [Double] = []
      values.reserveCapacity(ofMatrix.count * count * count)
      for calibration in ofMatrix {
        for a in 0..<count {
          for b in 0..<count { values.append(calibration?[a, b].flatMap(value) ?? .nan) }
        }
      }
      return .init(
        "similarity_" + name, over: ["metric", "a", "b"], .real(values),
        attributes: ["long_name": .string(meaning + "; NaN where it has no closed form")])
    }
    return [
      variable("null_mean", "mean of the similarity over all orders of one side") { $0.nullMean },
      variable("null_sd", "its standard deviation under chance") { $0.nullDeviation },
      variable("null_skewness", "its skewness under chance") { $0.nullSkewness },
      variable("p_value", "probability of a similarity as high under chance") { $0.pValue },
      variable("q_value", "false-discovery rate over all pairs of the metric") { $0.qValue },
      variable("calibrated", "max(0, (similarity - t)/(largest - t)), t the 95 % point of chance") {
        $0.calibrated
      },
    ]
  }

  private var layerScores: [ResultFile.Variable] {
    scores(
      content.findings?.ranking.layers ?? [], count: outline.representations.count, over: "a",
      prefix: "", coordinates: "model layer family depth trained role")
  }

  private var modelScores: [ResultFile.Variable] {
    let models = outline.models
    let dimension = ["model_index"]
    return [
      .init("model_name", over: dimension, .text(models.map(\.name))),
      .init("model_family", over: dimension, .text(models.map { $0.family ?? "" })),
      .init("model_role", over: dimension, .text(models.map(\.role.rawValue))),
      .init(
        "model_trained", over: dimension,
        .integer(models.map { $0.isTrained.map { $0 ? 1 : 0 } ?? -1 }),
        attributes: Self.trainedAttributes),
      .init("model_accuracy", over: dimension, .real(models.map { $0.accuracy ?? .nan })),
    ]
      + scores(
        content.findings?.ranking.models ?? [], count: models.count, over: "model_index",
        prefix: "model_", coordinates: "model_name model_family model_role")
  }

  /// The families are a dimension of their own where they are ranked.
  private func addFamilies(to file: inout ResultFile) {
    guard let findings = content.findings, !findings.families.isEmpty else { return }
    file.dimensions.append(.init("family_index", length: findings.families.count))
    file.variables.append(
      .init("family_name", over: ["family_index"], .text(findings.families)))
    file.variables += scores(
      findings.ranking.families, count: findings.families.count, over: "family_index",
      prefix: "family_", coordinates: "family_name")
  }

  /// The standard errors of estimates, where there are any.
  private func addStandardErrors(to file: inout ResultFile) {
    guard content.matrices.contains(where: \.hasEstimates) else { return }
    let count = outline.representations.count
    let values = content.matrices.flatMap { matrix in
      (0..<count * count).map { matrix.standardError($0 / count, $0 % count) ?? .nan }
    }
    file.variables.append(
      .init(
        "standard_error", over: ["metric", "a", "b"], .real(values),
        attributes: [
          "long_name": .string("standard error of an estimated similarity; NaN: exact or missing")
        ]))
  }

  /// Why similarities are missing, where any is: an index into a list of sentences.
  private func addReasons(to file: inout ResultFile) {
    var reasons: [String: Int] = [:]
    var list: [String] = []
    var indices: [Int] = []
    let count = outline.representations.count
    for matrix in content.matrices {
      for a in 0..<count {
        for b in 0..<count {
          guard let reason = matrix[a, b].reason else {
            indices.append(-1)
            continue
          }
          let index = reasons[reason] ?? list.count
          if index == list.count {
            reasons[reason] = index
            list.append(reason)
          }
          indices.append(index)
        }
      }
    }
    guard !list.isEmpty else { return }
    file.dimensions.append(.init("reason", length: list.count))
    file.variables.append(.init("reason", over: ["reason"], .text(list)))
    file.variables.append(
      .init(
        "missing_because", over: ["metric", "a", "b"], .integer(indices),
        attributes: ["long_name": .string("index into reason; -1 where there is a value")]))
  }

  /// Nothing where nothing was ranked.
  private func scores(
    _ items: [RankedItem], count: Int, over dimension: String, prefix: String, coordinates: String
  ) -> [ResultFile.Variable] {
    guard content.findings != nil else { return [] }
    func column(
      _ name: String, _ meaning: String, _ value: (RankedItem) -> Double?
    ) -> ResultFile.Variable {
      var values = Array(repeating: Double.nan, count: count)
      for item in items { values[item.index] = value(item) ?? .nan }
      return .init(
        prefix + name, over: [dimension], .real(values),
        attributes: ["long_name": .string(meaning), "coordinates": .string(coordinates)])
    }
    return [
      column("universality", "universality; NaN where not ranked") { $0.score.universality.value },
      column("ci_low", "lower end of the 95 % interval") { $0.score.universality.low },
      column("ci_high", "upper end of the 95 % interval") { $0.score.universality.high },
      column("p_value", "probability of a score as high under chance") { $0.score.pValue },
      column("universality_raw", "score before calibration") { $0.score.raw.value },
      column("raw_ci_low", "lower end of its 95 % interval") { $0.score.raw.low },
      column("raw_ci_high", "upper end of its 95 % interval") { $0.score.raw.high },
      column("null_mean", "mean of the raw score under chance") { $0.score.nullMean },
      column("null_threshold", "95 % point of the raw score under chance") {
        $0.score.nullThreshold
      },
      column("rank", "rank, from 1") { Double($0.rank) },
      column("rank_low", "best rank that the data allow") {
        $0.rankRange.map { Double($0.lowerBound) }
      },
      column("rank_high", "worst rank that the data allow") {
        $0.rankRange.map { Double($0.upperBound) }
      },
    ]
  }
}
