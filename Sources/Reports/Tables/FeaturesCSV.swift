public import Activations
import Foundation
public import Universality

/// `features.csv`: single features, the most universal first.
public struct FeaturesCSV: Sendable {
  public static let header = [
    "rank", "model", "family", "layer", "feature", "universality", "correlation", "baseline", "z",
    "p_value", "q_value", "seed_universality", "seed_p_value", "untrained_universality",
    "untrained_p_value", "predictability", "predictability_ci_low", "predictability_ci_high",
    "predictability_p_value", "predictability_q_value", "excess_over_input",
    "excess_over_input_ci_low", "excess_over_input_ci_high", "excess_over_untrained",
    "excess_over_untrained_ci_low", "excess_over_untrained_ci_high", "seed_predictability",
    "clique", "clique_families", "clique_agreement", "clique_least_agreement",
    "clique_expected_by_chance", "clique_q_value",
  ]

  let features: FeatureUniversality?
  let activations: ActivationSet

  /// `features`: Without them the table has no rows.
  public init(_ features: FeatureUniversality?, of activations: ActivationSet) {
    self.features = features
    self.activations = activations
  }

  /// Writes the file under a temporary name, syncs and renames it.
  ///
  /// - Throws: ``ReportError``.
  public func write(to path: String) throws {
    let folder = (path as NSString).deletingLastPathComponent
    let name = (path as NSString).lastPathComponent
    let staging = try Staging(in: folder)
    try SyncedFile.write(to: try staging.file(name)) { try write($0) }
    try staging.publish(name)
    SyncedFile.syncFolder(folder)
  }

  /// Writes the table piece by piece: a zoo may have a million features.
  ///
  /// - Throws: What `emit` throws.
  public func write(_ emit: (String) throws -> Void) throws {
    try emit(CSV.line(Self.header))
    for (index, score) in (features?.scores ?? []).enumerated() {
      let layer = activations.representations[score.layer]
      let model = activations.models[layer.model]
      try emit(
        CSV.line(
          [
            String(index + 1), model.name, model.family ?? "", layer.layer, String(score.feature),
            score.universality.exact, score.correlation.exact, score.baseline.exact, score.z.field,
            score.pValue.field, score.qValue.field,
          ] + Self.controls(score) + Self.predictability(score.predictability) + clique(score)))
    }
  }

  private static func controls(_ score: FeatureScore) -> [String] {
    [
      (score.betweenSeeds?.universality).field, (score.betweenSeeds?.pValue).field,
      (score.untrained?.universality).field, (score.untrained?.pValue).field,
    ]
  }

  private static func predictability(_ found: FeaturePredictability?) -> [String] {
    func fields(_ estimate: Estimate?) -> [String] {
      [(estimate?.value).field, (estimate?.low).field, (estimate?.high).field]
    }
    return fields(found?.r2) + [(found?.pValue).field, (found?.qValue).field]
      + fields(found?.excessOverInput) + fields(found?.excessOverUntrained)
      + [(found?.otherSeeds).field]
  }

  /// Cliques are numbered from 1, as in the page.
  private func clique(_ score: FeatureScore) -> [String] {
    let place = score.clique
    let clique = place.flatMap { features?.cliques[$0] }
    return [
      place.map { $0 + 1 }.field, (clique?.size).field, (clique?.agreement).field,
      (clique?.leastAgreement).field, (clique?.expectedByChance).field, (clique?.qValue).field,
    ]
  }
}
