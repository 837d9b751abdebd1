/// All metrics, one line each: help texts, result columns, laws and benchmarks follow from it.
public enum MetricCatalogue {
  /// The entries in the order in which they are listed.
  public static let entries: [MetricEntry] = [
    .debiasedCKA, .linearCKA, .svcca,
    .dependentColumnsCKA, .rbfCKA, .minibatchCKA, .spectralCKA, .cca, .pwcca, .gcd, .procrustes,
    .shape, .distanceCorrelation, .gulp, .eigenspaceOverlap, .magnitudeDifference,
    .uniformityDifference,
    .rsa, .mutualKNN, .jaccardKNN, .cknna, .cycleKNN, .rankSimilarity, .secondOrderCosine,
    .hardMatching, .semiMatching, .softMatching, .linearPredictivity, .ridgePredictivity,
  ]

  /// The metric that a specification such as `svcca:variance=0.9,summary=mean-rho-squared` names.
  ///
  /// - Throws: ``MetricSpecificationError`` that says what is known instead.
  public static func metric(_ specification: String) throws -> any SimilarityMetric {
    let parts = specification.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts[0])
    guard let entry = entries.first(where: { $0.name == name }) else {
      throw MetricSpecificationError.unknownMetric(name, known: entries.map(\.name))
    }
    var values: [String: String] = [:]
    if parts.count == 2 {
      for assignment in parts[1].split(separator: ",", omittingEmptySubsequences: false) {
        let sides = assignment.split(separator: "=", maxSplits: 1).map(String.init)
        guard sides.count == 2 else {
          throw MetricSpecificationError.notAnAssignment(String(assignment), metric: name)
        }
        guard entry.parameters.contains(where: { $0.name == sides[0] }) else {
          throw MetricSpecificationError.unknownParameter(
            sides[0], metric: name, known: entry.parameters.map(\.name))
        }
        values[sides[0]] = sides[1]
      }
    }
    return try entry.make(values)
  }
}

/// What is known about a metric before it is used.
public struct MetricEntry: Sendable {
  public struct Parameter: Sendable, Codable {
    public var name: String
    public var defaultValue: String
    public var values: String
    public var meaning: String
  }

  public var name: String
  public var summary: String
  public var parameters: [Parameter]
  /// The cost of preparing and of comparing, in words.
  public var cost: String
  public var source: String
  /// The metric with the given parameter values, the others at their defaults.
  public var make: @Sendable ([String: String]) throws -> any SimilarityMetric
}

extension MetricEntry {
  static let debiasedCKA = MetricEntry(
    name: "cka-debiased",
    summary: "Linear CKA with the unbiased HSIC estimator: 0 on average for unrelated layers",
    parameters: [], cost: "n d² once per layer, n dₓ d_y per pair",
    source: "Song et al. 2012; Nguyen, Raghu & Kornblith 2021"
  ) { _ in DebiasedCKA() }

  static let linearCKA = MetricEntry(
    name: "cka", summary: "Linear CKA, biased estimator (the RV coefficient)", parameters: [],
    cost: "n d² once per layer, n dₓ d_y per pair",
    source: "Kornblith, Norouzi, Lee & Hinton 2019"
  ) { _ in LinearCKA() }
}

/// A metric specification that names nothing known.
public enum MetricSpecificationError: Error, Equatable, CustomStringConvertible {
  case unknownMetric(String, known: [String])
  case unknownParameter(String, metric: String, known: [String])
  case notAnAssignment(String, metric: String)
  case badValue(String, parameter: String, metric: String, allowed: String)

  public var description: String {
    switch self {
    case .unknownMetric(let name, let known):
      "there is no metric '\(name)'; known are \(known.joined(separator: ", "))"
    case .unknownParameter(let name, let metric, let known):
      known.isEmpty
        ? "metric '\(metric)' has no parameters, so '\(name)' means nothing to it"
        : "metric '\(metric)' has no parameter '\(name)'; known are \(known.joined(separator: ", "))"
    case .notAnAssignment(let text, let metric):
      "'\(text)' after '\(metric):' is not of the form key=value"
    case .badValue(let value, let parameter, let metric, let allowed):
      "\(metric):\(parameter)=\(value) is not allowed; allowed: \(allowed)"
    }
  }
}
