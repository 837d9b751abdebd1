import ArgumentParser
import Foundation
import LinearAlgebra
import Metrics
import Reports
import Store
import Zoo

/// The shards of a batch and what they have found.
struct MergedShards {
  let batch: ShardBatch
  let metrics: [any SimilarityMetric]
  let precision: Precision

  init(paths: [String]) throws {
    batch = try ShardBatch(paths: paths)
    guard batch.program.build == Run.build else {
      throw Failure(
        "the shards were made by another build of the program (version \(batch.program.version))",
        help: "merge them with the program that made them", exitCode: Exit.unusable)
    }
    metrics = try batch.request.metrics.map { try MetricArguments.metric($0) }
    guard let precision = Precision(rawValue: batch.request.precision) else {
      throw Failure(
        "the shards have an unknown precision, \(batch.request.precision)",
        help: "run them again", exitCode: Exit.unusable)
    }
    self.precision = precision
  }

  /// What the shards were computed with; more than one where the processors differ.
  var implementations: [String] {
    Set(batch.records.map(\.program.implementation)).sorted()
  }

  /// What a reader of the results must know.
  var notes: [String] {
    guard implementations.count > 1 else { return [] }
    return [
      "The shards were computed on different processors (\(implementations.joined(separator: "; "))): "
        + "the last digits can differ from those of one run."
    ]
  }

  /// Adds the results of all shards to a store.
  func addResults(to store: PairStore) throws {
    for folder in batch.folders {
      do throws(StoreFailure) {
        try store.add(contentsOf: folder.path)
      } catch {
        throw Failure(
          "shard \(folder.number) cannot be used: \(error)", help: "run it again",
          exitCode: Exit.unusable)
      }
    }
  }

  /// All matrices, over the representations of the batch.
  func matrices() throws -> [SimilarityMatrix] {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("universality-merge-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let store: PairStore
    do {
      store = try PairStore(folder: folder)
    } catch {
      throw Failure(
        "\(error)", help: "name another folder for temporary files in TMPDIR",
        exitCode: Exit.outOfResources)
    }
    defer { store.close() }
    try addResults(to: store)
    let digests = try batch.contents.compactMap { $0 }.map { text in
      guard let digest = ContentDigest(hexadecimal: text) else {
        throw Failure(
          "a record of the shards was changed: '\(text)' is no digest", help: "run them again",
          exitCode: Exit.unusable)
      }
      return digest
    }
    let ledger = try PairLedger(
      store, digests: digests, metrics: metrics, precision: precision.rawValue,
      implementation: implementations[0], others: Array(implementations.dropFirst()))
    try checkCompleteness(of: ledger)
    return metrics.map { ledger.known($0).matrix }
  }

  /// - Throws: ``Failure`` unless the shards know all pairs of a ledger.
  func checkCompleteness(of ledger: PairLedger) throws {
    for metric in metrics {
      let open = ledger.known(metric).unknownCount
      guard open > 0 else { continue }
      throw Failure(
        "\(open) results of \(metric.name) are missing in the shards: a file of results is damaged",
        help: "run the shards again; what is whole is kept", exitCode: Exit.unusable)
    }
  }

  /// - Throws: ``Failure`` unless the dumps are those that the shards have read.
  func check(_ digests: [ContentDigest]) throws {
    let zoo = batch.activations
    let expected = batch.contents.compactMap { $0 }
    let found = digests.map(\.description)
    guard found != expected else { return }
    let place = zip(found, expected).enumerated().first { $1.0 != $1.1 }?.offset
    let layer = place.map { zoo.representations[$0] }
    let name = layer.map { "\(zoo.models[$0.model].name)/\($0.layer) in \($0.source.file)" }
    throw Failure(
      "the dumps are not those that the shards have read: "
        + (name.map { "\($0) has other numbers" }
          ?? "\(found.count) layers instead of \(expected.count)"),
      help: "bring the dumps back, or run the shards again; `-o FILE.csv` needs no dumps",
      exitCode: Exit.unusable)
  }

  /// The command whose parts the shards are, with paths that are right here.
  func reportCommand() throws -> ReportCommand {
    guard var report = try UniversalityTool.parseAsRoot(batch.request.words) as? ReportCommand
    else {
      throw Failure(
        "the shards are not of a report: universality \(batch.request.words.joined(separator: " "))",
        help: "run them again", exitCode: Exit.unusable)
    }
    report.shard.shard = nil
    let folder = batch.request.folder
    guard folder != FileManager.default.currentDirectoryPath else { return report }
    func placed(_ path: String) -> String {
      if path.hasPrefix("@") { return "@" + placed(String(path.dropFirst())) }
      return path.hasPrefix("/") ? path : folder + "/" + path
    }
    report.reading.paths = report.reading.paths.map(placed)
    report.reading.layout = report.reading.layout.map(placed)
    report.reading.metadata = report.reading.metadata.map(placed)
    return report
  }
}
