import Activations
import Universality

/// `feature_cards.csv`: each layer on each card, and the nearest unit of its model.
struct FeatureCardsCSV {
  let cards: FeatureCards
  let activations: ActivationSet

  var table: CSV {
    var csv = CSV([
      "card", "kind", "direction", "model", "layer", "feature", "predictor_model",
      "predictor_family", "predictor_layer", "depth", "r2", "chance_r2", "input_r2",
      "nearest_layer", "nearest_feature", "nearest_correlation",
    ])
    for (place, card) in cards.cards.enumerated() {
      for readout in card.layers {
        let layer = activations.representations[readout.layer]
        let model = activations.models[layer.model]
        let nearest = card.neighbours.first { $0.model == layer.model }
        csv.append(
          [String(place + 1)] + subject(card.subject) + [
            model.name, model.family ?? "", layer.layer, layer.depth.exact, readout.r2.exact,
            card.chance.field, card.inputPredictability.field,
            nearest.map { activations.representations[$0.layer].layer } ?? "",
            (nearest?.feature).field, (nearest?.correlation).field,
          ])
      }
    }
    return csv
  }

  private func subject(_ subject: FeatureCard.Subject) -> [String] {
    switch subject {
    case .direction(let place): return ["direction", String(place + 1), "", "", ""]
    case .unit(let layer, let feature):
      let representation = activations.representations[layer]
      return [
        "unit", "", activations.models[representation.model].name, representation.layer,
        String(feature),
      ]
    }
  }
}
