import Activations
import Foundation
import LinearAlgebra
import Metrics
import Store
import Zoo

extension Run {
  /// What earlier runs have left in a folder. A cache that cannot be used is a warning, and there is
  /// none.
  ///
  /// Whoever asks holds the ledger while comparing, but nobody holds `activations` for it: values are
  /// given up one by one as they are used for the last time.
  func ledger(
    in folder: String?, _ activations: ActivationSet, _ metrics: [any SimilarityMetric]
  ) throws -> OpenLedger? {
    guard let folder, let store = try openStore(in: folder) else { return nil }
    let terminal = terminal
    do {
      let digests = try PairLedger.digests(of: activations, threads: threads) {
        terminal.report($0)
      }
      try shards?.check(digests)
      try shards?.addResults(to: store)
      let ledger = try PairLedger(
        store, digests: digests, metrics: metrics, precision: arguments.precision.rawValue,
        implementation: Self.implementation,
        others: (shards?.implementations ?? []).filter { $0 != Self.implementation })
      try shards?.checkCompleteness(of: ledger)
      report(ledger, metrics)
      return OpenLedger(ledger: ledger, store: store)
    } catch let failure as StoreFailure {
      try refuseWithoutShards(failure)
      warn(failure)
      store.close()
      return nil
    } catch {
      store.close()
      throw error
    }
  }

  /// Writes what is left to write and closes the store.
  func close(_ open: OpenLedger?) {
    guard let open else { return }
    if let failure = open.ledger.finish() { warn(failure) }
    open.store.close()
  }

  private func openStore(in folder: String) throws -> PairStore? {
    do throws(StoreFailure) {
      let store = try PairStore(folder: folder)
      for note in store.notes { terminal.warning("the cache starts anew: \(note)") }
      return store
    } catch {
      try refuseWithoutShards(error)
      warn(error)
      return nil
    }
  }

  /// What shards have found is put together in the store; without it nothing is known.
  private func refuseWithoutShards(_ failure: StoreFailure) throws {
    guard shards != nil else { return }
    throw Failure(
      "the shards cannot be put together: \(failure)", help: failure.help,
      exitCode: Exit.outOfResources)
  }

  private func warn(_ failure: StoreFailure) {
    terminal.warning("results are not kept: \(failure)\n  help: \(failure.help)")
  }

  private func report(_ ledger: PairLedger, _ metrics: [any SimilarityMetric]) {
    let known = metrics.map { ledger.known($0) }
    let (found, open) = known.reduce((0, 0)) { ($0.0 + $1.knownCount, $0.1 + $1.unknownCount) }
    guard found > 0 else { return }
    terminal.note("\(found) of \(found + open) results are known from earlier runs")
  }

  /// What decides about the last bits of a result beside the metric: this build of the program and
  /// the kernels of the BLAS library. Results of another build are computed anew, because nobody
  /// can know which of them a change has touched.
  static let implementation: String = {
    let blas = "\(BLASLibrary.configuration) (\(BLASLibrary.coreType))"
    return "universality \(UniversalityTool.version), build \(build), \(blas)"
  }()

  /// The SHA-256 digest of the program.
  static let build =
    Bundle.main.executablePath.flatMap { ContentDigest(ofFile: $0)?.description } ?? "unknown"
}

/// A ledger with the store that it writes to.
struct OpenLedger {
  let ledger: PairLedger
  let store: PairStore
}
