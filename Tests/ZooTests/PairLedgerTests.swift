import Activations
import Foundation
import LinearAlgebra
import Metrics
import Store
import Testing

@testable import Zoo

@Suite struct PairLedgerTests {
  private let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("ledger-tests-\(UUID().uuidString)").path

  private func clean() { try? FileManager.default.removeItem(atPath: folder) }

  private func zoo(_ matrices: [Matrix]) -> ActivationSet {
    ActivationSet(
      models: [ModelRecord(name: "m")],
      representations: matrices.enumerated().map { index, matrix in
        Representation(
          matrix: matrix, model: 0, layer: "l\(index)", order: index, depth: 0,
          source: .init(
            file: "m.h5", dataset: "/l\(index)", shape: [matrix.rows, matrix.columns], dims: "n d",
            evidence: "test", pooling: "none", elementType: "float64"))
      },
      alignment: .positional(samples: matrices.first?.rows ?? 0))
  }

  private func random(_ columns: Int, _ seed: UInt64) -> Matrix {
    var generator = SeededGenerator(seed: seed)
    return generator.gaussianMatrix(rows: 20, columns: columns)
  }

  private let metrics: [any SimilarityMetric] = [
    DebiasedCKA(), SVCCA(), LinearPredictivity(), Procrustes(),
  ]

  private func ledger(
    _ store: PairStore, _ zoo: ActivationSet, _ metrics: [any SimilarityMetric]? = nil,
    implementation: String = "1"
  ) throws -> PairLedger {
    try PairLedger(
      store, digests: PairLedger.digests(of: zoo), metrics: metrics ?? self.metrics,
      precision: "double",
      implementation: implementation)
  }

  @Test func whatOneRunHasFoundTheNextKnowsToTheBit() throws {
    defer { clean() }
    let constant = Matrix(rows: 20, columns: 4, repeating: 0.7)
    let zoo = zoo([random(3, 0), constant, random(30, 1), random(8, 2)])
    let store = try PairStore(folder: folder)
    let first = try ledger(store, zoo)
    #expect(metrics.allSatisfy { first.known($0).knownCount == 0 })
    let computed = try ZooComparison(of: zoo, metrics: metrics, ledger: first)
    let plain = try ZooComparison(of: zoo, metrics: metrics)
    #expect(computed.matrices == plain.matrices)
    #expect(computed.diagnostics == plain.diagnostics)
    #expect(first.finish() == nil)

    let second = try ledger(store, zoo)
    let found = try ZooComparison(of: zoo, metrics: metrics, ledger: second) { _ in
      Issue.record("something was computed")
    }
    #expect(found.matrices == plain.matrices)
    #expect(found.diagnostics == plain.diagnostics)
    #expect(found.routes.values.allSatisfy { $0 == "found in the cache" })
    // Also without the diagnostics, and for fewer metrics in another order.
    let some = Array(metrics.dropLast().reversed())
    let few = try ZooComparison(
      of: zoo, metrics: some, withDiagnostics: false, ledger: try ledger(store, zoo, some))
    #expect(few.matrices == Array(plain.matrices.dropLast().reversed()))
    #expect(few.diagnostics.isEmpty)
    // Another build of the program finds nothing.
    let other = try ledger(store, zoo, implementation: "2")
    #expect(metrics.allSatisfy { other.known($0).knownCount == 0 })
  }

  /// 12 and 20 directions of 19 pairs of samples: what is said of saturation does not depend on what was
  /// computed in this run, with or without diagnostics.
  @Test(arguments: [true, false]) func saturationIsToldAlsoFromTheCache(
    withDiagnostics: Bool
  ) throws {
    defer { clean() }
    let metrics: [any SimilarityMetric] = [CCA(), DebiasedCKA()]
    let zoo = zoo([random(12, 0), random(18, 1), random(5, 2)])
    func notes(_ store: PairStore, _ zoo: ActivationSet) throws -> [String] {
      let ledger = try ledger(store, zoo, metrics)
      let comparison = try ZooComparison(
        of: zoo, metrics: metrics, withDiagnostics: withDiagnostics, ledger: ledger)
      #expect(ledger.finish() == nil)
      return comparison.notes
    }
    let store = try PairStore(folder: folder)
    let cold = try notes(store, zoo)
    #expect(cold.count == 1 && cold[0].hasPrefix("cca is saturated for 2 of 3 pairs"))
    #expect(try notes(store, zoo) == cold)
    // One more layer: the directions of the others are known, its own are not.
    let more = self.zoo([random(12, 0), random(18, 1), random(5, 2), random(17, 3)])
    let added = try notes(store, more)
    #expect(added.count == 1 && added[0].hasPrefix("cca is saturated for 5 of 6 pairs"))
  }

