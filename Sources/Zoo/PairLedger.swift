public import Activations
import Foundation
public import LinearAlgebra
public import Metrics
public import Store

/// What earlier runs have found about the pairs of this one, and where new results go.
///
/// A result belongs to the content of two matrices and to a metric with its parameters and
/// conventions (see `PairStore`). For a symmetric metric one result serves both orders.
public final class PairLedger: Sendable {
  private let table: PairTable
  /// The place of each representation among the distinct contents.
  private let places: [Int]
  /// By metric: its place among the procedures of the table.
  private let procedures: [String: Int]
  private let knownPairs: [String: KnownPairs]
  /// What is known about each representation, with the directions of those metrics of which they are
  /// known.
  public let diagnostics: [RepresentationDiagnostics?]
  /// For each representation the directions of those metrics of which they are known.
  private let directions: [[String: Int]]
  /// The metrics of which the directions are known for every representation.
  private let directed: Set<String>

  /// Looks up everything about the pairs of a zoo.
  ///
  /// - Parameters:
  ///   - store: The store.
  ///   - digests: The contents of the representations, in order (``digests(of:threads:progress:)``).
  ///   - metrics: The metrics, each name once.
  ///   - precision: `double` or `single`.
  ///   - implementation: Whatever else decides about bits: the version of the program, the kernels
  ///     of the BLAS library.
  ///   - others: Implementations whose results count as known as well.
  ///   - isWanted: Which pairs (in either order) this run is for; the others count as known, and as
  ///     missing for that reason. All, when it is `nil`.
  /// - Throws: `StoreFailure` when the store cannot be used.
  public init(
    _ store: PairStore, digests: [ContentDigest], metrics: [any SimilarityMetric],
    precision: String, implementation: String, others: [String] = [],
    isWanted: ((Int, Int) -> Bool)? = nil
  ) throws {
    let distinct = Set(digests).sorted()
    let place = Dictionary(uniqueKeysWithValues: distinct.enumerated().map { ($1, $0) })
    let places = digests.compactMap { place[$0] }
    let names = metrics.map(\.name)
    table = try PairTable(
      of: store,
      procedures: ([implementation] + others).flatMap { implementation in
        metrics.map {
          Procedure(
            metric: $0.name, conventions: $0.conventions, precision: precision,
            implementation: implementation)
        } + [Self.diagnosis(implementation)]
      }, digests: distinct)
    procedures = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
    knownPairs = try Self.knownPairs(
      in: table, metrics: metrics, places: places, isWanted: isWanted)
    (diagnostics, directions, directed) = try Self.diagnostics(
      in: table, metrics: names, places: places)
    self.places = places
  }

  /// The contents of all representations of a zoo.
  public static func digests(
    of activations: ActivationSet, threads: Int = Parallel.coreCount,
    progress: ProgressReceiver? = nil
  ) throws -> [ContentDigest] {
    let count = activations.representations.count
    return try Parallel.map(
      count: count, threads: threads,
      finished: progressCounter(progress, stage: "looking up", total: count)
    ) { try activations.representations[$0].values.contentDigest() }
  }

  /// The pairs that are known under a metric.
  ///
  /// - Precondition: `metric` is one of those the ledger was made for.
  public func known(_ metric: some SimilarityMetric) -> KnownPairs {
    guard let known = knownPairs[metric.name] else {
      preconditionFailure("the ledger knows nothing of \(metric.name)")
    }
    return known
  }

  /// Keeps the similarity of representations `a` and `b`. Safe from any thread; it does not wait for
  /// the disk.
  public func keep(
    _ cells: [(a: Int, b: Int, cell: SimilarityMatrix.Cell)], metric: some SimilarityMetric
  ) {
    guard let procedure = procedures[metric.name] else {
      preconditionFailure("the ledger knows nothing of \(metric.name)")
    }
    table.keep(
      cells.map { a, b, cell in
        let (first, second) = (places[a], places[b])
        // The contents are in the order of their digests, which no order of inputs changes.
        let isSwapped = metric.isSymmetric && first > second
        return PairTable.Entry(
          procedure: procedure, a: isSwapped ? second : first, b: isSwapped ? first : second,
          result: cell.stored)
      })
  }

  /// Whether ``diagnostics`` hold the directions of a metric, for every representation that has any.
  public func knowsDirections(_ metric: some SimilarityMetric) -> Bool {
    directed.contains(metric.name)
  }

  /// The directions of a representation, by the metrics of which they are known and that keep any.
  public func directions(of representation: Int) -> [String: Int] { directions[representation] }

