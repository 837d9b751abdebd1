import Universality
import Zoo

/// `regularities.csv`: the shape of each layer's spectrum, one row a layer.
struct RegularitiesCSV {
  let content: ReportContent

  var table: CSV {
    var csv = CSV([
      "model", "layer", "family", "role", "depth", "is_output", "n", "d", "rank",
      "constant_features", "participation_ratio", "effective_rank", "top_component_share",
      "power_law_exponent", "power_law_se", "power_law_first_rank", "power_law_last_rank",
    ])
    let zoo = content.activations
    for (representation, diagnostics) in zip(zoo.representations, content.diagnostics) {
      let model = zoo.models[representation.model]
      let law = diagnostics.spectrum?.powerLaw
      csv.append([
        model.name, representation.layer, model.family ?? "", model.role.rawValue,
        representation.depth.exact, String(representation.isOutput), String(diagnostics.samples),
        String(diagnostics.features), String(diagnostics.rank),
        String(diagnostics.constantFeatures), diagnostics.participationRatio.field,
        (diagnostics.spectrum?.effectiveRank).field, (diagnostics.spectrum?.topShare).field,
        (law?.exponent).field, (law?.standardError).field, (law?.firstRank).field,
        (law?.lastRank).field,
      ])
    }
    return csv
  }
}
