public import Activations
import LinearAlgebra
public import Metrics
public import Zoo

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What a metric says about architecture families: who resembles whom, and whether families are more
/// than names.
///
/// Each trained model is represented by one layer, the last that is no output; distances are the angles
/// behind the similarities, which obey the triangle inequality. All tests reorder models and share their
/// orders.
public struct FamilyStatistics: Sendable, Codable, Equatable {
  public var metric: String
  /// In alphabetical order.
  public var families: [String]
  /// The number of models.
  public var models: Int
  /// The mean similarity within each family and between any two.
  public var similarities: [FamilySimilarity]
  /// Do models of one family lie closer together? (PERMANOVA.) `nil` where each family has one model.
  public var location: FamilyTest?
  /// The share of the squared distances that lies between families, R² of ``location``.
  public var sharedVariance: Double?
  /// Do families differ in how far apart their models are? (PERMDISP.) `nil` where no family has three
  /// models.
  public var dispersion: FamilyTest?
  public var separability: Separability?
  /// What goes along with distance.
  public var covariates: [CovariateTests]
  /// The properties that are not compared with distance because they are not known for every model, each
  /// a sentence.
  public var missingCovariates: [String]
  /// The orders of models behind each p.
  public var orders: Int
  /// Whether these are all orders.
  public var areAllOrders: Bool

  /// The name of the layer rule, for tables.
  public static let layerRule = "last hidden layer"
}

/// The similarity of two families, or within one.
public struct FamilySimilarity: Sendable, Codable, Equatable {
  public var familyA: String
  public var familyB: String
  /// The mean over all pairs of different models.
  public var mean: Double
  public var pairs: Int
}

/// A statistic with the probability of one as large under chance.
public struct FamilyTest: Sendable, Codable, Equatable {
  public var statistic: Double
  public var pValue: Double
}

/// Distances between models against the differences in one of their properties.
public struct CovariateTests: Sendable, Codable, Equatable {
  /// What differs, such as `accuracy`.
  public var name: String
  /// The correlation over pairs of models (Mantel); `nil` where the property does not vary.
  public var correlation: FamilyTest?
  /// The t of its slope beside all other properties (MRQAP); `nil` where those explain it.
  public var slope: FamilyTest?
}

extension FamilyStatistics {
  /// The random orders of models where there are too many to try all; p is then at least 0.001.
  static let draws = 999

  /// One entry a metric that is the cosine of an angle, in the order of the metrics; none where fewer
  /// than two families are known.
  public static func all(
    of activations: ActivationSet, comparison: ZooComparison, metrics: [any SimilarityMetric],
    seed: UInt64
  ) -> [FamilyStatistics] {
    metrics.compactMap { metric in
      guard let matrix = comparison.matrices.first(where: { $0.metric == metric.name }),
        let distances = ModelDistances(of: activations, matrix, metric: metric)
      else { return nil }
      let records = distances.models.map { activations.models[$0] }
      var statistics = FamilyStatistics(
        metric: metric.name, distances, covariates: Covariate.all(of: distances, records),
        seed: seed)
      statistics.missingCovariates = Covariate.missing(records)
      return statistics
    }
  }

  init(metric: String, _ models: ModelDistances, covariates: [Covariate], seed: UInt64) {
    let orders = ModelOrders(of: models.models.count, draws: Self.draws, seed: seed)
    let (distances, groups) = (models.distances, models.groups)
    self.metric = metric
    families = models.families
    self.models = models.models.count
    similarities = models.familySimilarities
    let variance = PermutationalVariance(distances, groups: groups)
    location = variance.map {
      FamilyTest(statistic: $0.f, pValue: $0.pValue(distances, groups: groups, orders))
    }
    sharedVariance = variance?.rSquared
    dispersion = PermutationalDispersion(distances, groups: groups).flatMap { test in
      (try? test.pValue(draws: Self.draws, seed: seed)).map {
        FamilyTest(statistic: test.f, pValue: $0)
      }
    }
    separability = Separability(
      similarities: models.similarities, distances: distances, groups: groups)
    let regression = DistanceRegression(
      distances, covariates: covariates.map(\.differences), orders: orders)
    self.covariates = covariates.indices.map { index in
      CovariateTests(
        name: covariates[index].name,
        correlation: regression.correlation(with: index).map {
          FamilyTest(statistic: $0.r, pValue: $0.pValue)
        },
        slope: regression.slope(of: index).map {
          FamilyTest(statistic: $0.t, pValue: $0.pValue)
        })
    }
    missingCovariates = []
    self.orders = orders.orders.count
    areAllOrders = orders.areAll
  }
}

/// A property of models, as differences between them.
struct Covariate {
  let name: String
  /// Models × models.
  let differences: Matrix

  /// A property as numbers, or as names that are the same or not.
  private static let numbers: [(name: String, value: @Sendable (ModelRecord) -> Double?)] = [
    ("accuracy", { $0.accuracy }),
    ("log parameters", { $0.parameters.flatMap { $0 > 0 ? log10(Double($0)) : nil } }),
  ]

  /// Whether families differ, and the properties that are known for every model.
  static func all(of models: ModelDistances, _ records: [ModelRecord]) -> [Covariate] {
    let groups = models.groups
    var covariates = [
      Covariate(name: "other family", count: groups.count) { groups[$0] == groups[$1] ? 0 : 1 }
    ]
    for (name, value) in numbers {
      let values = records.compactMap(value)
      guard values.count == records.count else { continue }
      covariates.append(
        Covariate(name: name, count: groups.count) { abs(values[$0] - values[$1]) })
    }
    let objectives = records.compactMap(\.objective)
    if objectives.count == records.count, Set(objectives).count > 1 {
      covariates.append(
        Covariate(name: "other objective", count: groups.count) {
          objectives[$0] == objectives[$1] ? 0 : 1
        })
    }
    return covariates
  }

  /// What is not known for every model.
  static func missing(_ records: [ModelRecord]) -> [String] {
    var known = numbers.map { ($0.name, records.compactMap($0.value).count) }
    // Few dumps tell it; it is missed only where some do.
    let objectives = records.compactMap(\.objective).count
    if objectives > 0 { known.append(("objective", objectives)) }
    return known.filter { $0.1 < records.count }.map { name, count in
      "For \(name) the value of \(records.count - count) of \(records.count) models is missing: it is "
        + "not compared with distance."
    }
  }

  private init(name: String, count: Int, _ difference: (Int, Int) -> Double) {
    self.name = name
    differences = Matrix(rows: count, columns: count, difference)
  }
}

extension ModelDistances {
  fileprivate var familySimilarities: [FamilySimilarity] {
    families.indices.flatMap { a in
      (a..<families.count).compactMap { b -> FamilySimilarity? in
        var (sum, pairs) = (0.0, 0)
        for i in groups.indices where groups[i] == a {
          for j in groups.indices where groups[j] == b && (a != b || i < j) {
            sum += similarities[i, j]
            pairs += 1
          }
        }
        guard pairs > 0 else { return nil }
        return FamilySimilarity(
          familyA: families[a], familyB: families[b], mean: sum / Double(pairs), pairs: pairs)
      }
    }
  }
}
