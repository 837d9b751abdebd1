public import Activations
import LinearAlgebra

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Whether more accurate or larger models are more universal: Spearman's rank correlation of the models'
/// scores with one of their properties.
///
/// Seeds of one family have the architecture, and often the size, in common, so that models are no
/// independent cases. The correlation over all models therefore has an interval over **families** (each
/// is left out in turn) and no p; p-values come from the two levels at which something can be reordered:
/// families as wholes, and models within their families. A correlation says nothing about what causes what.
public struct UniversalityTrend: Sendable, Codable, Equatable {
  /// `accuracy`, or `log parameters`.
  public var property: String
  /// The models of which the property is known.
  public var models: Int
  /// Their families; a model without one counts as a family of its own.
  public var families: Int
  /// Over all models, with a 95 % interval from leaving out each family in turn: rough below ten families.
  public var correlation: Estimate
  /// The correlation without each family that leaves at least three models, in alphabetical order.
  public var withoutFamily: [LeftOut]
  /// Over the means of the families. Two-sided p: families are reordered.
  public var between: FamilyTest?
  /// Over the models, ranks centred within families. Two-sided p: models are reordered within them.
  public var within: FamilyTest?

  /// The correlation without one family.
  public struct LeftOut: Sendable, Codable, Equatable {
    public var family: String
    public var correlation: Double
  }
}

/// The trends of a ranking, and what is missing for others.
public struct UniversalityTrends: Sendable, Codable, Equatable {
  public var trends: [UniversalityTrend]
  /// Why there is no trend with a property, or one of fewer models, each a sentence.
  public var missing: [String]

  /// - Parameters:
  ///   - activations: The zoo; accuracy and parameters of its models are used where they are known.
  ///   - findings: The ranking.
  ///   - seed: Of the random orders, where there are too many to try all.
  public init(of activations: ActivationSet, findings: Findings, seed: UInt64) {
    let models = findings.ranking.models
    func cases(_ value: (ModelRecord) -> Double?) -> [TrendCase] {
      models.compactMap { item in
        let record = activations.models[item.index]
        return value(record).map {
          TrendCase(
            family: record.familyOrOwnName, score: item.score.universality.value, property: $0)
        }
      }
    }
    let properties = [
      ("accuracy", cases { $0.accuracy }),
      (
        "log parameters",
        cases { $0.parameters.flatMap { $0 > 0 ? log10(Double($0)) : nil } }
      ),
    ]
    trends = []
    missing = []
    for (name, cases) in properties {
      let subject = name == "accuracy" ? "The accuracy" : "The number of parameters"
      if cases.count < models.count {
        missing.append("\(subject) is known for \(cases.count) of \(models.count) models.")
      }
      guard cases.count >= TrendAnalysis.fewestModels else { continue }
      if let trend = TrendAnalysis(cases: cases, seed: seed).trend(property: name) {
        trends.append(trend)
      } else {
        missing.append("\(subject) or the score is the same for all models: there is no trend.")
      }
    }
  }
}

/// One model of a trend.
struct TrendCase: Sendable {
  var family: String
  var score: Double
  var property: Double
}

/// The correlations of one property.
struct TrendAnalysis {
  let cases: [TrendCase]
  let seed: UInt64

  /// With three, every order is likely.
  static let fewestModels = 4
  private static let draws = 999

  private var families: [String] { Set(cases.map(\.family)).sorted() }

  /// `nil` where one side does not vary.
  func trend(property: String) -> UniversalityTrend? {
    guard let correlation = Self.correlation(cases) else { return nil }
    let leftOut = families.compactMap { family -> UniversalityTrend.LeftOut? in
      let rest = cases.filter { $0.family != family }
      guard rest.count >= Self.fewestModels - 1 else { return nil }
      return Self.correlation(rest).map { .init(family: family, correlation: $0) }
    }
    return UniversalityTrend(
      property: property, models: cases.count, families: families.count,
      correlation: interval(correlation, leftOut.map(\.correlation)), withoutFamily: leftOut,
      between: between, within: within)
  }

  /// Symmetric on Fisher's z scale, with F − 1 degrees of freedom.
  private func interval(_ value: Double, _ leftOut: [Double]) -> Estimate {
    guard leftOut.count == families.count, leftOut.count >= 3,
      abs(value) < 1, leftOut.allSatisfy({ abs($0) < 1 })
    else { return Estimate(value: value) }
    return Jackknife(replicates: leftOut.map { [$0] }).estimate(value, at: 0, range: -1...1)
      ?? Estimate(value: value)
  }

  private static func correlation(_ cases: [TrendCase]) -> Double? {
    spearmanRho(cases.map(\.score), cases.map(\.property))
  }

  private var between: FamilyTest? {
    let groups = Dictionary(grouping: cases) { $0.family }
    let means = families.compactMap { groups[$0] }.map { members in
      (
        score: members.reduce(0) { $0 + $1.score } / Double(members.count),
        property: members.reduce(0) { $0 + $1.property } / Double(members.count)
      )
    }
    guard means.count >= Self.fewestModels,
      let rho = spearmanRho(means.map(\.score), means.map(\.property))
    else { return nil }
    let orders = ModelOrders(of: means.count, draws: Self.draws, seed: seed)
    let p = orders.pValue(of: abs(rho)) { order in
      abs(spearmanRho(means.map(\.score), order.map { means[$0].property }) ?? .nan)
    }
    return FamilyTest(statistic: rho, pValue: p)
  }

  private var within: FamilyTest? {
    let groups = families.map { family in cases.indices.filter { cases[$0].family == family } }
    func centered(_ values: [Double]) -> [Double] {
      var ranks = averageRanks(values)
      for group in groups {
        let mean = group.reduce(0) { $0 + ranks[$1] } / Double(group.count)
        for index in group { ranks[index] -= mean }
      }
      return ranks
    }
    let (scores, properties) = (centered(cases.map(\.score)), centered(cases.map(\.property)))
    guard cases.count - groups.count >= Self.fewestModels - 1,
      let r = cosine(scores, properties)
    else { return nil }
    let bound = abs(r) - 1e-9
    let reached = (0..<Self.draws).count { draw in
      var generator = SeededGenerator(seed: seed, stream: RandomStream.trend + UInt64(draw))
      var shuffled = properties
      for group in groups {
        for (place, other) in zip(group, generator.permutation(of: group.count)) {
          shuffled[place] = properties[group[other]]
        }
      }
      return abs(cosine(scores, shuffled) ?? .nan) >= bound
    }
    return FamilyTest(statistic: r, pValue: Double(reached + 1) / Double(Self.draws + 1))
  }
}

extension RandomStream {
  static let trend: UInt64 = 24 << 32
}
