import Activations
import Universality

/// The zoo as the figures and tables need it: who belongs to whom, and how to call it.
struct ZooOutline {
  let models: [ModelRecord]
  let representations: [Representation]
  /// The architecture families that have a colour, in the order of the findings.
  let families: [String]
  private let layersByModel: [[Int]]

  init(_ content: ReportContent) {
    models = content.activations.models
    representations = content.activations.representations
    let known = content.findings?.families ?? []
    let others = Set(models.compactMap(\.family)).subtracting(known).sorted()
    families = known + others
    var layers = Array(repeating: [Int](), count: models.count)
    for (index, layer) in representations.enumerated() { layers[layer.model].append(index) }
    layersByModel = layers
  }

  /// The representations of a model, in the order of its layers.
  func layers(of model: Int) -> [Int] { layersByModel[model] }

  /// `model/layer`.
  func label(_ representation: Int) -> String {
    let layer = representations[representation]
    return models[layer.model].name + "/" + layer.layer
  }

  /// The place of a model's family in ``families``.
  func family(of model: Int) -> Int? {
    models[model].family.flatMap { families.firstIndex(of: $0) }
  }

  /// What is said behind the name of a model that is not ranked.
  func remark(_ model: Int) -> String? {
    switch models[model].role {
    case .contestant: nil
    case .untrained: "untrained"
    case .checkpoint: "checkpoint"
    case .input: "input"
    case .control: "control"
    }
  }
}

/// How metrics are called in running text.
enum MetricName {
  /// `debiased CKA` for `cka-debiased`; parameters follow in parentheses; other names stay.
  static func display(_ name: String) -> String {
    let parts = name.split(separator: ":", maxSplits: 1).map(String.init)
    let known = ["cka-debiased": "debiased CKA", "cka": "CKA", "svcca": "SVCCA"]
    guard let first = parts.first, let display = known[first] else { return name }
    return parts.count == 2 ? "\(display) (\(parts[1]))" : display
  }
}
