import Activations
import Foundation
import LinearAlgebra
import Metrics
import Reports
import Store
import Zoo

/// What is particular to the shards of a command.
struct ShardJob {
  var number: ShardNumber
  /// The folder of all shards of the batch.
  var batch: String
  /// `report` or `compare`.
  var command: String
  var metrics: [any SimilarityMetric]
  /// Options beside those of reading that decide about the results of the whole batch.
  var options: [String: String]
  /// Whether what a report says about each layer is to be found as well.
  var withDiagnostics: Bool
  /// Whether programs read the summary.
  var isJSON: Bool
}

/// What a shard is, for people and for programs.
private struct ShardSummary: Encodable {
  let schema = 1
  var shard: Int
  var shards: Int
  var pairs: Int
  var allPairs: Int
  var layers: Int
  var allLayers: Int
  /// What the shard takes at most, about.
  var memoryBytes: Int
  var folder: String

  func printed(asJSON isJSON: Bool) throws {
    try printResult(
      isJSON
        ? encodedJSON(self)
        : Terminal.visible(
          "shard \(shard)/\(shards): \(pairs) of \(allPairs) pairs, \(layers) of \(allLayers) layers, "
            + "about \(Run.size(memoryBytes)) of memory: \(folder)"))
  }
}

extension Run {
  /// Computes the pairs of one shard and keeps them in its folder.
  mutating func compute(_ job: ShardJob, isDryRun: Bool) throws -> Int32 {
    let survey = try survey()
    let plan = ShardPlan(
      shapes: shapes(of: survey), metrics: job.metrics, count: job.number.count)
    let shard = plan.shards[job.number.index - 1]
    let wanted =
      survey.samplesDependOnNumbers ? Array(survey.layers.indices) : shard.members
    let memory = try memoryPlan(survey, layers: wanted, metrics: job.metrics)
    let folder = ShardFolder(job.number, in: job.batch)
    let layers = survey.layers.count
    let summary = ShardSummary(
      shard: job.number.index, shards: job.number.count, pairs: shard.pairCount,
      allPairs: layers * (layers + 1) / 2, layers: shard.members.count, allLayers: layers,
      memoryBytes: memory.bytes, folder: folder.path)
    if isDryRun {
      try summary.printed(asJSON: job.isJSON)
      return exitCode(skipped: survey.skipped)
    }
    let lock = try OutputFolder(folder.path)
    defer { lock.release() }
    let record = try results(of: shard, job, survey, memory, in: folder)
    try refuseSkippedIfStrict(record.skipped)
    try asWritingFailure { try folder.write(record) }
    try summary.printed(asJSON: job.isJSON)
    return exitCode(skipped: record.skipped)
  }

  /// Reads what a shard needs, computes what its folder does not know yet, and keeps that there.
  private mutating func results(
    of shard: ShardPlan.Shard, _ job: ShardJob, _ survey: Survey, _ plan: MemoryPlan,
    in folder: ShardFolder
  ) throws -> ShardRecord {
    let store = try shardStore(in: folder.path)
    defer { store.close() }
    let spill = plan.spills ? try SpillFile() : nil
    var activations = try load(survey, spill: spill, layers: Set(shard.members))
    try refuseSkippedIfStrict(activations.skipped)
    let places = survey.places(of: activations)
    let (threads, terminal) = (threads, terminal)
    let digests = try stopwatch.measure("digest") {
      try PairLedger.digests(of: activations, threads: threads) { terminal.report($0) }
    }
    let ledger = try asShardFailure(folder.path) {
      try PairLedger(
        store, digests: digests, metrics: job.metrics, precision: arguments.precision.rawValue,
        implementation: Self.implementation, isWanted: { shard.contains(places[$0], places[$1]) })
    }
    reportKnown(ledger, job.metrics, shard, places)
    let resources = Resources(
      threads: plan.threads, precision: arguments.precision, workspace: plan.workspace,
      spill: spill)
    let comparison = try stopwatch.measure("compare") {
      try ZooComparison(
        emptying: &activations, metrics: job.metrics, withDiagnostics: job.withDiagnostics,
        resources: resources, ledger: ledger
      ) { terminal.report($0) }
    }
    for note in comparison.notes { terminal.note(note) }
    if let failure = ledger.finish() { throw Self.shardFailure(folder.path, failure) }
    try asShardFailure(folder.path) { try store.seal() }
    return record(
      of: shard, job, survey, activations,
      contents: Dictionary(uniqueKeysWithValues: zip(places, digests.map(\.description))))
  }

