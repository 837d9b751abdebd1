import ArgumentParser
import Metrics
import Zoo

/// The catalogue.
struct MetricsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "metrics",
    abstract: "The metrics: parameters, range, invariances, conventions, cost, source.")

  @Flag(help: "One JSON object.")
  var json = false

  func run() throws {
    let listings = try MetricCatalogue.entries.map(Listing.init)
    if json {
      print(try encodedJSON(Catalogue(metrics: listings)))
      return
    }
    for listing in listings {
      print(listing.name)
      print("  \(listing.summary)")
      for parameter in listing.parameters {
        print(
          "  \(parameter.name)=\(parameter.defaultValue)  \(parameter.meaning) (\(parameter.values))"
        )
      }
      print(
        "  range         \(end(listing.rangeLow, "−∞")) … \(end(listing.rangeHigh, "∞")), "
          + listing.direction)
      print("  order         \(listing.symmetric ? "symmetric" : "not symmetric: both orders")")
      print("  invariant to  \(listing.invariances.joined(separator: ", "))")
      print("  conventions   \(listing.conventions)")
      print("  cost          \(listing.cost)")
      if listing.estimated {
        print("  estimate      compare --approximate, from fingerprints, with a standard error")
      }
      print("  source        \(listing.source)")
      print("")
    }
  }

  private func end(_ value: Double?, _ infinity: String) -> String {
    value.map { "\($0)" } ?? infinity
  }

  private struct Catalogue: Encodable {
    let schema = 1
    var metrics: [Listing]
  }

  private struct Listing: Encodable {
    var name: String
    var summary: String
    var parameters: [MetricEntry.Parameter]
    /// `nil` where the range has no end.
    var rangeLow: Double?
    var rangeHigh: Double?
    var direction: String
    var symmetric: Bool
    var invariances: [String]
    var conventions: String
    var cost: String
    /// Whether fingerprints give estimates of it.
    var estimated: Bool
    var source: String

    init(_ entry: MetricEntry) throws {
      let metric = try entry.make([:])
      name = entry.name
      summary = entry.summary
      parameters = entry.parameters
      rangeLow = metric.range.lowerBound.isFinite ? metric.range.lowerBound : nil
      rangeHigh = metric.range.upperBound.isFinite ? metric.range.upperBound : nil
      direction =
        metric.direction == .similarity ? "larger is more similar" : "smaller is more similar"
      symmetric = metric.isSymmetric
      invariances = metric.invariances.sorted().map(\.rawValue)
      conventions = metric.conventions
      cost = entry.cost
      estimated = SketchedMetric(rawValue: entry.name) != nil
      source = entry.source
    }
  }
}
