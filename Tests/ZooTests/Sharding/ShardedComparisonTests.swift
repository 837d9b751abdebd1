import Activations
import Foundation
import LinearAlgebra
import Metrics
import Store
import Testing

@testable import Zoo

/// Shards put together give what one run gives.
@Suite struct ShardedComparisonTests {
  private let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("shard-tests-\(UUID().uuidString)").path

  /// Linear kernels, factors, vectors, pair by pair, and one that is not symmetric.
  private let metrics: [any SimilarityMetric] = [
    DebiasedCKA(), LinearCKA(), SVCCA(), RBFCKA(), MutualKNN(), LinearPredictivity(),
  ]

  /// Narrow, wide, constant and equal layers.
  private let zoo: ActivationSet = {
    var generator = SeededGenerator(seed: 3)
    var matrices = [3, 40, 17, 90, 8, 25].map {
      generator.gaussianMatrix(rows: 30, columns: $0)
    }
    matrices.append(Matrix(rows: 30, columns: 4, repeating: 0.7))
    matrices.append(matrices[2])
    return ActivationSet(
      models: [ModelRecord(name: "m")],
      representations: matrices.enumerated().map { index, matrix in
        Representation(
          matrix: matrix, model: 0, layer: "l\(index)", order: index, depth: 0,
          source: .init(
            file: "m.h5", dataset: "/l\(index)", shape: [matrix.rows, matrix.columns], dims: "n d",
            evidence: "test", pooling: "none", elementType: "float64"))
      },
      alignment: .positional(samples: 30))
  }()

  private var shapes: [RepresentationShape] {
    zoo.representations.map {
      RepresentationShape(
        samples: 30, features: $0.values.columns, elementBytes: 8, isPooled: false)
    }
  }

  /// Computes one shard with its own layers alone.
  private func compute(
    _ shard: ShardPlan.Shard, of zoo: ActivationSet? = nil, in folder: String,
    precision: Precision = .double
  ) throws {
    let zoo = zoo ?? self.zoo
    var part = zoo
    part.representations = shard.members.map { zoo.representations[$0] }
    let store = try PairStore(folder: folder, isExclusive: true)
    let ledger = try PairLedger(
      store, digests: PairLedger.digests(of: part), metrics: metrics,
      precision: precision.rawValue, implementation: "1",
      isWanted: { shard.contains(shard.members[$0], shard.members[$1]) })
    _ = try ZooComparison(
      of: part, metrics: metrics, resources: Resources(precision: precision), ledger: ledger)
    #expect(ledger.finish() == nil)
    try store.seal()
  }

  @Test(arguments: [1, 2, 3, 7, 50])
  func theUnionOfShardsIsTheUndividedRun(count: Int) throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let shards = ShardPlan(shapes: shapes, metrics: metrics, count: count).shards
    let store = try PairStore(folder: folder + "/all")
    for (index, shard) in shards.enumerated() {
      let place = folder + "/\(index)"
      try compute(shard, in: place)
      #expect(try FileManager.default.contentsOfDirectory(atPath: place) == ["pairs.sqlite"])
      try store.add(contentsOf: place)
    }
    let ledger = try PairLedger(
      store, digests: PairLedger.digests(of: zoo), metrics: metrics, precision: "double",
      implementation: "2", others: ["1"])
    let merged = try ZooComparison(of: zoo, metrics: metrics, ledger: ledger) { _ in
      Issue.record("something was computed")
    }
    let plain = try ZooComparison(of: zoo, metrics: metrics)
    #expect(merged.diagnostics == plain.diagnostics)
    for (matrix, expected) in zip(merged.matrices, plain.matrices) {
      for a in 0..<expected.count {
        for b in 0..<expected.count {
          switch (matrix[a, b], expected[a, b]) {
          case (.value(let x), .value(let y)):
            #expect(abs(x - y) <= 1e-13, "\(expected.metric) \(a) \(b)")
            // One of two layers with the same numbers stands for both.
            if count == 1, ![a, b].contains(2), ![a, b].contains(7) {
              #expect(x.bitPattern == y.bitPattern)
            }
          case (let cell, let other): #expect(cell == other, "\(expected.metric) \(a) \(b)")
          }
        }
      }
    }
  }

  /// Of the wide layer little is left without bias, so that its products are repeated in double
  /// precision; in which shard it is must not matter to the others.
  @Test(arguments: [1, 3, 7])
  func singlePrecisionDoesNotDependOnTheShardsEither(count: Int) throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var generator = SeededGenerator(seed: 5)
    var zoo = zoo
    zoo.representations[0].values = StoredMatrix(
      generator.gaussianMatrix(rows: 30, columns: 4000))
    let linear: [any SimilarityMetric] = [DebiasedCKA(), LinearCKA()]
    let store = try PairStore(folder: folder + "/all")
    let shards = ShardPlan(shapes: shapes, metrics: metrics, count: count).shards
    for (index, shard) in shards.enumerated() {
      try compute(shard, of: zoo, in: folder + "/\(index)", precision: .single)
      try store.add(contentsOf: folder + "/\(index)")
    }
    let ledger = try PairLedger(
      store, digests: PairLedger.digests(of: zoo), metrics: linear, precision: "single",
      implementation: "1")
    let plain = try ZooComparison(
      of: zoo, metrics: linear, withDiagnostics: false, resources: Resources(precision: .single))
    for (metric, expected) in zip(linear, plain.matrices) {
      for a in 0..<expected.count {
        for b in 0..<expected.count {
          guard let y = expected[a, b].value else { continue }
          let x = try #require(ledger.known(metric)[a, b]?.value)
          // Rounded values differ by one step at most.
          #expect(abs(x - y) <= (a == 0 || b == 0 ? 1e-13 : 0x1p-20), "\(metric.name) \(a) \(b)")
        }
      }
    }
  }

  /// A shard computes nothing beyond its own pairs.
  @Test func aShardKeepsItsOwnPairsAlone() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let shards = ShardPlan(shapes: shapes, metrics: metrics, count: 3).shards
    try compute(shards[1], in: folder)
    let ledger = try PairLedger(
      PairStore(folder: folder), digests: PairLedger.digests(of: zoo), metrics: metrics,
      precision: "double", implementation: "1")
    // Layers 2 and 7 have the same content, so that a result of the one is one of the other.
    let others = zoo.representations.indices.filter { ![2, 7].contains($0) }
    for a in others {
      for b in others {
        for metric in metrics {
          #expect((ledger.known(metric)[a, b] != nil) == shards[1].contains(a, b))
        }
      }
    }
  }
}