  private func shardStore(in folder: String) throws -> PairStore {
    try asShardFailure(folder) {
      let store = try PairStore(folder: folder, isExclusive: true)
      for note in store.notes { terminal.warning("the shard starts anew: \(note)") }
      return store
    }
  }

  private func reportKnown(
    _ ledger: PairLedger, _ metrics: [any SimilarityMetric], _ shard: ShardPlan.Shard,
    _ places: [Int]
  ) {
    var (wanted, open) = (0, 0)
    for metric in metrics {
      open += ledger.known(metric).unknownCount
      for (index, a) in places.enumerated() {
        wanted += places[(metric.isSymmetric ? index : 0)...].count { shard.contains(a, $0) }
      }
    }
    guard open < wanted else { return }
    terminal.note("\(wanted - open) of \(wanted) results are known from earlier runs")
  }

  private func record(
    of shard: ShardPlan.Shard, _ job: ShardJob, _ survey: Survey, _ activations: ActivationSet,
    contents: [Int: String]
  ) -> ShardRecord {
    let members = Set(shard.members)
    let digests = Dictionary(
      activations.inputs.map { ($0.path, $0.sha256) }, uniquingKeysWith: { first, _ in first })
    return ShardRecord(
      program: .init(
        version: UniversalityTool.version, build: Self.build, implementation: Self.implementation),
      request: .init(
        command: job.command, words: Array(CommandLine.arguments.dropFirst()),
        folder: FileManager.default.currentDirectoryPath, reading: survey.options,
        metrics: job.metrics.map(\.name), precision: arguments.precision.rawValue,
        options: job.options),
      number: job.number, alignment: activations.alignment,
      sampleDigest: activations.sampleDigest.hexadecimal,
      inputs: survey.inputFiles.map { file in
        var file = file
        file.sha256 = digests[file.path] ?? ""
        return file
      },
      models: survey.models,
      layers: survey.layers.enumerated().map { index, layer in
        ShardRecord.Layer(
          model: layer.model, name: layer.name, order: layer.order, depth: layer.depth,
          isOutput: layer.isOutput, source: survey.source(of: layer),
          state: contents[index].map { .read(content: $0) }
            ?? (members.contains(index) ? .leftOut : .elsewhere))
      },
      notes: activations.notes, skipped: activations.skipped)
  }

  /// Unlike a cache, the store of a shard is its result: without it the run has failed.
  private func asShardFailure<Result>(
    _ folder: String, _ body: () throws -> Result
  ) throws -> Result {
    do {
      return try body()
    } catch let failure as StoreFailure {
      throw Self.shardFailure(folder, failure)
    }
  }

  private static func shardFailure(_ folder: String, _ failure: StoreFailure) -> Failure {
    Failure(
      "the results of the shard cannot be kept in \(folder): \(failure)",
      help: "make room, or choose another folder with -o; then run the shard again",
      exitCode: Exit.outOfResources)
  }
}

extension Survey {
  /// The place of each representation among the layers of the survey.
  fileprivate func places(of activations: ActivationSet) -> [Int] {
    struct Key: Hashable {
      var file: String
      var dataset: String
    }
    let places = Dictionary(
      layers.enumerated().map { index, layer in
        let source = source(of: layer)
        return (Key(file: source.file, dataset: source.dataset), index)
      }, uniquingKeysWith: { first, _ in first })
    return activations.representations.compactMap {
      places[Key(file: $0.source.file, dataset: $0.source.dataset)]
    }
  }
}
