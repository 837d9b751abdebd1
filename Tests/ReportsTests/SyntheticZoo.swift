import Activations
import Reports
import Universality
import Zoo

/// Plausible contents of a report without a computation: block-structured similarities that grow
/// with training and fall with distance in depth.
struct SyntheticZoo {
  var families = ["cnn", "mixer", "mlp", "resnet", "rnn", "vit"]
  var seeds = 3
  var layers = 5
  var samples = 500
  var hasUntrained = true
  var hasInput = true
  /// Names that a page must survive, given to the first layers and models.
  var layerNames: [String] = []
  var modelNames: [String] = []
  var missing = true
  var isPositional = false

  /// A repeatable number between 0 and 1.
  static func noise(_ words: Int...) -> Double {
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    for word in words {
      state ^= UInt64(bitPattern: Int64(word)) &+ 0x9E37_79B9_7F4A_7C15 &+ (state << 6)
      state = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
      state ^= state >> 27
    }
    return Double(state >> 11) / 9_007_199_254_740_992
  }

  var activations: ActivationSet {
    var models: [ModelRecord] = []
    for family in families {
      for seed in 0..<seeds {
        models.append(
          ModelRecord(
            name: "\(family)-seed\(seed)", family: family, isTrained: true, accuracy: 0.9,
            seed: seed))
      }
    }
    if hasUntrained {
      for family in families {
        models.append(
          ModelRecord(
            name: "\(family)-seed0-init", family: family, isTrained: false, seed: 0,
            role: .untrained))
      }
    }
    for (index, name) in modelNames.enumerated() where index < models.count {
      models[index].name = name
    }
    let networks = models.count
    if hasInput { models.append(ModelRecord(name: "pixels", role: .input)) }
    var representations: [Representation] = []
    for model in models.indices {
      let count = model < networks ? layers : 1
      for order in 0..<count {
        let isOutput = model < networks && order == count - 1
        let number = representations.count
        let name = isOutput ? "logits" : model < networks ? "block\(order + 1)" : "pixels"
        representations.append(
          Representation(
            matrix: .init(rows: 0, columns: 0), model: model,
            layer: number < layerNames.count ? layerNames[number] : name, order: order,
            depth: count == 1 ? 0 : Double(order) / Double(count - 1), isOutput: isOutput,
            source: .init(
              file: "zoo/\(model).h5", dataset: "/layers/\(order)", shape: [samples, 64, 8, 8],
              dims: "n c h w", evidence: "attribute dims", pooling: "mean",
              elementType: "float32")))
      }
    }
    return ActivationSet(
      models: models, representations: representations,
      alignment: isPositional
        ? .positional(samples: samples)
        : .joined(onIDsOf: "zoo/0.h5", samples: samples, dropped: ["zoo/3.h5": 12]),
      notes: ["2 stimuli are identical in every model."],
      skipped: [
        SkippedInput(
          file: "zoo/broken.h5", object: "/layers/3", reason: "truncated file",
          help: "copy the file again"),
        SkippedInput(file: "zoo/0.h5", object: "/labels", reason: "labels", isFault: false),
      ],
      inputs: [
        InputFile(
          path: "zoo/0.h5", bytes: 1_234_567,
          sha256: String(repeating: "0123456789abcdef", count: 4))
      ])
  }

  func matrix(_ metric: String, in zoo: ActivationSet, lift: Double) -> SimilarityMatrix {
    let count = zoo.representations.count
    var matrix = SimilarityMatrix(
      metric: metric, conventions: "columns centred; 0 to 1; higher is more similar", count: count)
    for a in 0..<count {
      for b in a..<count {
        let (x, y) = (zoo.representations[a], zoo.representations[b])
        let (m, n) = (zoo.models[x.model], zoo.models[y.model])
        var value = a == b ? 1 : 0.62 - 0.5 * abs(x.depth - y.depth)
        if m.family == n.family { value += 0.2 }
        if m.role != .contestant || n.role != .contestant { value -= 0.3 }
        if m.family == "vit" || n.family == "vit" { value -= 0.08 }
        value += 0.08 * (Self.noise(a, b, metric.utf8.count) - 0.5) + lift
        matrix[a, b] = .value(a == b ? 1 : min(max(value, -0.01), 0.99))
      }
    }
    if missing, count > 9 {
      for other in 0..<count where other != 7 {
        matrix[7, other] = .missing(reason: "rank 0: \"block3\" is constant")
      }
    }
    return matrix
  }