  /// Keeps the directions that a metric keeps, by representation; those that are missing have none.
  public func keep(directions: [Int: Int], metric: some SimilarityMetric) {
    guard let procedure = procedures[metric.name] else { return }
    table.keep(
      places.indices.compactMap { representation in
        let known = directions[representation] ?? self.directions[representation][metric.name]
        return PairTable.Fact(
          procedure: procedure, representation: places[representation],
          text: known.map { "\($0)" } ?? Self.noDirections)
      })
  }

  /// Keeps what was found out about the representations, in order: `metrics` are those whose
  /// directions are among it.
  public func keep(_ diagnostics: [RepresentationDiagnostics], metrics: [any SimilarityMetric]) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    var facts: [PairTable.Fact] = []
    for (place, diagnosis) in zip(places, diagnostics) {
      for metric in metrics {
        guard let procedure = procedures[metric.name] else { continue }
        let count = diagnosis.directions[metric.name].map { "\($0)" } ?? Self.noDirections
        facts.append(.init(procedure: procedure, representation: place, text: count))
      }
      var alone = diagnosis
      alone.directions = [:]
      guard let data = try? encoder.encode(alone) else { continue }
      let text = String(decoding: data, as: UTF8.self)
      facts.append(.init(procedure: procedures.count, representation: place, text: text))
    }
    table.keep(facts)
  }

  /// Waits until everything is kept.
  ///
  /// - Returns: why something could not be kept, or `nil`. The results of the run do not depend on
  ///   it.
  public func finish() -> StoreFailure? { table.finish() }

  /// Kept for a representation that a metric keeps no directions of.
  private static let noDirections = "none"

  /// Diagnostics are kept as if they were the results of a metric.
  private static func diagnosis(_ implementation: String) -> Procedure {
    Procedure(
      metric: "(diagnostics)", conventions: "", precision: "double", implementation: implementation)
  }

  private static func knownPairs(
    in table: PairTable, metrics: [any SimilarityMetric], places: [Int],
    isWanted: ((Int, Int) -> Bool)?
  ) throws -> [String: KnownPairs] {
    var known = metrics.map { KnownPairs(SimilarityMatrix($0, count: places.count)) }
    // A content can be there several times.
    let indices = Dictionary(grouping: places.indices) { places[$0] }
    try table.entries { entry in
      // The procedures of each implementation: the metrics and the diagnosis.
      let metric = entry.procedure % (metrics.count + 1)
      guard metric < metrics.count else { return }
      for a in indices[entry.a] ?? [] {
        for b in indices[entry.b] ?? [] { known[metric][a, b] = .init(entry.result) }
      }
    }
    if let isWanted {
      for a in places.indices {
        for b in places.indices where !isWanted(a, b) {
          for metric in known.indices { known[metric][a, b] = .missing(reason: "not wanted") }
        }
      }
    }
    return Dictionary(uniqueKeysWithValues: zip(metrics.map(\.name), known))
  }

  private static func diagnostics(
    in table: PairTable, metrics: [String], places: [Int]
  ) throws -> (
    [RepresentationDiagnostics?], directions: [[String: Int]], directed: Set<String>
  ) {
    var found: [Int: RepresentationDiagnostics] = [:]
    var directions: [Int: [String: String]] = [:]
    try table.facts { fact in
      let metric = fact.procedure % (metrics.count + 1)
      if metric == metrics.count {
        found[fact.representation] = try? JSONDecoder().decode(
          RepresentationDiagnostics.self, from: Data(fact.text.utf8))
      } else {
        directions[fact.representation, default: [:]][metrics[metric]] = fact.text
      }
    }
    let counts = places.map { directions[$0]?.compactMapValues { Int($0) } ?? [:] }
    let diagnostics = zip(places, counts).map { place, counts in
      var diagnosis = found[place]
      diagnosis?.directions = counts
      return diagnosis
    }
    let directed = metrics.filter { metric in
      places.allSatisfy { directions[$0]?[metric] != nil }
    }
    return (diagnostics, counts, Set(directed))
  }
}

extension StoredMatrix {
  /// The digest of shape, element type and elements.
  func contentDigest() throws -> ContentDigest {
    var stream = try ContentDigest.Stream(
      rows: rows, columns: columns, elementType: isSingle ? .float32 : .float64)
    try forEachBlock { try stream.add($0) }
    return try stream.finish()
  }
}

extension SimilarityMatrix.Cell {
  fileprivate init(_ result: StoredResult) {
    switch result {
    case .value(let value): self = .value(value)
    case .missing(let reason): self = .missing(reason: reason)
    }
  }

  fileprivate var stored: StoredResult {
    switch self {
    case .value(let value): .value(value)
    case .missing(let reason): .missing(reason: reason)
    }
  }
}
