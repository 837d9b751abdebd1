import Activations
import Reports
import Universality
import Zoo

/// Two models, three layers, exact numbers.
enum SmallZoo {
  static func content(
    symmetric: Bool = true, modelName: String = "cnn, small", layerName: String = "conv\"1\""
  ) -> ReportContent {
    let source = Representation.Source(
      file: "a.h5", dataset: "/x", shape: [40, 8], dims: "n c", evidence: "rank", pooling: "none",
      elementType: "float32")
    func layer(_ model: Int, _ name: String, _ order: Int, _ depth: Double) -> Representation {
      Representation(
        matrix: .init(rows: 0, columns: 0), model: model, layer: name, order: order, depth: depth,
        source: source)
    }
    let zoo = ActivationSet(
      models: [
        ModelRecord(name: modelName, family: "cnn", isTrained: true),
        ModelRecord(name: "mlp", family: "mlp", isTrained: true),
      ],
      representations: [layer(0, layerName, 0, 0), layer(0, "fc", 1, 1), layer(1, "h", 0, 0)],
      alignment: .joined(onIDsOf: "a.h5", samples: 40, dropped: [:]),
      notes: ["A note."],
      inputs: [InputFile(path: "a.h5", bytes: 10, sha256: "ab12")])
    var matrix = SimilarityMatrix(
      metric: "cka", conventions: "columns centred", count: 3, isSymmetric: symmetric,
      reason: "constant, all of it")
    for index in 0..<3 { matrix[index, index] = .value(1) }
    matrix[0, 1] = .value(0.1)
    matrix[0, 2] = .value(1.0 / 3)
    if !symmetric { matrix[2, 0] = .value(-0.25) }
    let score = Score(
      raw: Estimate(value: 0.5, low: 0.25, high: 0.75),
      calibrated: Estimate(value: 0.375, low: 0.125, high: 0.625), nullMean: 0.125,
      nullThreshold: 0.2, pValue: 0.0625)
    let findings = Findings(
      metric: "cka",
      ranking: Ranking(
        reference: .otherFamilies,
        layers: [
          RankedItem(index: 2, rank: 1, rankRange: 1...2, score: score, otherScores: ["svcca": 0.5])
        ],
        models: [RankedItem(index: 1, rank: 1, score: Score(raw: Estimate(value: 0.5)))],
        families: [RankedItem(index: 1, rank: 1, rankRange: 1...1, score: score)],
        familyNames: ["cnn", "mlp"]),
      permutations: 200, jackknifeGroups: 20, seed: 7)
    return ReportContent(
      activations: zoo, matrices: [matrix], findings: findings,
      diagnostics: (0..<3).map { _ in
        RepresentationDiagnostics(
          samples: 40, features: 8, rank: 7, constantFeatures: 0, directions: ["svcca": 3])
      },
      run: RunRecord(
        version: "1.2.3", command: ["universality", "zoo", "-o", "out"], seed: 7, threads: 1,
        libraries: ["HDF5": "1.10.8"], stages: [.init(name: "read", seconds: 0.5)],
        peakMemory: 4096, layout: "a: b\n"))
  }
}
