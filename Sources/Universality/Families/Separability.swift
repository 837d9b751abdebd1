import LinearAlgebra

/// How well a metric tells models of one family from models of different families.
///
/// - d′ = (mean within − mean between) / √((σ²_w + σ²_b)/2), in standard deviations of similarity;
/// - AUC: the probability that a pair within a family is more similar than one between families, ties
///   counting half; 0.5 is chance;
/// - silhouette: the mean over models of (b − a)/max(a, b), with a the mean distance to the own family
///   and b that to the nearest other one; 0 for a family of one model (Rousseeuw 1987).
///
/// They describe; they are no tests. Models of a family share training data and recipe as well.
public struct Separability: Sendable, Codable, Equatable {
  public var dPrime: Double
  public var auc: Double
  public var silhouette: Double

  public init(dPrime: Double, auc: Double, silhouette: Double) {
    self.dPrime = dPrime
    self.auc = auc
    self.silhouette = silhouette
  }

  /// `nil` where fewer than two pairs lie within families or between them, or nothing varies.
  init?(similarities: Matrix, distances: Matrix, groups: [Int]) {
    var (within, between): ([Double], [Double]) = ([], [])
    for i in groups.indices {
      for j in 0..<i {
        if groups[i] == groups[j] {
          within.append(similarities[i, j])
        } else {
          between.append(similarities[i, j])
        }
      }
    }
    guard within.count >= 2, between.count >= 2 else { return nil }
    let spread = ((Self.variance(within) + Self.variance(between)) / 2).squareRoot()
    guard spread > 0 else { return nil }
    dPrime = (Self.mean(within) - Self.mean(between)) / spread
    let wins = within.reduce(0.0) { sum, x in
      sum + between.reduce(0.0) { $0 + (x > $1 ? 1 : x == $1 ? 0.5 : 0) }
    }
    auc = wins / Double(within.count * between.count)
    silhouette = Self.mean(groups.indices.map { Self.silhouette(of: $0, distances, groups) })
  }

  private static func silhouette(of model: Int, _ distances: Matrix, _ groups: [Int]) -> Double {
    let families = Dictionary(grouping: groups.indices.filter { $0 != model }) { groups[$0] }
    let means = families.mapValues { members in mean(members.map { distances[model, $0] }) }
    guard let own = means[groups[model]],
      let nearest = means.filter({ $0.key != groups[model] }).values.min(), max(own, nearest) > 0
    else { return 0 }
    return (nearest - own) / max(own, nearest)
  }

  private static func mean(_ values: [Double]) -> Double {
    values.reduce(0, +) / Double(values.count)
  }

  /// The unbiased estimate.
  private static func variance(_ values: [Double]) -> Double {
    let mean = mean(values)
    return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
  }
}