  @Test func anAddedModelLeavesItsOwnPairsToCompute() throws {
    defer { clean() }
    let old = [random(3, 0), random(9, 1), random(30, 2)]
    let store = try PairStore(folder: folder)
    let first = try ledger(store, zoo(old))
    let before = try ZooComparison(of: zoo(old), metrics: metrics, ledger: first)
    #expect(first.finish() == nil)
    // In front, in the middle and at the end.
    let new = [random(5, 3), old[2], random(6, 4), old[0], old[1], random(2, 5)]
    let second = try ledger(store, zoo(new))
    for (metric, earlier) in zip(metrics, before.matrices) {
      let known = second.known(metric)
      #expect(known.needed == [0, 1, 2, 3, 4, 5])
      #expect(known.cover == [0, 2, 5])
      #expect(known.knownCount == (metric.isSymmetric ? 6 : 9))
      #expect(known.unknownCount == (metric.isSymmetric ? 15 : 27))
      for (a, i) in [(1, 2), (3, 0), (4, 1)] {
        for (b, j) in [(1, 2), (3, 0), (4, 1)] { #expect(known[a, b] == earlier[i, j]) }
      }
      #expect(known[0, 1] == nil && known[5, 5] == nil)
      #expect(known.matrix[0, 1].reason == "not computed")
    }
    let comparison = try ZooComparison(of: zoo(new), metrics: metrics, ledger: second)
    let plain = try ZooComparison(of: zoo(new), metrics: metrics)
    for (matrix, expected) in zip(comparison.matrices, plain.matrices) {
      for a in 0..<6 {
        for b in 0..<6 {
          let (x, y) = (try #require(matrix[a, b].value), try #require(expected[a, b].value))
          #expect(abs(x - y) <= 1e-12)
        }
      }
    }
    #expect(comparison.diagnostics == plain.diagnostics)
  }

  /// One content twice: what is known of the one is known of the other.
  @Test func equalContentsShareTheirResults() throws {
    defer { clean() }
    let store = try PairStore(folder: folder)
    let (x, y) = (random(4, 0), random(7, 1))
    let first = try ledger(store, zoo([x, y]))
    _ = try ZooComparison(of: zoo([x, y]), metrics: metrics, ledger: first)
    #expect(first.finish() == nil)
    let second = try ledger(store, zoo([y, x, y]))
    #expect(metrics.allSatisfy { second.known($0).isComplete })
    #expect(second.known(metrics[2])[0, 1] == known(store, [y, x], metrics[2]))
    // The same numbers in another order of samples are another content.
    let shuffled = zoo([x.selectingRows((0..<20).reversed()), y])
    #expect(try ledger(store, shuffled).known(metrics[0]).knownCount == 1)
  }

  private func known(
    _ store: PairStore, _ matrices: [Matrix], _ metric: any SimilarityMetric
  ) -> SimilarityMatrix.Cell? {
    (try? ledger(store, zoo(matrices), [metric]))?.known(metric)[0, 1]
  }

  @Test func singleCellsAreKeptFromAnyThread() throws {
    defer { clean() }
    let zoo = zoo((0..<12).map { random(3, $0) })
    let store = try PairStore(folder: folder)
    let first = try ledger(store, zoo)
    let (cka, predictivity) = (metrics[0], metrics[2])
    DispatchQueue.concurrentPerform(iterations: 12) { a in
      first.keep((a..<12).map { (a, $0, .value(Double(a * 100 + $0))) }, metric: cka)
      first.keep([(a, 0, .missing(reason: "row \(a)"))], metric: predictivity)
    }
    #expect(first.finish() == nil)
    let second = try ledger(store, zoo)
    #expect(second.known(cka).isComplete)
    for a in 0..<12 {
      for b in 0..<12 {
        #expect(second.known(cka)[b, a] == .value(Double(min(a, b) * 100 + max(a, b))))
        #expect(
          second.known(predictivity)[a, b] == (b == 0 ? .missing(reason: "row \(a)") : nil))
      }
    }
    // All others with 0, and 0 with itself: one representation covers none of the other pairs.
    #expect(second.known(predictivity).cover.count == 11)
  }

  /// The values were known without the number of components that run.json tells.
  @Test func aReportAfterAComparisonStillHasItsDirections() throws {
    defer { clean() }
    let zoo = zoo([random(3, 0), random(30, 1)])
    let store = try PairStore(folder: folder)
    let first = try ledger(store, zoo)
    _ = try ZooComparison(of: zoo, metrics: metrics, withDiagnostics: false, ledger: first)
    #expect(first.finish() == nil)
    let expected = try ZooComparison(of: zoo, metrics: metrics).diagnostics
    for _ in 0..<2 {
      let next = try ledger(store, zoo)
      let report = try ZooComparison(of: zoo, metrics: metrics, ledger: next)
      #expect(report.diagnostics == expected)
      #expect(report.diagnostics[1].directions["svcca"] != nil)
      #expect(next.finish() == nil)
    }
  }
}
