public import Activations
import Foundation
public import Universality

/// `features.csv`: single features, the most universal first.
public struct FeaturesCSV: Sendable {
  public static let header = [
    "rank", "model", "family", "layer", "feature", "universality", "correlation", "baseline", "z",
    "p_value", "q_value",
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
        CSV.line([
          String(index + 1), model.name, model.family ?? "", layer.layer, String(score.feature),
          score.universality.exact, score.correlation.exact, score.baseline.exact, score.z.field,
          score.pValue.field, score.qValue.field,
        ]))
    }
  }
}