  func findings(_ zoo: ActivationSet, _ matrix: SimilarityMatrix) -> Findings {
    let contestants = zoo.models.indices.filter { zoo.models[$0].role == .contestant }
    func score(_ raw: Double, width: Double) -> Score {
      func calibrated(_ value: Double) -> Double { max(0, (value - 0.04) / 0.96) }
      return Score(
        raw: Estimate(value: raw, low: raw - width, high: raw + width),
        calibrated: Estimate(
          value: calibrated(raw), low: calibrated(raw - width), high: calibrated(raw + width)),
        nullMean: 0.02, nullThreshold: 0.04, pValue: 1.0 / 201)
    }
    func ranked(_ scores: [(index: Int, raw: Double)], width: Double, slack: Int) -> [RankedItem] {
      let sorted = scores.sorted { ($1.raw, $0.index) < ($0.raw, $1.index) }
      return sorted.enumerated().map { place, item in
        RankedItem(
          index: item.index, rank: place + 1,
          rankRange: max(1, place + 1 - slack)...min(scores.count, place + 1 + slack),
          score: score(item.raw, width: width),
          otherScores: ["cka": item.raw + 0.1, "svcca": item.raw + 0.21])
      }
    }
    var layerScores: [(index: Int, raw: Double)] = []
    for (a, layer) in zoo.representations.enumerated() where contestants.contains(layer.model) {
      var votes: [Double] = []
      for other in contestants
      where families.count > 1
        ? zoo.models[other].family != zoo.models[layer.model].family : other != layer.model
      {
        let best = zoo.representations.indices.filter { zoo.representations[$0].model == other }
          .compactMap { matrix[a, $0].value }.max()
        if let best { votes.append(best) }
      }
      if !votes.isEmpty {
        layerScores.append((a, votes.reduce(0, +) / Double(votes.count)))
      }
    }
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(max(1, values.count)) }
    let modelScores = contestants.map { model in
      (
        index: model,
        raw: mean(
          layerScores.filter { zoo.representations[$0.index].model == model }.map(\.raw))
      )
    }
    let familyScores = families.indices.map { family in
      (
        index: family,
        raw: mean(
          modelScores.filter { zoo.models[$0.index].family == families[family] }.map(\.raw))
      )
    }
    func estimate(_ value: Double) -> Estimate {
      Estimate(value: value, low: value - 0.02, high: value + 0.025)
    }
    let isAcross = families.count > 1
    let rows: [String?] = [nil] + (isAcross ? families : [])
    let controls = rows.enumerated().map { number, family in
      let shift = 0.05 * (Self.noise(number, 5) - 0.5)
      return ControlRow(
        family: family, trained: estimate(mean(layerScores.map(\.raw)) + shift),
        untrained: hasUntrained ? estimate(0.29 + shift) : nil,
        ownInitialisation: hasUntrained ? estimate(0.35 - shift) : nil,
        input: hasInput ? estimate(0.4 + shift) : nil,
        untrainedInput: hasInput && hasUntrained ? estimate(0.44) : nil,
        otherSeeds: seeds > 1 ? estimate(0.86 + shift) : nil)
    }
    let untrained = Ranking(
      reference: .otherFamilies, layers: [], models: [],
      families: ranked(
        families.indices.map { ($0, 0.25 + 0.1 * Self.noise($0, 9)) }, width: 0.03, slack: 3),
      familyNames: families)
    return Findings(
      metric: matrix.metric,
      ranking: Ranking(
        reference: isAcross ? .otherFamilies : .otherModels,
        layers: ranked(layerScores, width: 0.02, slack: 6),
        models: ranked(modelScores, width: 0.02, slack: 2),
        families: isAcross ? ranked(familyScores, width: 0.02, slack: 1) : [],
        familyNames: isAcross ? families : []),
      untrainedRanking: hasUntrained && isAcross ? untrained : nil,
      controls: controls,
      limits: isAcross ? [] : ["There is a single family: nothing can be said across families."],
      permutations: 200, jackknifeGroups: 20, seed: 0)
  }

  var run: RunRecord {
    RunRecord(
      version: "0.1.0", command: ["universality", "report", "zoo's dumps", "-o", "out"], seed: 0,
      options: ["rank-by": "cka-debiased"], threads: 2, blas: "OpenBLAS 0.3.21 SkylakeX",
      libraries: ["HDF5": "1.10.8"], stages: [.init(name: "read", seconds: 1.25)],
      peakMemory: 123_456_789, started: "2026-01-01T00:00:00Z", layout: "layout: 1\n")
  }

  var content: ReportContent {
    let zoo = activations
    let matrices = [
      matrix("cka-debiased", in: zoo, lift: 0), matrix("cka", in: zoo, lift: 0.08),
      matrix("svcca", in: zoo, lift: 0.16),
    ]
    return ReportContent(
      activations: zoo, matrices: matrices, findings: findings(zoo, matrices[0]),
      diagnostics: zoo.representations.indices.map { _ in
        RepresentationDiagnostics(
          samples: samples, features: 64, rank: 63, constantFeatures: 1, directions: ["svcca": 21])
      },
      run: run)
  }
}
