import Activations
import LinearAlgebra
import Metrics
import Zoo

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The trained models of a zoo that belong to families, compared by **one layer each**: the last that is
/// no output.
///
/// A rule that is fixed beforehand, so that no best match has to be allowed for, and one that keeps the
/// triangle inequality: a mean of best matches does not.
struct ModelDistances {
  /// The models, as indices in the activation set.
  let models: [Int]
  /// For each model the place of its family in ``families``.
  let groups: [Int]
  /// In alphabetical order.
  let families: [String]
  /// Models × models, as the metric gives them.
  let similarities: Matrix
  /// The angles behind the similarities.
  let distances: Matrix

  /// `nil` where the metric is not the cosine of an angle, or there are fewer than two families or
  /// three models.
  init?(of activations: ActivationSet, _ matrix: SimilarityMatrix, metric: any SimilarityMetric) {
    guard let cosine = metric.angleCosine else { return nil }
    let layers = Self.lastHiddenLayers(of: activations).filter { layer in
      matrix[layer, layer].value != nil
    }
    let records = layers.map { activations.models[activations.representations[$0].model] }
    let families = Set(records.compactMap(\.family)).sorted()
    guard families.count >= 2, layers.count >= 3 else { return nil }
    for a in layers {
      for b in layers where matrix[a, b].value == nil { return nil }
    }
    self.families = families
    models = layers.map { activations.representations[$0].model }
    groups = records.map { families.firstIndex(of: $0.family ?? "") ?? 0 }
    similarities = Matrix(rows: layers.count, columns: layers.count) { a, b in
      matrix[layers[a], layers[b]].value ?? .nan
    }
    let similarities = similarities
    distances = Matrix(rows: layers.count, columns: layers.count) { a, b in
      a == b ? 0 : acos(min(max(cosine(similarities[a, b]), -1), 1))
    }
  }

  /// For each trained model with a family.
  private static func lastHiddenLayers(of activations: ActivationSet) -> [Int] {
    let byModel = Dictionary(grouping: activations.representations.indices) {
      activations.representations[$0].model
    }
    return activations.models.indices.filter { model in
      activations.models[model].role == .contestant && activations.models[model].family != nil
    }.compactMap { model in
      byModel[model]?.filter { !activations.representations[$0].isOutput }
        .max { activations.representations[$0].order < activations.representations[$1].order }
    }
  }
}

extension SimilarityMetric {
  /// The cosine of the angle between two vectors that stand for the representations, as a function of
  /// the metric's value; `nil` where there is no such angle.
  ///
  /// The angle between vectors of unit length obeys the triangle inequality: for matrices over the
  /// samples that are normalised in the Frobenius norm, and for Procrustes after the best rotation
  /// (Williams et al. 2021).
  fileprivate var angleCosine: ((Double) -> Double)? {
    switch self {
    case is LinearCKA, is DebiasedCKA, is SpectralCKA, is GCD, is RBFCKA, is RSA, is MutualKNN:
      return { $0 }
    case let metric as DistanceCorrelation: return metric.chanceLink.statistic(ofValue:)
    case let metric as Procrustes where metric.output == .similarity: return { $0 }
    default: return nil
    }
  }
}
